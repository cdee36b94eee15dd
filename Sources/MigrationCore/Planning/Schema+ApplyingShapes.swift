import DoubleWrite

/// How finished operations on a column's shape change the schema.
extension Schema {
    mutating func apply(_ operation: ChangeType) {}

    mutating func apply(_ operation: ChangeColumn) {}

    mutating func apply(_ operation: SplitColumn) {}

    mutating func apply(_ operation: MergeColumns) {}
}
