/// An index that is not merely the shadow of a constraint.
public struct Index: Sendable, Hashable, Codable {
    /// The index's name.
    public var name: String
    /// Whether no two rows may have the same keys.
    public var isUnique: Bool
    /// Everything behind the table's name: `USING btree (kind) WHERE (...)`, in SQLite `(kind) WHERE ...`.
    public var definition: SQLTemplate
    /// The columns it uses, in keys, INCLUDE, expressions and condition.
    public var columns: Set<String>
    /// Whether its keys are columns only and it has no condition: then ``definition`` tells every column apart.
    public var isSimple: Bool
    /// PostgreSQL: its keys as SQL over the table's columns, of a unique index that is not simple; else `nil`.
    public var keys: [String]?
    /// PostgreSQL: its condition as SQL, beside ``keys``.
    public var condition: String?
    /// False for the leftover of an interrupted concurrent build.
    public var isValid: Bool
    /// PostgreSQL: the comment on it.
    public var comment: String?
    /// PostgreSQL: the foreign keys for which the database relies on it, in words; `nil` where that is not known, as from
    /// files alone.
    public var servedKeys: [String]?

    /// An index of its parts.
    public init(
        name: String, isUnique: Bool = false, definition: SQLTemplate, columns: Set<String>,
        isSimple: Bool = true, keys: [String]? = nil, condition: String? = nil, isValid: Bool = true,
        comment: String? = nil, servedKeys: [String]? = nil
    ) {
        self.name = name
        self.isUnique = isUnique
        self.definition = definition
        self.columns = columns
        self.isSimple = isSimple
        self.keys = keys
        self.condition = condition
        self.isValid = isValid
        self.comment = comment
        self.servedKeys = servedKeys
    }
}
