internal import DoubleWrite
internal import PostgresDriver

/// A connection to PostgreSQL in the engine's words.
final class PostgresSession: SQLSession {
    let connection: PostgresConnection
    let dialect = Dialect.postgres

    init(_ location: String, name: String, silenceLimit: Duration = .seconds(60)) throws {
        do {
            connection = try PostgresConnection(location, applicationName: name)
            connection.silenceLimit = silenceLimit
        } catch {
            throw DatabaseFailure(error)
        }
    }

    func query(_ sql: String, _ parameters: [SQLValue]) throws -> ResultSet {
        do {
            return try connection.query(sql, parameters)
        } catch {
            throw Self.failure(error)
        }
    }

    func execute(_ script: String) throws { _ = try results(of: script) }

    /// A result for each of several statements without parameters.
    func results(of script: String) throws -> [ResultSet] {
        do {
            return try connection.execute(script)
        } catch {
            throw Self.failure(error)
        }
    }

    /// An error on a connection that there was.
    static func failure(_ error: PostgresError) -> DatabaseFailure {
        var failure = DatabaseFailure(error)
        failure.isLoss = failure.kind == .connection
        return failure
    }

    /// Whether somebody else answered when we connected than answers now: the number of a server process that a pooler
    /// gives its clients is its own.
    func isPooled() throws -> Bool {
        try query("SELECT pg_backend_pid()", []).scalar?.integer != Int64(connection.backendID)
    }

    var isInTransaction: Bool { connection.isInTransaction }

    func close() { connection.close() }
}

extension DatabaseFailure {
    /// What the engine makes of an error of PostgreSQL's. Its detail is left out, as what it quotes of a row.
    init(_ error: PostgresError) {
        self.init(
            kind: Self.kind(of: error), code: error.sqlState, message: error.messageWithoutValues,
            hint: Self.isPolicy(error) ? Self.policyHint : error.hint)
    }

    /// Whether rows would have been passed over silently, if ``PostgresDatabase`` had not forbidden it.
    private static func isPolicy(_ error: PostgresError) -> Bool {
        error.sqlState == "42501" && error.message.contains("row-level security")
    }

    private static let policyHint = """
        rows that a policy hides from this role would be neither copied nor counted, and lost; run as a \
        superuser or a role with BYPASSRLS, or, as the table's owner, ALTER TABLE ... NO FORCE ROW LEVEL \
        SECURITY until the migration is finished
        """

    private static func kind(of error: PostgresError) -> Kind {
        if error.isConnectionLost { return .connection }
        return switch error.sqlState {
        case SQLState.lockNotAvailable: .lockNotAvailable
        case SQLState.serializationFailure, SQLState.deadlockDetected: .conflict
        case SQLState.unableToConnect, SQLState.connectionFailure, SQLState.cannotConnectNow: .connection
        case SQLState.readOnlySQLTransaction: .readOnly
        case SQLState.undefinedColumn, SQLState.undefinedTable, SQLState.undefinedSchema: .missingName
        case SQLState.queryCanceled: .cancelled
        case SQLState.diskFull, SQLState.configurationLimitExceeded: .diskFull
        default: .other
        }
    }
}
