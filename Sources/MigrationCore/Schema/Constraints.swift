public import DoubleWrite

/// A UNIQUE constraint (not a mere unique index).
public struct UniqueConstraint: Sendable, Hashable, Codable {
    /// The constraint's name; `nil` in SQLite, which has none to drop it by.
    public var name: String?
    public var columns: [String]
    /// PostgreSQL: `DEFERRABLE`, `INITIALLY DEFERRED`, `NULLS NOT DISTINCT`: anything beyond the plain form, as SQL.
    public var attributes: String?

    public init(name: String?, columns: [String], attributes: String? = nil) {
        self.name = name
        self.columns = columns
        self.attributes = attributes
    }
}

/// A CHECK constraint.
public struct CheckConstraint: Sendable, Hashable, Codable {
    public var name: String?
    /// `CHECK (...)` with its attributes but without `NOT VALID`. Where the columns could not be told apart from the
    /// text (SQLite), one text segment, and ``columns`` says what it may mention.
    public var definition: SQLTemplate
    /// The columns it uses; in SQLite every column whose name occurs in the text.
    public var columns: Set<String>

    public init(name: String?, definition: SQLTemplate, columns: Set<String>) {
        self.name = name
        self.definition = definition
        self.columns = columns
    }
}

/// A foreign key of this table.
public struct ForeignKey: Sendable, Hashable, Codable {
    public var name: String?
    public var columns: [String]
    public var target: ForeignKeyTarget
    /// `DEFERRABLE INITIALLY DEFERRED`, `MATCH FULL`: anything beyond the plain form, as SQL.
    public var attributes: String?

    public init(name: String?, columns: [String], target: ForeignKeyTarget, attributes: String? = nil) {
        self.name = name
        self.columns = columns
        self.target = target
        self.attributes = attributes
    }
}

/// An index that is not merely the shadow of a constraint.
public struct Index: Sendable, Hashable, Codable {
    public var name: String
    public var isUnique: Bool
    /// Everything behind the table's name: `USING btree (kind) WHERE (...)`, in SQLite `(kind) WHERE ...`.
    public var definition: SQLTemplate
    /// The columns it uses, in keys, INCLUDE, expressions and condition.
    public var columns: Set<String>
    /// Whether its keys are columns only and it has no condition: then ``definition`` tells every column apart.
    public var isSimple: Bool
    /// False for the leftover of an interrupted concurrent build.
    public var isValid: Bool
    public var comment: String?

    public init(
        name: String, isUnique: Bool = false, definition: SQLTemplate, columns: Set<String>,
        isSimple: Bool = true, isValid: Bool = true, comment: String? = nil
    ) {
        self.name = name
        self.isUnique = isUnique
        self.definition = definition
        self.columns = columns
        self.isSimple = isSimple
        self.isValid = isValid
        self.comment = comment
    }
}

/// Something elsewhere in the database that uses columns of a table.
public struct Dependent: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable {
        case view
        case materializedView = "materialized view"
        case generatedColumn = "generated column"
        case trigger
        case rule
        case policy
        case statistics
        case foreignKey = "foreign key"
        case exclusion = "exclusion constraint"
        case partitionKey = "partition key"
        case replicaIdentity = "replica identity"
        /// A function whose text mentions the column: a guess, for functions' bodies are not in the catalogue.
        case function
    }

    public var kind: Kind
    /// The object's name, with its table or schema: `public.dogs`.
    public var name: String
    /// The columns of this table that it uses; empty where that cannot be told: then it may use any.
    public var columns: Set<String>

    public init(kind: Kind, name: String, columns: Set<String>) {
        self.kind = kind
        self.name = name
        self.columns = columns
    }
}
