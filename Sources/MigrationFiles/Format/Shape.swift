/// What a value in a file may be. The reader checks files against these, and the JSON Schema is generated
/// from them,
/// so that the two cannot differ.
indirect enum Shape: Sendable {
    /// A name of something in the database: text whatever YAML thinks of it, not empty.
    case name
    /// Text, not empty.
    case text
    /// Text, or nothing at all: no value, or a plain `null`.
    case textOrNothing
    /// `true` or `false`, and nothing else that YAML may take for them.
    case boolean
    case choice([String])
    /// `500ms`, `30s`, `24h`.
    case duration
    case list(Shape)
    /// One value, or a list of them.
    case oneOrMany(Shape)
    /// A mapping with a known set of keys.
    case keys(KeyTable)
    /// A mapping from names to values of one shape, in order.
    case named(Shape)
    /// A list of values of one shape, or a mapping from names to them.
    case listOrNamed(Shape)
    /// A text where that says enough, else a mapping.
    case shorthand(Shape, KeyTable)
}

/// One key of a mapping.
struct Key: Sendable {
    var name: String
    var shape: Shape
    var isRequired: Bool
    /// What it says, for the schema and for the message when it is missing.
    var meaning: String

    init(_ name: String, _ shape: Shape, required: Bool = false, _ meaning: String) {
        self.name = name
        self.shape = shape
        self.isRequired = required
        self.meaning = meaning
    }
}

/// The keys that a mapping may have.
struct KeyTable: Sendable {
    /// What such a mapping is called in messages: `rename_column`, `a column`.
    var title: String
    /// What its keys are called in messages.
    var noun: String
    var keys: [Key]
    /// Exactly one of these must be there.
    var exactlyOne: [String]
    /// At least one of these must be there.
    var atLeastOne: [String]
    var meaning: String

    init(
        _ title: String, noun: String = "key", exactlyOne: [String] = [], atLeastOne: [String] = [],
        _ meaning: String, _ keys: [Key]
    ) {
        self.title = title
        self.noun = noun
        self.keys = keys
        self.exactlyOne = exactlyOne
        self.atLeastOne = atLeastOne
        self.meaning = meaning
    }

    /// The key of that name.
    subscript(name: String) -> Key? { keys.first { $0.name == name } }
}
