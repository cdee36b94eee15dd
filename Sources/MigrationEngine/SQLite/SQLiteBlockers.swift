internal import DoubleWrite
internal import MigrationCore

extension SQLiteDatabase {
    /// SQLite does not tell.
    func oldTransactions(before step: Step, on tables: [TableName], age: Duration) throws -> [Blocker] { [] }

    /// SQLite does not tell, and need not: a write always sees the latest snapshot, an older one is refused.
    func openTransactions(keeping waitedFor: Set<OpenTransaction>) throws -> [OpenTransaction: Blocker] {
        [:]
    }

    /// SQLite does not tell.
    func blockers(of table: TableName?) throws -> [Blocker] { [] }

    /// SQLite does not tell.
    func watchLocks(after delay: Duration) -> (any LockWatch)? { nil }

    func lockedObject(_ table: TableName?) -> String { "the database, locked by another process" }
}
