internal import DoubleWrite
internal import MigrationCore
internal import PostgresDriver

extension PostgresDatabase {
    /// An index that bears the wanted name.
    enum Found {
        case nothing
        case valid
        /// The leftover of a build that was interrupted.
        case invalid
        case somethingElse
    }

    func build(
        _ index: IndexBuild, holding token: String, lasting lease: Duration, waiting: ([Blocker]) -> Void
    ) throws {
        guard index.isPartitioned != true else {
            return try buildParts(index, holding: token, lasting: lease, waiting: waiting)
        }
        let found = try find(index.name, on: index.table)
        switch found {
        case .valid, .invalid: try checkDefinition(index)
        case .somethingElse, .nothing: break
        }
        switch found {
        case .valid: return
        case .somethingElse:
            throw EngineError(.index(name: index.name, message: "the name belongs to something else already"))
        case .invalid: try beside(token, drop(index.name, index.table), waiting)
        case .nothing: break
        }
        do {
            try beside(token, index.statement, waiting)
        } catch let held as Brake.Held {
            // What is left would be dropped concurrently behind the same transactions. They may have no lock on the table.
            if case .invalid = try find(index.name, on: index.table) {
                try? writing(.step(lockTimeout: patience.lockTimeout)) {
                    guard try holdLease(token, lasting: lease) else { throw EngineError(.leaseLost(by: nil)) }
                    let name = TableName(schema: index.table.schema ?? dialect.defaultSchema, index.name)
                    try main.execute("DROP INDEX \(dialect.quote(name))")
                }
            }
            throw held
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
        let isPartitioned = index.isPartitioned == true
        switch try find(index.name, on: index.table) {
        case .nothing: break
        case .valid where isPartitioned, .invalid where isPartitioned:
            try briefly(index.statement, on: index.table, token, lease)
        case .valid, .invalid: try beside(token, index.statement, waiting)
        case .somethingElse:
            throw EngineError(
                .index(
                    name: index.name,
                    message: """
                        the name does not belong to an index of '\(index.table)' any more, and what bears it \
                        is not dropped; rename that, and run the same command again
                        """))
        }
        if isPartitioned { try dropLeftovers(of: index, token, lease) }
    }

    /// That the index that bears the wanted name is the one that the statement builds, whoever built it: the
    /// same is built on an empty table, and taken back.
    func checkDefinition(_ index: IndexBuild) throws {
        let table = dialect.quote(index.table)
        let schema = index.table.schema ?? dialect.defaultSchema
        guard let (kind, definition) = parts(of: index) else {
            throw EngineError(
                .index(
                    name: index.name, message: "it is there already, and may be another; drop or rename that")
            )
        }
        let sample = dialect.quote(TableName(schema: schema, "bellows sample \(runner)"))
        let known = try patience.trying(lockedObject(index.table), of: index.table, in: self) {
            try begin(.step(lockTimeout: patience.lockTimeout))
            defer { rollback() }
            try main.execute("CREATE TABLE \(sample) (LIKE \(table))")
            try main.execute("CREATE \(kind) ON \(sample) \(definition)")
            let indexName = dialect.quote(TableName(schema: schema, index.name))
            return try main.query(
                """
                SELECT \(Self.meaning), (SELECT \(Self.meaning) FROM pg_index AS i
                    WHERE i.indrelid = to_regclass($2)), pg_get_indexdef(i.indexrelid)
                FROM pg_index AS i WHERE i.indexrelid = to_regclass($1)
                """, [.text(indexName), .text(sample)]
            ).rows.first
        }
        guard let known, known[0] != known[1] else { return }
        throw EngineError(
            .index(
                name: index.name,
                message: """
                    '\(index.table)' has another index of that name already, "\(known[2].text ?? "")"; drop or \
                    rename that, and run the same command again
                    """))
    }

    /// The kind of index that the statement builds, and what it says behind the table's name.
    func parts(of index: IndexBuild) -> (kind: String, definition: Substring)? {
        let full = TableName(schema: index.table.schema ?? dialect.defaultSchema, index.table.name)
        for kind in ["UNIQUE INDEX", "INDEX"] {
            for table in [dialect.quote(index.table), dialect.quote(full), full.description] {
                let name = dialect.quote(index.name)
                let start =
                    index.isPartitioned == true
                    ? "CREATE \(kind) \(name) ON ONLY \(table) "
                    : "CREATE \(kind) CONCURRENTLY \(name) ON \(table) "
                guard index.statement.hasPrefix(start) else { continue }
                return (kind, index.statement.dropFirst(start.count))
            }
        }
        return nil
    }

    /// All that makes the index `i` what it is, but for its names and where it is stored.
    /// `indnullsnotdistinct` is there from PostgreSQL 15 on.
    private static let meaning = """
        ROW(i.indisunique, to_jsonb(i)->>'indnullsnotdistinct', i.indnkeyatts, i.indclass, i.indcollation,
            i.indoption, (SELECT c.relam FROM pg_class AS c WHERE c.oid = i.indexrelid),
            ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, false) FROM generate_series(1, i.indnatts) AS n),
            pg_get_expr(i.indpred, i.indrelid))::text
        """

    private func drop(_ name: String, _ table: TableName) -> String {
        "DROP INDEX CONCURRENTLY IF EXISTS "
            + dialect.quote(TableName(schema: table.schema ?? dialect.defaultSchema, name))
    }

    /// Runs `statement` on a session of its own, outside any transaction, while a second one holds the lease.
    ///
    /// A timeout would end a concurrent build while it works, and leave an invalid index; it takes no lock that blocks
    /// writers. Only its waits for transactions of others, those without a break between them, have a limit. The second session is in READ COMMITTED and
    /// idle, and so holds no snapshot that the build would wait for.
    ///
    /// - Throws: ``Brake/Held`` where such a wait is over its limit.
    private func beside(_ token: String, _ statement: String, _ waiting: ([Blocker]) -> Void) throws {
        let address = try ownAddress()
        let holder = try PostgresSession(
            address, name: Self.name(ofRunner: runner), silenceLimit: silenceLimit)
        defer { holder.close() }
        try holder.execute(
            """
            BEGIN ISOLATION LEVEL READ COMMITTED;
            SET LOCAL idle_in_transaction_session_timeout = 0
            """)
        // By the simple protocol: the extended one's portal would keep its snapshot until the next statement,
        // and the build would wait for that for ever.
        guard try isLeaseRow(token, lockedBy: holder) else {
            guard isPooled, try Self.holdLease(token, on: main) else {
                throw EngineError(.leaseLost(by: nil))
            }
            throw EngineError(.pooler(.anotherDatabase))
        }
        let running = BackgroundStatement(
            statement, at: address, name: Self.name(ofRunner: runner), silenceLimit: silenceLimit)
        var waitingSince: ContinuousClock.Instant?
        var held: [Blocker] = []
        do {
            try running.wait {
                guard let backend = running.backendID, let blockers = try? blockers(ofBackend: backend) else {
                    return
                }
                guard !blockers.isEmpty else { return waitingSince = nil }
                waiting(blockers)
                let since = waitingSince ?? .now
                waitingSince = since
                guard .now - since >= patience.holdLimit else { return }
                held = blockers
                _ = try? main.query("SELECT pg_cancel_backend($1)", [.integer(Int64(backend))])
            }
        } catch let failure as DatabaseFailure where failure.kind == .cancelled && !held.isEmpty {
            throw Brake.Held(reasons: [.transactions(held)])
        }
    }

    /// In another database there is no such row, and perhaps no such table.
    private func isLeaseRow(_ token: String, lockedBy holder: PostgresSession) throws -> Bool {
        do {
            return try holder.connection.execute(
                "SELECT 1 FROM bellows.lease WHERE token = \(dialect.literal(token)) FOR KEY SHARE"
            ).first?.scalar != nil
        } catch {
            let isMissing = [SQLState.undefinedTable, SQLState.undefinedSchema].contains(error.sqlState)
            guard isPooled, isMissing else { throw PostgresSession.failure(error) }
            return false
        }
    }

    func find(_ name: String, on table: TableName) throws -> Found {
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
