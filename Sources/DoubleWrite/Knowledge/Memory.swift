/// What one connection has learnt about its tables. Never share it between connections: what is right on one server
/// and in one transaction need not be right on another.
public struct Memory: Sendable, Hashable {
    /// Nothing is known.
    public init() {}

    private var entries: [TableDeclaration: Entry] = [:]

    /// Whether the table of recorded stages is known to exist.
    var hasStageTable = false

    private struct Entry: Sendable, Hashable {
        var knowledge: TableKnowledge
        /// The transaction in which it cannot change, because a lock on the table is held.
        var frozenIn: Int?
    }

    func knowledge(of table: TableDeclaration) -> TableKnowledge? { entries[table]?.knowledge }

    func isFrozen(_ table: TableDeclaration, in transaction: Int?) -> Bool {
        guard let transaction else { return false }
        return entries[table]?.frozenIn == transaction
    }

    mutating func learn(_ knowledge: TableKnowledge, of table: TableDeclaration, frozenIn transaction: Int?) {
        entries[table] = Entry(knowledge: knowledge, frozenIn: transaction)
    }

    mutating func freeze(_ table: TableDeclaration, in transaction: Int) {
        entries[table]?.frozenIn = transaction
    }

    mutating func forget(_ table: TableDeclaration) { entries[table] = nil }
}
