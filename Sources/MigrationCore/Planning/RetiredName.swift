public import DoubleWrite

extension Dialect {
    /// The hidden name that a column gets before it is dropped.
    public func retiredName(of column: String) -> String { shortened("_bellows_retired_" + column) }
}
