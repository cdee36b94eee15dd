import ArgumentParser
import Foundation
import MigrationEngine

/// `bellows schema`
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print what planning has to know of a database, for --schema.",
        discussion: """
            A JSON document: the tables and types, and which migrations are finished or in flight. Kept in a file, it lets \
            'plan' and 'check' work without a database: bellows schema > schema.json. Changes nothing, and holds no row.
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var project: ProjectOptions

    func run() throws {
        let project = try Project(self.project)
        guard let location = try project.location(database.database) else { throw Project.noDatabase() }
        let session = try EngineSession(project, at: location, settings: project.settings())
        defer { session.close() }
        let snapshot = try session.run { engine throws(EngineError) in try engine.snapshot() }
        Output.write(Self.text(snapshot))
    }

    /// The keys stay as they are: what is written here is read by the same type.
    private static func text(_ snapshot: SchemaSnapshot) -> String {
        let options: JSONEncoder.OutputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let encoder = JSONEncoder()
        guard let data = try? encoder.encode(snapshot),
            let value = try? JSONDecoder().decode(JSONValue.self, from: data)
        else { preconditionFailure("a snapshot of texts and numbers is not encodable") }
        encoder.outputFormatting = options
        guard let sorted = try? encoder.encode(value.sorted()) else {
            preconditionFailure("what was decoded is not encodable")
        }
        return String(decoding: sorted, as: UTF8.self) + "\n"
    }
}

/// A JSON value, of which two snapshots of one schema make the same text.
private enum JSONValue: Codable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let boolean = try? container.decode(Bool.self) {
            self = .boolean(boolean)
        } else if let integer = try? container.decode(Int64.self) {
            self = .integer(integer)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let boolean): try container.encode(boolean)
        case .integer(let integer): try container.encode(integer)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .object(let object): try container.encode(object)
        }
    }

    /// What these list has no order of its own; the columns of a constraint have.
    private static let unordered: Set = ["indexes", "checks", "dependents", "extras"]

    /// The value with the columns in order that are there as a set.
    func sorted(isInSet: Bool = false) -> JSONValue {
        switch self {
        case .null, .boolean, .integer, .text: return self
        case .list(let list): return .list(list.map { $0.sorted(isInSet: isInSet) })
        case .object(let object):
            return .object(
                object.reduce(into: [:]) { result, entry in
                    if isInSet, entry.key == "columns", case .list(let names) = entry.value {
                        result[entry.key] = .list(names.sorted { $0.name < $1.name })
                    } else {
                        result[entry.key] = entry.value.sorted(isInSet: Self.unordered.contains(entry.key))
                    }
                })
        }
    }

    private var name: String { if case .text(let text) = self { text } else { "" } }
}
