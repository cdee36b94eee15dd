/// One change in flight, as an application declares it: what the two shapes are, and how a value gets from one to the
/// other.
public struct DeclaredChange: Sendable, Hashable {
    /// The change's name; the migration that makes it has the same.
    public let id: ChangeID

    /// The columns of the old shape; each one's expression is its `down`, over the names of the new columns.
    public let old: [Column]

    /// The columns of the new shape; each one's expression is its `up`, over the names of the old columns.
    public let new: [Column]

    /// Whether `down` may forget a part of a new value.
    public let isLossyDown: Bool

    /// The shape that the application speaks.
    public let spoken: Side

    /// The table that holds the values once the column is a reference to them, where that is the change.
    public internal(set) var lookup: LookupTable?

    /// Whether the two shapes are in two tables, so that they may use one name.
    var isAcrossTables = false

    /// One of the two shapes.
    public enum Side: Sendable, Hashable {
        case old, new

        /// The other one.
        var opposite: Side {
            switch self {
            case .old: .new
            case .new: .old
            }
        }
    }

    /// A column of one shape.
    public struct Column: Sendable, Hashable {
        /// The column's name, as the expressions of the other shape call it.
        public let name: String

        /// Its type, or `nil` where the database is left to find it out.
        public let type: SQLText?

        /// Its value as SQL over the names of the other shape's columns; `nil`: the other shape's one column.
        public let expression: SQLText?

        /// A column of its parts.
        package init(name: String, type: SQLText?, expression: SQLText?) {
            self.name = name
            self.type = type
            self.expression = expression
        }
    }
}

extension DeclaredChange {
    /// The columns of one shape.
    func columns(_ side: Side) -> [Column] {
        switch side {
        case .old: old
        case .new: new
        }
    }

    /// The columns by whose names the application calls the values.
    var spokenColumns: [Column] { columns(spoken) }

    /// Whether both shapes hold the very same value, so that nothing has to be computed: a change of name alone.
    var isIdentity: Bool {
        old.count == 1 && new.count == 1
            && (old + new).allSatisfy { $0.expression == nil && $0.type == nil }
    }

    /// Whether a new column bears an old one's name, so that the two shapes look alike from outside.
    var keepsAName: Bool { new.contains { isNameOfOld($0.name) } }

    /// Whether a written value has to survive the way to the other shape and back.
    ///
    /// A lossy `down` forgives the values of the new shape; nothing forgives an `up` that forgets.
    var isRoundTripChecked: Bool { !isIdentity && !(isLossyDown && spoken == .new) }

    /// The name that a column has in the database while both shapes may be there.
    func physicalName(_ column: Column, _ side: Side, _ dialect: Dialect) -> String {
        switch side {
        case .old: column.name
        case .new: isNameOfOld(column.name) ? dialect.shadowName(of: column.name) : column.name
        }
    }

    private func isNameOfOld(_ name: String) -> Bool {
        !isAcrossTables && old.contains { $0.name == name }
    }
}

extension DeclaredChange: CustomStringConvertible {
    /// The change as a person writes it: `'animals.species' (column 'kind' becomes 'species')`.
    public var description: String {
        if old.map(\.name) == new.map(\.name) { return "'\(id)' (\(Self.list(old)) keeps its name)" }
        return "'\(id)' (\(Self.list(old)) becomes \(new.map { "'\($0.name)'" }.joined(separator: " and ")))"
    }

    private static func list(_ columns: [Column]) -> String {
        let names = columns.map { "'\($0.name)'" }.joined(separator: " and ")
        return columns.count == 1 ? "column \(names)" : "columns \(names)"
    }
}
