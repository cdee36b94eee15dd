import DoubleWrite

/// The JSON Schemas of our files, for editors; made of the very tables of keys that the reader uses.
public enum FormatSchema {
    /// The schema of a migration file, as JSON (draft 2020-12), with a line end.
    public static func migration() -> String { schema(of: MigrationFormat.file, "Bellows migration") }

    /// The schema of `bellows.yaml`.
    public static func configuration() -> String {
        schema(of: ConfigurationFormat.file, "Bellows configuration")
    }

    /// The schema of a file with an order of one's own.
    public static func rollout() -> String { schema(of: RolloutFormat.file, "Bellows rollout") }

    /// The schema of a release's manifest.
    public static func manifest() -> String { schema(of: ManifestFormat.file, "Bellows manifest") }

    private static func schema(of table: KeyTable, _ title: String) -> String {
        let head: [JSONText.Member] = [
            .init(key: "$schema", value: "https://json-schema.org/draft/2020-12/schema"),
            .init(key: "title", value: .string(title)),
        ]
        guard case .object(let members) = table.schema else { preconditionFailure("a schema is an object") }
        return JSONText.object(head + members).text() + "\n"
    }
}

extension Shape {
    /// What an editor may offer for it.
    fileprivate var schema: JSONText {
        switch self {
        // A name such as `n` or `1` is text here, but an editor takes YAML's word for what it is.
        case .name, .text, .textOrNothing: .of(["type": .array(["string", "number", "boolean", "null"])])
        case .boolean: .of(["type": "boolean"])
        case .choice(let choices): .of(["enum": .array(choices.map { .string($0) })])
        case .duration: .of(["type": "string", "pattern": "^[0-9]{1,12}(ms|s|m|h|d)$"])
        case .list(let element): .of(["type": "array", "minItems": 1, "items": element.schema])
        case .oneOrMany(let element): .of(["anyOf": .array([element.schema, Shape.list(element).schema])])
        case .keys(let table): table.schema
        case .named(let element):
            .of(["type": "object", "minProperties": 1, "additionalProperties": element.schema])
        case .listOrNamed(let element):
            .of(["anyOf": .array([Shape.list(element).schema, Shape.named(element).schema])])
        case .shorthand(let short, let table): .of(["anyOf": .array([short.schema, table.schema])])
        }
    }
}

extension KeyTable {
    fileprivate var schema: JSONText {
        var members: [JSONText.Member] = [
            .init(key: "description", value: .string(meaning)), .init(key: "type", value: "object"),
            .init(key: "properties", value: .object(keys.map { .init(key: $0.name, value: $0.schema) })),
            .init(key: "additionalProperties", value: false),
        ]
        let required = keys.filter(\.isRequired).map { JSONText.string($0.name) }
        if !required.isEmpty { members.append(.init(key: "required", value: .array(required))) }
        if !exactlyOne.isEmpty { members.append(.init(key: "oneOf", value: Self.present(exactlyOne))) }
        if !atLeastOne.isEmpty { members.append(.init(key: "anyOf", value: Self.present(atLeastOne))) }
        return .object(members)
    }

    private static func present(_ names: [String]) -> JSONText {
        .array(names.map { .of(["required": .array([.string($0)])]) })
    }
}

extension Key {
    /// The shape's schema, with what the key means in front, where the shape does not say itself.
    fileprivate var schema: JSONText {
        guard case .object(let members) = shape.schema, members.first?.key != "description" else {
            return shape.schema
        }
        let sentence = meaning.prefix(1).uppercased() + meaning.dropFirst() + (meaning.last == "." ? "" : ".")
        return .object([.init(key: "description", value: .string(sentence))] + members)
    }
}
