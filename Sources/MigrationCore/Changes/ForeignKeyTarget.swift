public import DoubleWrite

/// What a foreign key points at, and what it does when that changes.
public struct ForeignKeyTarget: Sendable, Hashable, Codable {
    /// The referenced table.
    public var table: TableName
    /// The referenced columns; empty for the referenced table's primary key.
    public var columns: [String]
    /// What happens when the referenced row is deleted.
    public var onDelete: ReferentialAction
    /// What happens when the referenced key changes.
    public var onUpdate: ReferentialAction

    /// A foreign key target of its parts.
    public init(
        table: TableName, columns: [String] = [], onDelete: ReferentialAction = .noAction,
        onUpdate: ReferentialAction = .noAction
    ) {
        self.table = table
        self.columns = columns
        self.onDelete = onDelete
        self.onUpdate = onUpdate
    }
}

/// What a foreign key does to the referencing row. Its raw value is the SQL.
public enum ReferentialAction: String, Sendable, Hashable, Codable, CaseIterable {
    case noAction = "NO ACTION"
    case restrict = "RESTRICT"
    case cascade = "CASCADE"
    case setNull = "SET NULL"
    case setDefault = "SET DEFAULT"

    /// Whether the database itself writes the referencing column.
    public var writes: Bool {
        switch self {
        case .noAction, .restrict: false
        case .cascade, .setNull, .setDefault: true
        }
    }
}
