internal import DoubleWrite
internal import MigrationCore
internal import PostgresDriver

/// PostgreSQL, from version 14.
final class PostgresDatabase: TargetDatabase {
    let location: DatabaseLocation
    let address: String
    /// Tells this runner's connections from all others: what they call themselves.
    let runner: String
    let main: PostgresSession
    /// The address of the server itself, where ``address`` is a pooler's.
    let direct: String?
    /// See ``Settings/silenceLimit``.
    let silenceLimit: Duration
    /// Whether something between us and the server hands out its sessions, so that ours is another one each transaction.
    let isPooled: Bool
    var patience = LockPatience()
    let words = StateWords(
        dialect: .postgres, now: "(extract(epoch FROM clock_timestamp()) * 1000)::bigint",
        countingKey: "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY")

    var session: any SQLSession { main }

    /// Connects.
    init(
        _ address: String, runner: String, direct: String? = nil, silenceLimit: Duration = .seconds(60)
    ) throws {
        self.direct = direct
        self.silenceLimit = silenceLimit
        self.address = address
        self.runner = runner
        location = .postgres(address)
        main = try PostgresSession(
            address, name: Self.name(ofRunner: runner), silenceLimit: silenceLimit)
        isPooled = try main.isPooled()
        guard main.connection.serverVersion >= 140_000 else {
            throw EngineError(
                .connection(
                    location: location.description, code: nil,
                    message: "the server is older than PostgreSQL 14, the oldest that is supported"))
        }
    }

    /// What the connections of a runner call themselves.
    static func name(ofRunner token: String) -> String { "bellows/" + token.prefix(8) }

    func close() { main.close() }

    // MARK: - Transactions

    func begin(_ purpose: TransactionPurpose) throws { try main.execute(script(beginning: purpose)) }

    /// What begins a transaction; several statements.
    ///
    /// - Throws: Nothing can be written here.
    func script(beginning purpose: TransactionPurpose) throws -> String {
        let timeout =
            switch purpose {
            case .state: Duration.seconds(5)
            case .step(let lockTimeout), .batch(let lockTimeout): lockTimeout
            }
        guard main.connection.parameter("in_hot_standby") != "on" else {
            throw DatabaseFailure(kind: .readOnly, code: nil, message: "the server is a standby")
        }
        // Everything is for this transaction alone: behind a pooler the session is not ours.
        var script = "BEGIN ISOLATION LEVEL READ COMMITTED; " + settings(lockTimeout: timeout)
        if case .batch = purpose { script += "; SET LOCAL synchronous_commit = off" }
        return script
    }

    func beginReading(with processes: Int?) throws {
        var script =
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; " + settings(lockTimeout: patience.lockTimeout)
        if let processes {
            let name = "max_parallel_workers_per_gather"
            let helpers = "least(current_setting('\(name)')::integer, \(max(0, processes - 1)))::text"
            script += "; SELECT set_config('\(name)', \(helpers), true)"
        }
        try main.execute(script)
    }

    /// What every transaction of ours is told: to give up a lock soon, to take its time otherwise, and to
    /// fail rather than to pass over rows that a policy hides. Where nothing is heard of us any more it ends: a runner
    /// whose machine or network is gone keeps nobody waiting for its locks.
    func settings(lockTimeout: Duration) -> String {
        """
        SET LOCAL lock_timeout = \(max(1, lockTimeout.inMilliseconds));
        SET LOCAL statement_timeout = 0;
        SET LOCAL idle_in_transaction_session_timeout = \(max(1, silenceLimit.inMilliseconds));
        SET LOCAL row_security = off
        """
    }

    func commit() throws {
        // The COMMIT of a transaction that has failed is answered with ROLLBACK, not with an error.
        precondition(!main.connection.isTransactionFailed, "a failed transaction is committed")
        try main.execute("COMMIT")
    }

    func rollback() {
        guard main.isInTransaction else { return }
        // A connection that is lost has rolled back.
        try? main.execute("ROLLBACK")
    }

    // MARK: - State

    func hasState() throws -> Bool {
        try main.query("SELECT to_regclass('bellows.meta') IS NOT NULL").scalar?.boolean ?? false
    }

    /// The key of the lock under which the state is created; any number that nobody else takes.
    private static let stateLock = 0x6265_6c6c_6f77_73

    func prepareState() throws {
        try main.execute("SELECT pg_advisory_xact_lock(\(Self.stateLock))")
        // IF NOT EXISTS asks for the right to create even where there is nothing to create.
        let isThere = try main.query("SELECT to_regnamespace('bellows') IS NOT NULL").scalar?.boolean ?? false
        if !isThere { try main.execute("CREATE SCHEMA bellows") }
    }

    func grantState() throws {
        try main.execute("GRANT USAGE ON SCHEMA bellows TO PUBLIC; GRANT SELECT ON bellows.stages TO PUBLIC")
    }
}
