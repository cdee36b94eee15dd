import DoubleWrite

/// How finished operations on what holds a table's values change the schema.
extension Schema {
    mutating func apply(_ operation: SetNotNull) {}

    mutating func apply(_ operation: DropNotNull) {}

    mutating func apply(_ operation: SetDefault) {}

    mutating func apply(_ operation: DropDefault) {}

    mutating func apply(_ operation: SetComment) {}

    mutating func apply(_ operation: AddCheck) {}

    mutating func apply(_ operation: AddForeignKey) {}

    mutating func apply(_ operation: AddUnique) {}

    mutating func apply(_ operation: AddPrimaryKey) {}

    mutating func apply(_ operation: DropConstraint) {}

    mutating func apply(_ operation: RenameConstraint) {}

    mutating func apply(_ operation: ReplaceIndex) {}
}
