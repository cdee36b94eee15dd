import DoubleWrite

/// How finished operations on whole tables change the schema.
extension Schema {
    mutating func apply(_ operation: DropTable) {}

    mutating func apply(_ operation: RenameTable) {}
}
