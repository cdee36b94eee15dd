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
        let conflicting = """
            l.mode = ANY ((SELECT c.held FROM (\(Self.conflicts)) AS c(wanted, held)
                WHERE c.wanted = replace(initcap($2), ' ', '') || 'Lock')::text[])
            """
        let own = dialect.literal(Self.name(ofRunner: runner))
        return try holders(
            of: table, locks: conflicting, [.text(mode)],
            sessions: "a.application_name IS DISTINCT FROM \(own)")
    }
}
