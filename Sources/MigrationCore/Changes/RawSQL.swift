import DoubleWrite

/// `sql`: what no other operation says; a list of statements for each phase, and the statements that undo them.
///
/// Each phase's list runs in one transaction. Nothing is derived of it: of what the statements do the plan knows what
/// the file declares, and takes it at its word.
public struct RawSQL: Sendable, Hashable, Codable {
    /// Run in the expand.
    public var expand: [PerDialect]
    /// Run in the transition.
    public var transition: [PerDialect]
    /// Run in the contract.
    public var contract: [PerDialect]
    /// What undoes `expand` (and `transition`); `nil` where the file says none: then it cannot be undone.
    public var undo: [PerDialect]?
    /// What was there before and the statements, or what they make, read.
    public var reads: [TableUse]
    /// What was there before and the statements write.
    public var writes: [TableUse]
    /// What was there before and is gone behind the contract.
    public var drops: [TableUse]
    /// The hazards that are meant: `check` does not name them.
    public var accepts: [RawSQLHazard.Code]

    /// A raw SQL of its parts.
    public init(
        expand: [PerDialect] = [], transition: [PerDialect] = [], contract: [PerDialect] = [],
        undo: [PerDialect]? = nil, reads: [TableUse] = [], writes: [TableUse] = [], drops: [TableUse] = [],
        accepts: [RawSQLHazard.Code] = []
    ) {
        self.expand = expand
        self.transition = transition
        self.contract = contract
        self.undo = undo
        self.reads = reads
        self.writes = writes
        self.drops = drops
        self.accepts = accepts
    }
}

extension RawSQL {
    /// Whether the file says what the statements are about. One that is about nothing says nothing.
    public var isDeclared: Bool { !(reads.isEmpty && writes.isEmpty && drops.isEmpty) }

    /// The tables that it declares anything of.
    var tables: [TableName] { (reads + writes + drops).map(\.table).uniqued }
}
