internal import DoubleWrite
internal import PostgresDriver

extension PostgresDatabase {
    /// The columns of ``blocker(_:)``, of `pg_stat_activity AS a`.
    private static let columns = """
        a.pid::bigint, a.usename::text, a.application_name, a.state,
        (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::bigint, a.query
        """

    private static func blocker(_ row: ArraySlice<SQLValue>) -> Blocker {
        let row = Array(row)
        let query = row[5].text
        return Blocker(
            processID: row[0].integer.map { Int32(truncatingIfNeeded: $0) }, user: row[1].text,
            application: row[2].text.flatMap { $0.isEmpty ? nil : $0 }, state: row[3].text,
            transactionAge: row[4].integer.map { .milliseconds($0) },
            query: query == "<insufficient privilege>" ? nil : query)
    }

    /// Every session with a transaction holds its own virtual transaction id locked, and `pg_locks` shows
    /// that to every role, unlike most of `pg_stat_activity`. What vacuums or builds an index writes no row
    /// of its own.
    func openTransactions() throws -> [OpenTransaction: Blocker] {
        var open: [OpenTransaction: Blocker] = [:]
        let sessions = try main.query(
            """
            SELECT l.virtualtransaction, \(Self.columns)
            FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
            WHERE l.locktype = 'virtualxid' AND l.granted AND l.pid <> pg_backend_pid()
                AND (a.datname IS NULL OR a.datname = current_database())
                AND a.application_name IS DISTINCT FROM $1
                AND a.pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum)
                AND a.pid NOT IN (SELECT pid FROM pg_stat_progress_create_index)
            """, [.text(Self.name(ofRunner: runner))])
        for row in sessions.rows {
            guard let id = row[0].text else { continue }
            let blocker = Self.blocker(row.dropFirst())
            open[OpenTransaction(id: id, processID: blocker.processID)] = blocker
        }
        for (name, blocker) in try preparedTransactions(where: "true", []) {
            open[OpenTransaction(id: name, processID: nil)] = blocker
        }
        return open
    }

    private func preparedTransactions(
        where condition: String, _ parameters: [SQLValue]
    ) throws -> [(String, Blocker)] {
        try main.query(
            """
            SELECT p.gid, p.owner::text, (extract(epoch FROM clock_timestamp() - p.prepared) * 1000)::bigint
            FROM pg_prepared_xacts AS p WHERE p.database = current_database() AND \(condition)
            """, parameters
        ).rows.map { row in
            let name = row[0].text ?? ""
            return (
                name,
                Blocker(
                    user: row[1].text, state: "prepared",
                    transactionAge: row[2].integer.map { .milliseconds($0) }, preparedName: name)
            )
        }
    }

    func blockers(of table: TableName?) throws -> [Blocker] {
        guard let table else { return [] }
        let name = [SQLValue.text(dialect.quote(table))]
        let held = """
            l.locktype = 'relation' AND l.granted AND l.relation = to_regclass($1)
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        let sessions = try main.query(
            """
            SELECT DISTINCT \(Self.columns) FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
            WHERE \(held) AND l.pid <> pg_backend_pid()
            """, name
        ).rows.map { Self.blocker($0[...]) }
        let prepared = try preparedTransactions(
            where: """
                EXISTS (SELECT 1 FROM pg_locks AS l WHERE \(held) AND l.pid IS NULL
                    AND l.virtualtransaction = '-1/' || p.transaction::text)
                """, name)
        return sessions + prepared.map(\.1)
    }

    /// Who holds up what the server process `backend` waits for.
    func blockers(ofBackend backend: Int32) throws -> [Blocker] {
        try main.query(
            "SELECT \(Self.columns) FROM pg_stat_activity AS a WHERE a.pid = ANY (pg_blocking_pids($1))",
            [.integer(Int64(backend))]
        ).rows.map { Self.blocker($0[...]) }
    }

    func watchLocks(after delay: Duration) -> (any LockWatch)? {
        let (address, runner) = (address, runner)
        return PostgresLockWatch(on: main.connection.backendID, after: delay) {
            try PostgresDatabase(address, runner: runner)
        }
    }

    func lockedObject(_ table: TableName?) -> String {
        table.map { "table '\($0)'" } ?? "what the step needs"
    }
}
