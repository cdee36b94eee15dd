internal import DoubleWrite
public import MigrationCore

extension Engine {
    /// Looks for everything that ``apply(_:names:through:)`` would refuse before it changes anything. Writes nothing.
    ///
    /// - Throws: ``EngineError``, as `apply` would.
    public func checkApply(_ sources: [MigrationSource], names: [String] = [], through phase: Phase)
        throws(EngineError)
    {
        try wording("apply") { _ = try check(Selection(sources, names: names), through: phase) }
    }

    /// Looks for everything that ``rollback(_:names:discardingData:)`` would refuse before it changes anything. Writes
    /// nothing.
    ///
    /// - Throws: ``EngineError``, as `rollback` would.
    public func checkRollback(
        _ sources: [MigrationSource], names: [String], discardingData: Bool = false
    ) throws(EngineError) {
        try wording("rollback") {
            try checkNames(names, sources)
            _ = try rollbackPlans(names, discardingData: discardingData)
        }
    }
}
