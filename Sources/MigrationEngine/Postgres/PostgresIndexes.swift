internal import DoubleWrite
internal import MigrationCore
internal import PostgresDriver

extension PostgresDatabase {
    /// An index that bears the wanted name.
    private enum Found {
        case nothing
        case valid
        /// The leftover of a build that was interrupted.
        case invalid
        case somethingElse
    }

    func build(
        _ index: IndexBuild, holding token: String, lasting lease: Duration, waiting: ([Blocker]) -> Void
    ) throws {
        switch try find(index.name, on: index.table) {
        case .valid: return
        case .somethingElse:
            throw EngineError(.index(name: index.name, message: "the name belongs to something else already"))
        case .invalid: try beside(token, drop(index.name, index.table), waiting)
        case .nothing: break
        }
        do {
            try beside(token, index.statement, waiting)
        } catch let failure as DatabaseFailure {
            // A build that fails leaves an invalid index, which costs every write. The next build would drop
            // it first.
            if case .invalid = try find(index.name, on: index.table) {
                try? beside(token, drop(index.name, index.table), waiting)
            }
            guard failure.kind == .other else { throw failure }
            throw EngineError(
                .index(
                    name: index.name,
                    message: "it cannot be built [\(failure.code ?? "?")]: \(failure.message)"))
        }
        guard case .valid = try find(index.name, on: index.table) else {
            throw EngineError(.index(name: index.name, message: "it was built, but is not valid"))
        }
    }

    func drop(
        _ index: IndexDrop, holding token: String, lasting lease: Duration, waiting: ([Blocker]) -> Void
    ) throws {
        if case .nothing = try find(index.name, on: index.table) { return }
        try beside(token, index.statement, waiting)
    }

    private func drop(_ name: String, _ table: TableName) -> String {
        "DROP INDEX CONCURRENTLY IF EXISTS "
            + dialect.quote(TableName(schema: table.schema ?? dialect.defaultSchema, name))
    }

    /// Runs `statement` on a session of its own, outside any transaction, while a second one holds the lease.
    ///
    /// A timeout would end a concurrent build while it waits for old snapshots, and leave an invalid index;
    /// it takes no lock that blocks writers. The second session is in READ COMMITTED and idle, and so holds
    /// no snapshot that the build would wait for.
    private func beside(_ token: String, _ statement: String, _ waiting: ([Blocker]) -> Void) throws {
        let holder = try connect()
        defer { holder.close() }
        try holder.execute(
            """
            BEGIN ISOLATION LEVEL READ COMMITTED;
            SET LOCAL idle_in_transaction_session_timeout = 0
            """)
        // By the simple protocol: the extended one's portal would keep its snapshot until the next statement,
        // and the build would wait for that for ever.
        let held = try holder.connection.execute(
            "SELECT 1 FROM bellows.lease WHERE token = \(dialect.literal(token)) FOR KEY SHARE")
        guard held.first?.scalar != nil else { throw EngineError(.leaseLost(by: nil)) }
        let running = BackgroundStatement(statement, at: address, name: Self.name(ofRunner: runner))
        try running.wait {
            guard let backend = running.backendID, let blockers = try? blockers(ofBackend: backend) else {
                return
            }
            if !blockers.isEmpty { waiting(blockers) }
        }
    }

    private func find(_ name: String, on table: TableName) throws -> Found {
        let row = try main.query(
            """
            SELECT c.relkind IN ('i', 'I') AND i.indrelid = to_regclass($3), i.indisvalid
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
            WHERE n.nspname = $1 AND c.relname = $2
            """,
            [
                .text(table.schema ?? dialect.defaultSchema), .text(name), .text(dialect.quote(table)),
            ]
        ).rows.first
        guard let row else { return .nothing }
        guard row[0].boolean ?? false else { return .somethingElse }
        return row[1].boolean ?? false ? .valid : .invalid
    }
}
