/// Everything that a stored `CREATE TABLE` of SQLite says, but for its comments and white space.
///
/// Read from the text (``init(_:)``), changed as a value (``TableEdit``), written again (``sql(named:)``): reading what was
/// written gives the same value. <https://www.sqlite.org/lang_createtable.html>
public struct SQLiteDefinition: Sendable, Hashable, Codable {
    /// A column and what is said of it, in the order of the text.
    public struct Column: Sendable, Hashable, Codable {
        /// The column's name, without quotes.
        public var name: String
        /// The declared type as it is written; empty where there is none.
        public var type: String
        /// Constraints, default, collation, generating expression.
        public var clauses: [Clause]

        /// A column of its parts.
        public init(name: String, type: String, clauses: [Clause] = []) {
            self.name = name
            self.type = type
            self.clauses = clauses
        }
    }

    /// One thing that is said of a column or of the table.
    public struct Clause: Sendable, Hashable, Codable {
        /// The name that `CONSTRAINT name` gives it.
        public var name: String?
        /// What it says.
        public var content: Content

        /// A clause, with or without a name.
        public init(name: String? = nil, _ content: Content) {
            self.name = name
            self.content = content
        }
    }

    /// What a clause says. Expressions stand as they were written.
    public enum Content: Sendable, Hashable, Codable {
        case notNull(conflict: String?)
        /// `NULL`, which SQLite reads and which means nothing.
        case null
        case primaryKey(SQLiteKey)
        case unique(SQLiteKey)
        /// The condition, without its parentheses.
        case check(String)
        /// What stands behind `DEFAULT`, with its parentheses where it has any.
        case defaultValue(String)
        case collation(String)
        case foreignKey(SQLiteReference)
        /// The expression, without its parentheses, and `STORED` or `VIRTUAL` where that is written.
        case generated(String, storage: String?)
    }

    /// The columns, in their order.
    public var columns: [Column]
    /// What is said of the table, behind the columns.
    public var constraints: [Clause]
    /// Whether types are enforced (`STRICT`).
    public var isStrict: Bool
    /// Whether the primary key is the row's address (`WITHOUT ROWID`).
    public var isWithoutRowID: Bool

    /// A definition of its parts.
    public init(
        columns: [Column], constraints: [Clause] = [], isStrict: Bool = false, isWithoutRowID: Bool = false
    ) {
        self.columns = columns
        self.constraints = constraints
        self.isStrict = isStrict
        self.isWithoutRowID = isWithoutRowID
    }
}

/// The columns of a PRIMARY KEY or UNIQUE, and what happens when two rows collide.
public struct SQLiteKey: Sendable, Hashable, Codable {
    /// One column of a key.
    public struct Part: Sendable, Hashable, Codable {
        /// The column's name.
        public var column: String
        /// The collation by which its values are the same, where it is not the column's own.
        public var collation: String?
        /// `ASC` or `DESC`, where that is written.
        public var order: String?

        /// A part of a key.
        public init(column: String, collation: String? = nil, order: String? = nil) {
            self.column = column
            self.collation = collation
            self.order = order
        }
    }

    /// Its columns; empty where it is said of one column, behind that.
    public var parts: [Part]
    /// `ASC` or `DESC` of a primary key that is said of one column. (`INTEGER PRIMARY KEY DESC` is no rowid.)
    public var order: String?
    /// `REPLACE`, `IGNORE`, ...: what `ON CONFLICT` says.
    public var conflict: String?
    /// Whether no key is given out twice.
    public var isAutoincrement: Bool

    /// A key of its parts.
    public init(
        parts: [Part] = [], order: String? = nil, conflict: String? = nil, isAutoincrement: Bool = false
    ) {
        self.parts = parts
        self.order = order
        self.conflict = conflict
        self.isAutoincrement = isAutoincrement
    }
}

/// What a foreign key points at, and everything else that it says.
public struct SQLiteReference: Sendable, Hashable, Codable {
    /// The referencing columns; empty where it is said of one column, behind that.
    public var columns: [String]
    /// The referenced table's name.
    public var table: String
    /// The referenced columns; empty for the primary key.
    public var targets: [String]
    /// `ON DELETE CASCADE`, `MATCH FULL`, `DEFERRABLE INITIALLY DEFERRED`: each as it is written, in capitals, in its order.
    public var attributes: [String]

    /// A reference of its parts.
    public init(columns: [String] = [], table: String, targets: [String] = [], attributes: [String] = []) {
        self.columns = columns
        self.table = table
        self.targets = targets
        self.attributes = attributes
    }
}

/// A stored text that cannot be read as a table's definition.
public struct UnreadableDefinition: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is in the way.
    public var reason: String

    /// The reason in words.
    public var description: String { reason }
}
