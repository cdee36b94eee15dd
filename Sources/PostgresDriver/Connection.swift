import CLibpq
public import DoubleWrite

/// A connection to a PostgreSQL server: synchronous, for one thread at a time.
///
/// Every call blocks until the server has answered. Do not call it on Swift's cooperative pool.
public final class PostgresConnection {
    /// libpq's connection; this object is its one owner. `nil` once closed.
    private(set) var handle: OpaquePointer?
    private let notices = NoticeSink()
    /// The texts of the statements that were prepared here, by the name on the server.
    var preparedStatements: [String: String] = [:]
    /// How often prepared statements were forgotten: a part of their names on the server.
    var preparedGeneration = 0

    /// A number that advances whenever a transaction begins, ends, or rolls back to a savepoint: what was read in
    /// a transaction holds as long as it stays the same.
    public private(set) var transactionNumber = 0
    /// How often a statement was sent and its answer awaited.
    public private(set) var roundTrips = 0
    private var wasInTransaction = false
    private var isBoundaryNoted = false

    /// For how long nothing may be heard of the server before another connection is made to ask it whether it still works
    /// on the statement. Where it does not, or does not answer either, the connection is lost; where it does, it is
    /// waited for, however long that takes. So no wait is without a limit, and no statement is cut off by one.
    public var silenceLimit = Duration.seconds(60)
    /// How this connection was made, for another one like it.
    private let origin: (location: String, applicationName: String?)
    /// Whether this is the one that asks after another.
    let isQuestion: Bool

    /// Connects.
    ///
    /// The session speaks UTF-8 and takes backslashes in strings literally. Keepalives notice a dead peer.
    ///
    /// - Parameters:
    ///   - location: `postgres://user@host:port/database`, libpq's `key=value` form, or nothing. libpq's `PG*`
    ///     environment variables and password file apply to what is not said.
    ///   - applicationName: What `pg_stat_activity` shows; wins over what the location says.
    /// - Throws: The location cannot be read, or the server not be reached. The password is never in the error.
    public convenience init(_ location: String, applicationName: String? = nil) throws(PostgresError) {
        try self.init((location, applicationName), isQuestion: false, silenceLimit: .seconds(60))
    }

    /// A connection that asks after `other`, and is lost where nothing is heard of the server for ten seconds.
    convenience init(question other: PostgresConnection) throws(PostgresError) {
        try self.init(other.origin, isQuestion: true, silenceLimit: min(other.silenceLimit, .seconds(10)))
    }

    private init(
        _ origin: (location: String, applicationName: String?), isQuestion: Bool, silenceLimit: Duration
    ) throws(PostgresError) {
        self.origin = origin
        self.isQuestion = isQuestion
        self.silenceLimit = silenceLimit
        handle = try Self.connect(Location(origin.location), origin.applicationName)
        if let handle {
            notices.attach(to: handle)
            // Nothing that libpq does blocks from here on: what waits is `listen(for:)`.
            PQsetnonblocking(handle, 1)
        }
        // Reported by the server, and followed by poolers: asked for only where it is not so already.
        if parameter("standard_conforming_strings") != "on" {
            _ = try execute("SET standard_conforming_strings = on")
        }
        roundTrips = 0
    }

    deinit { close() }

    /// Closes the connection; every later call fails. An open transaction is rolled back by the server.
    public func close() {
        guard let open = handle else { return }
        handle = nil
        PQfinish(open)
    }

    /// Runs one statement with parameters, by the extended protocol, unprepared.
    ///
    /// - Throws: What the server says; also for several statements in one text.
    public func query(_ sql: String, _ parameters: [SQLValue] = []) throws(PostgresError) -> ResultSet {
        let handle = try usable(sql)
        let block = try ParameterBlock(parameters)
        let sent = block.withPointers { PQsendQueryParams(handle, sql, $0, nil, $1, nil, nil, 0) }
        return try answer(sent, to: sql, hiding: parameters).first ?? ResultSet()
    }

    /// Runs a text of one or more statements by the simple protocol: in one transaction, unless the text says
    /// otherwise itself.
    ///
    /// - Returns: A result for each statement.
    /// - Throws: The first error; nothing behind it was run.
    public func execute(_ script: String) throws(PostgresError) -> [ResultSet] {
        let handle = try usable(script)
        return try answer(PQsendQuery(handle, script), to: script)
    }

    /// What receives the server's notices and warnings; without it they are dropped.
    public var onNotice: ((PostgresNotice) -> Void)? {
        get { notices.receive }
        set { notices.receive = newValue }
    }

    /// Something that can cancel a running statement from another thread.
    public func canceller() -> PostgresCanceller { PostgresCanceller(handle) }
}

@available(*, unavailable)
extension PostgresConnection: Sendable {}

// MARK: - Sending and reading

extension PostgresConnection {
    /// The open connection, for a statement that can be sent.
    func usable(_ sql: String) throws(PostgresError) -> OpaquePointer {
        guard let handle else {
            throw PostgresError(
                sqlState: SQLState.connectionFailure, message: "the connection is closed",
                isConnectionLost: true)
        }
        guard !sql.utf8.contains(0) else { throw PostgresError.zeroByte(in: "the statement") }
        return handle
    }

    /// Reads everything that the server answers to what was sent, and what became of the transaction.
    ///
    /// The first error counts: behind the server's last words libpq adds one of its own.
    func answer(
        _ sent: Int32, to sql: String, hiding parameters: [SQLValue] = []
    ) throws(PostgresError) -> [ResultSet] {
        roundTrips += 1
        defer { noteStatus() }
        var failure: PostgresError?
        if sent != 1 { failure = unsent().hiding(parameters.compactMap(\.text)) }
        var results: [ResultSet] = []
        while true {
            if let silence = listen(for: sql) { failure = failure ?? silence }
            guard let pointer = PQgetResult(handle) else { break }
            do throws(PostgresError) {
                results.append(try read(ServerResult(pointer), hiding: parameters))
            } catch {
                failure = failure ?? error
            }
        }
        guard var failure else { return results }
        failure.isConnectionLost = isLost
        throw failure
    }

    private func unsent() -> PostgresError {
        let text = PQerrorMessage(handle).map { String(cString: $0).trimmed } ?? "libpq does not say why"
        return explained(PostgresError(message: "the statement could not be sent: " + text))
    }

    private func read(
        _ result: consuming ServerResult, hiding parameters: [SQLValue] = []
    ) throws(PostgresError) -> ResultSet {
        switch result.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE:
            noteCommand(result.commandTag)
            return result.resultSet()
        case PGRES_EMPTY_QUERY:
            return ResultSet()
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            endCopy(result.status)
            throw PostgresError(
                sqlState: SQLState.featureNotSupported,
                message: "COPY to or from the client is not supported; use INSERT or SELECT")
        default:
            throw explained(result.error()).hiding(parameters.compactMap(\.text))
        }
    }

    /// The error with the reason for a lost connection, where the server gave one.
    private func explained(_ error: PostgresError) -> PostgresError {
        // An error of libpq's own. Where sending failed, libpq has yet to find out that there is nobody to send to.
        if error.sqlState == nil, !isLost { PQconsumeInput(handle) }
        guard isLost else { return error }
        var explained = error
        explained.isConnectionLost = true
        if error.sqlState == nil {
            explained.sqlState = notices.lastWords?.sqlState ?? SQLState.connectionFailure
            explained.message = notices.lastWords?.message ?? error.message
            explained.severity = "FATAL"
        }
        return explained
    }

    /// Leaves the COPY state, so that the connection stays usable.
    private func endCopy(_ status: ExecStatusType) {
        if status == PGRES_COPY_IN || status == PGRES_COPY_BOTH {
            PQputCopyEnd(handle, "not supported")
        }
        if status != PGRES_COPY_IN {
            var row: UnsafeMutablePointer<CChar>?
            while PQgetCopyData(handle, &row, 0) > 0 { PQfreemem(row) }
        }
        while let rest = PQgetResult(handle) { PQclear(rest) }
    }

    private static func connect(
        _ location: Location, _ applicationName: String?
    ) throws(PostgresError) -> OpaquePointer {
        let parameters = location.parameters(applicationName: applicationName)
        guard !parameters.contains(where: { $0.1.utf8.contains(0) }) else {
            throw PostgresError.zeroByte(in: "the application's name")
        }
        // The block's layout is what libpq wants here as well: texts that end with a zero byte.
        let names = try ParameterBlock(parameters.map { .text($0.0) } + [.null])
        let values = try ParameterBlock(parameters.map { .text($0.1) } + [.null])
        let handle = names.withPointers { _, names in
            values.withPointers { _, values in PQconnectdbParams(names, values, 1) }
        }
        guard let handle else { throw PostgresError(message: "libpq is out of memory") }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            throw refusal(handle, location)
        }
        return handle
    }

    private static func refusal(_ handle: OpaquePointer, _ location: Location) -> PostgresError {
        let text = PQerrorMessage(handle).map { String(cString: $0).trimmed } ?? "libpq does not say why"
        let used = PQpass(handle).map { String(cString: $0) }
        return PostgresError(
            sqlState: SQLState.unableToConnect, message: "cannot connect to PostgreSQL: \(text)",
            severity: "FATAL"
        ).hiding([location.password, used].compactMap(\.self))
    }
}

// MARK: - The state of the session

extension PostgresConnection {
    /// Whether a transaction is open, failed or not.
    public var isInTransaction: Bool {
        let status = PQtransactionStatus(handle)
        return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN
    }

    /// Whether a transaction is open and has failed: only a rollback is possible.
    public var isTransactionFailed: Bool { PQtransactionStatus(handle) == PQTRANS_INERROR }

    /// Whether the connection is closed or broken.
    public var isLost: Bool { PQstatus(handle) != CONNECTION_OK }

    /// The process of the server that serves this connection (`pg_backend_pid()`).
    public var backendID: Int32 { PQbackendPID(handle) }

    /// The server's version: `150018` for 15.18.
    public var serverVersion: Int { Int(PQserverVersion(handle)) }

    /// A setting that the server reports by itself, as `server_encoding` or `in_hot_standby`.
    public func parameter(_ name: String) -> String? {
        PQparameterStatus(handle, name).map { String(cString: $0) }
    }

    /// The names of the database, the user and the server: what may be shown of where this connection leads.
    public var database: String { PQdb(handle).map { String(cString: $0) } ?? "" }
    /// See ``database``.
    public var user: String { PQuser(handle).map { String(cString: $0) } ?? "" }
    /// See ``database``. A folder for a Unix socket.
    public var host: String { PQhost(handle).map { String(cString: $0) } ?? "" }

    /// `ROLLBACK` is also what the server answers to ROLLBACK TO, and to the COMMIT of a failed transaction.
    private func noteCommand(_ tag: String) {
        switch tag {
        case "BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK", "PREPARE TRANSACTION":
            transactionNumber += 1
            isBoundaryNoted = true
        default:
            break
        }
    }

    /// What no command says: a COMMIT that fails, a connection that breaks.
    private func noteStatus() {
        if isInTransaction != wasInTransaction, !isBoundaryNoted { transactionNumber += 1 }
        wasInTransaction = isInTransaction
        isBoundaryNoted = false
    }
}
