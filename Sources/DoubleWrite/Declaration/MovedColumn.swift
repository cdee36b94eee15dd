/// A column whose values are still in another table, as an application declares it in the table that they move to.
///
/// The application reads and writes the column where it will be. Until it is there, the helper keeps its values in the
/// other table's rows, and shows a row for every value there, as the move will make one:
///
///     let chips = TableDeclaration(
///         "chips", columns: ["animal_id": "bigint", "code": "text", "maker": "text"], key: ["animal_id"],
///         moved: .init("code", from: "animals", column: "chip", join: ["id": "animal_id"]))
///
/// While both tables are written, one request is one transaction of several statements, the other table first.
public struct MovedColumn: Sendable, Hashable {
    /// The column, by its name in the table that declares it.
    public let column: String

    /// The table that the values are in before.
    public let source: TableName

    /// The column that they are in there.
    public let sourceColumn: String

    /// How a row finds its row in the other table.
    let join: [Joined]

    let id: ChangeID?

    struct Joined: Sendable, Hashable {
        var source: String
        var target: String
    }

    /// A column that moves from another table.
    ///
    /// - Parameters:
    ///   - source: The table that the values are in before, with the column `sourceColumn` (of the same name unless said
    ///     otherwise).
    ///   - join: How a row finds its row there, as the migration says: columns of `source`, each with the column of the
    ///     table that declares this.
    ///   - id: The change's name, where the migration gives it one; otherwise `table.column`.
    public init(
        _ column: String, from source: TableName, column sourceColumn: String? = nil,
        join: KeyValuePairs<String, String>, id: ChangeID? = nil
    ) {
        self.init(
            column, from: source, column: sourceColumn ?? column, joined: join.map { ($0.key, $0.value) },
            id: id)
    }

    /// A column that moves from another table, as a migration says it.
    package init(
        _ column: String, from source: TableName, column sourceColumn: String,
        joined: [(source: String, target: String)], id: ChangeID?
    ) {
        self.column = column
        self.source = source
        self.sourceColumn = sourceColumn
        self.join = joined.map { Joined(source: $0.source, target: $0.target) }
        self.id = id
    }
}

extension MovedColumn {
    /// The columns of the table that declares it, by which its rows are known in the other one.
    var targetKey: [String] { join.map(\.target) }

    /// The change that it makes, as far as the state of the database is concerned.
    func change(in table: TableName) -> DeclaredChange {
        DeclaredChange(
            id: id ?? ChangeID(table: table, column: column),
            old: [.init(name: sourceColumn, type: nil, expression: nil)],
            new: [.init(name: column, type: nil, expression: nil)], isLossyDown: false, spoken: .new,
            isAcrossTables: true)
    }
}

extension TableDeclaration {
    /// The changes whose state the database is asked for: the table's own, or that of a column that moves into it.
    package var followed: [DeclaredChange] { moved.map { [$0.change(in: name)] } ?? changes }

    /// The tables that keep a shape as it is while they are locked, in the order in which everybody locks them.
    var lockedTables: [TableName] { (moved.map { [$0.source] } ?? []) + [name] }

    /// That the moved column and those that join the tables are declared, and that nothing else changes.
    func checkMoved() {
        guard let moved else { return }
        precondition(
            changes.isEmpty, "'\(name)' declares other changes beside a column that moves; finish one first")
        precondition(
            !moved.join.isEmpty, "the move of '\(moved.column)' names no columns that join the tables")
        for name in moved.targetKey + [moved.column] {
            precondition(columns.contains { $0.name == name }, "'\(self.name)' does not declare '\(name)'")
        }
        precondition(
            !moved.targetKey.contains(moved.column), "'\(moved.column)' cannot join the tables and move")
    }
}
