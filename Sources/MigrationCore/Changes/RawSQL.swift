/// `sql`: what no other operation says; a list of statements for each phase, and the statements that undo them.
///
/// Each phase's list runs in one transaction. It is declared, not derived: nothing is known of what it does.
public struct RawSQL: Sendable, Hashable, Codable {
    /// Run in the expand.
    public var expand: [PerDialect]
    /// Run in the transition.
    public var transition: [PerDialect]
    /// Run in the contract.
    public var contract: [PerDialect]
    /// What undoes `expand` (and `transition`); `nil` where the file says none: then it cannot be undone.
    public var undo: [PerDialect]?

    /// A raw SQL of its parts.
    public init(
        expand: [PerDialect] = [], transition: [PerDialect] = [], contract: [PerDialect] = [],
        undo: [PerDialect]? = nil
    ) {
        self.expand = expand
        self.transition = transition
        self.contract = contract
        self.undo = undo
    }
}
