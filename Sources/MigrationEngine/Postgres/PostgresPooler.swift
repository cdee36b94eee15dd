internal import DoubleWrite
internal import MigrationCore
internal import PostgresDriver

/// What must not go through a pooler in transaction mode: a statement that runs outside any transaction, on a session that
/// is told to wait without limit. Behind the pooler that setting would stay with whoever gets the session next.
extension PostgresDatabase {
    func refuseSharedSession(for steps: [Step]) throws {
        guard steps.contains(where: \.needsOwnSession) else { return }
        _ = try ownAddress()
    }

    /// Where a session is ours alone.
    ///
    /// - Throws: ``EngineError/Reason/pooler(_:)``.
    func ownAddress() throws -> String {
        guard isPooled else { return address }
        guard let direct else { throw EngineError(.pooler(.noDirectAddress)) }
        let session = try PostgresSession(
            direct, name: Self.name(ofRunner: runner), silenceLimit: silenceLimit)
        defer { session.close() }
        guard try !session.isPooled() else { throw EngineError(.pooler(.directIsPooled)) }
        return direct
    }
}

extension Step {
    /// Whether it runs on a session of its own, outside any transaction.
    fileprivate var needsOwnSession: Bool {
        switch action {
        case .buildIndex, .dropIndex: true
        case .release, .schema, .backfill, .sqlite, .verify, .flip, .soak: false
        }
    }
}
