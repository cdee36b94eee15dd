/// Something elsewhere in the database that uses columns of a table.
public struct Dependent: Sendable, Hashable, Codable {
    /// What kind of object it is. The raw value is the word for people.
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
        /// Something of one partition that the partitioned table does not have: an index, a constraint, a view over it alone.
        case partitionObject = "partition's own"
        case replicaIdentity = "replica identity"
        /// A function whose text mentions the column: a guess, for functions' bodies are not in the catalogue.
        case function
        /// A function whose body is bound to the column itself, as a view's is: no rename reaches it, and it forbids the drop.
        case boundFunction = "BEGIN ATOMIC function"
    }

    /// What kind of object it is.
    public var kind: Kind
    /// The object's name, with its table or schema: `public.dogs`.
    public var name: String
    /// The columns of this table that it uses; empty where that cannot be told: then it may use any.
    public var columns: Set<String>

    /// A dependent of its parts.
    public init(kind: Kind, name: String, columns: Set<String>) {
        self.kind = kind
        self.name = name
        self.columns = columns
    }
}
