internal import DoubleWrite
internal import MigrationCore
internal import SQLiteDriver

extension SQLiteDatabase {
    /// In a transaction, like everything else: SQLite has no other way.
    func build(
        _ index: IndexBuild, holding token: String, lasting lease: Duration, waiting: ([Blocker]) -> Void
    ) throws {
        try once(index.name, isThere: false, index.statement, token, lease)
    }

    func drop(
        _ index: IndexDrop, holding token: String, lasting lease: Duration, waiting: ([Blocker]) -> Void
    ) throws {
        try once(index.name, isThere: true, index.statement, token, lease)
    }

    private func once(
        _ name: String, isThere: Bool, _ statement: String, _ token: String, _ lease: Duration
    ) throws {
        try patience.trying(lockedObject(nil), of: nil, in: self) {
            try writing(.step(lockTimeout: busyTimeout)) {
                guard try holdLease(token, lasting: lease) else { throw EngineError(.leaseLost(by: nil)) }
                let found = try main.query(
                    "SELECT 1 FROM main.sqlite_master WHERE type = 'index' AND name = ?1", [.text(name)])
                guard (found.scalar != nil) == isThere else { return }
                try main.execute(statement)
                try prolongLease(token, lasting: lease)
            }
        }
    }
}
