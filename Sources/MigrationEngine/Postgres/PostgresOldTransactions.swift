internal import DoubleWrite
internal import MigrationCore

extension PostgresDatabase {
    /// A step that locks tables queues behind whoever holds a lock on one of them that conflicts, and everybody else behind
    /// the step. A concurrent build or drop waits for every transaction that is open.
    ///
    /// Of another role's session an ordinary role sees no age: such a one is named once the step waits for it.
    func oldTransactions(before step: Step, on tables: [TableName], age: Duration) throws -> [Blocker] {
        let found: [Blocker]
        switch step.action {
        case .schema:
            found = try tables.flatMap { try holders(of: step.lock?.mode ?? "ACCESS EXCLUSIVE", on: $0) }
        case .buildIndex, .dropIndex: found = Array(try openTransactions().values)
        case .release, .soak, .flip, .backfill, .sqlite, .verify: return []
        }
        let old = found.filter { ($0.transactionAge ?? .zero) >= age }
        return Set(old).sorted { ($0.transactionAge ?? .zero) > ($1.transactionAge ?? .zero) }
    }

    /// Who holds a lock on the table that a lock of that mode would have to wait for.
    private func holders(of mode: String, on table: TableName) throws -> [Blocker] {
        let held = """
            l.locktype = 'relation' AND l.granted AND l.relation = to_regclass($1) AND l.mode = ANY ((
                SELECT c.held FROM (\(Self.conflicts)) AS c(wanted, held)
                WHERE c.wanted = replace(initcap($2), ' ', '') || 'Lock')::text[])
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        let parameters = [SQLValue.text(dialect.quote(table)), .text(mode)]
        let sessions = try main.query(
            """
            SELECT DISTINCT \(Self.columns) FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
            WHERE \(held) AND l.pid <> pg_backend_pid() AND a.application_name IS DISTINCT FROM $3
            """, parameters + [.text(Self.name(ofRunner: runner))]
        ).rows.map { Self.blocker($0[...]) }
        let prepared = try preparedTransactions(
            where: """
                EXISTS (SELECT 1 FROM pg_locks AS l WHERE \(held) AND l.pid IS NULL
                    AND l.virtualtransaction = \(Self.holderOfPrepared))
                """, parameters)
        return sessions + prepared.map(\.1)
    }
}
