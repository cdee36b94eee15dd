public import DoubleWrite

/// What a batch of a backfill does where the rows that it reads and those that it writes are in different tables.
///
/// The rows of the backfill's own table are locked first, by a statement of its own: so whatever follows reads them,
/// and what belongs to them in the other table, as they are now, and no double write can come in between. The helper
/// locks the same rows first.
public struct BatchWrites: Sendable, Hashable, Codable {
    /// A statement around the condition that says which rows of the backfill's table it is about.
    public struct Statement: Sendable, Hashable, Codable {
        /// What stands before the condition, to the last space.
        public var head: String
        /// What stands behind it.
        public var tail: String

        /// A statement in its two parts.
        public init(_ head: String, _ tail: String = "") {
            self.head = head
            self.tail = tail
        }
    }

    /// What runs, in its order. The condition may name columns of the backfill's table alone.
    public var statements: [Statement]
    /// PostgreSQL: how the rows are locked before, `FOR SHARE` or `FOR NO KEY UPDATE`. SQLite has one lock for all.
    public var lock: String

    /// What a batch does, in its order.
    public init(_ statements: [Statement], lock: String) {
        self.statements = statements
        self.lock = lock
    }
}

extension Backfill {
    /// What is to be run for some rows of the table.
    ///
    /// - Parameter rows: The condition by which they are told, all of them in need of it.
    public func statements(for rows: String, _ dialect: Dialect) -> [String] {
        guard let batch else {
            return ["UPDATE \(dialect.quote(table)) SET \(assignments) WHERE \(rows)"]
        }
        return batch.statements.map { "\($0.head)(\(rows))\($0.tail)" }
    }
}
