/// A CHECK constraint.
public struct CheckConstraint: Sendable, Hashable, Codable {
    /// The constraint's name; `nil` where it has none (SQLite).
    public var name: String?
    /// `CHECK (...)` with its attributes but without `NOT VALID`. Where the columns could not be told apart from the
    /// text (SQLite), one text segment, and ``columns`` says what it may mention.
    public var definition: SQLTemplate
    /// The columns it uses; in SQLite every column whose name occurs in the text.
    public var columns: Set<String>
    /// Whether every row is known to satisfy it; PostgreSQL: false for one that is still NOT VALID.
    public var isValidated: Bool

    /// A CHECK of its parts.
    public init(name: String?, definition: SQLTemplate, columns: Set<String>, isValidated: Bool = true) {
        self.name = name
        self.definition = definition
        self.columns = columns
        self.isValidated = isValidated
    }
}
