/// The name of one change, known to the migration that makes it and to every application that declares it.
///
/// By default it is made of what both sides know anyway: `animals.species` for the column `species` of `animals`.
/// A history that changes the same column twice gives the second change a name of its own.
public struct ChangeID: Sendable, Hashable, Codable {
    /// The name as it stands in the stages table.
    public let name: String

    /// A change with a name of its own.
    public init(_ name: String) { self.name = name }

    /// The default name of a change that makes `column` of `table`.
    public init(table: TableName, column: String) {
        self.init("\(table).\(column)")
    }

    /// Reads the name.
    public init(from decoder: any Decoder) throws {
        name = try decoder.singleValueContainer().decode(String.self)
    }

    /// Writes the name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}

extension ChangeID: CustomStringConvertible {
    /// The name.
    public var description: String { name }
}

extension ChangeID {
    /// The name of the marker that the `generation`-th expand (from 1) of this change creates in schema `bellows`.
    public func marker(generation: Int) -> String {
        Dialect.postgres.shortened(name, suffix: "@\(generation)")
    }
}
