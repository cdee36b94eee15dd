extension Dialect {
    /// SQL that is true where two values are not identical; NULL is a value like any other.
    ///
    /// `=` is looser than identity for many types (a collation calls 'bob' and 'Bob' equal, numeric 1.0 and 1.00), and
    /// missing for some. PostgreSQL compares the rows' binary images then
    /// (<https://www.postgresql.org/docs/current/functions-comparisons.html#COMPOSITE-TYPE-COMPARISON>); in SQLite
    /// `IS` calls 1 and 1.0 equal, so the storage class is compared as well.
    ///
    /// - Parameter isExact: Whether both values are of a type whose own `=` (in SQLite that of the collation BINARY) means
    ///   identity, which is cheaper.
    public func differs(_ left: String, _ right: String, isExact: Bool = false) -> String {
        switch self {
        case .postgres:
            return isExact
                ? "\(left) IS DISTINCT FROM \(right)" : "ROW(\(left))::record *<> ROW(\(right))::record"
        case .sqlite:
            let areUnequal = "(\(left) COLLATE BINARY) IS NOT (\(right) COLLATE BINARY)"
            return isExact ? areUnequal : "(\(areUnequal) OR typeof(\(left)) IS NOT typeof(\(right)))"
        }
    }

    /// The name that the new column bears beside an old one of the same name, until the old one is gone.
    public func shadowName(of column: String) -> String { shortened("_bellows_new_" + column) }
}
