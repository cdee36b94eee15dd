/// A table in its new shape, and the changes that lead there.
///
/// The application writes and reads this shape from before it exists until after the old one is gone:
///
///     let animals = TableDeclaration(
///         "animals", columns: ["id": "bigint", "name": "text", "species": "text"], key: ["id"],
///         changes: [.renameColumn(from: "kind", to: "species")])
///
/// Where values change as well, the declaration says how, with the expressions of the migration:
///
///     let people = TableDeclaration(
///         "people", columns: ["id": "bigint", "given_name": "text", "family_name": "text"], key: ["id"],
///         changes: [
///             .splitColumn(
///                 from: "name", type: "text",
///                 to: [
///                     "given_name": "split_part(name, ' ', 1)",
///                     "family_name": "nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')",
///                 ],
///                 down: "given_name || coalesce(' ' || family_name, '')")
///         ])
public struct TableDeclaration: Sendable, Hashable {
    /// A column of the new shape.
    public struct Column: Sendable, Hashable {
        /// The column's name.
        public let name: String

        /// The column's type as PostgreSQL's SQL. SQLite needs none.
        public let type: String

        /// What parameters are cast to: the type without its modifier.
        let parameterType: String

        init(name: String, type: String) {
            self.name = name
            self.type = type
            self.parameterType = DoubleWrite.parameterType(of: type)
        }
    }

    /// The table's name.
    public let name: TableName

    /// The columns of the new shape, in the order in which statements list them.
    public let columns: [Column]

    /// The columns of the primary key.
    public let key: [String]

    /// The changes in flight.
    public let changes: [DeclaredChange]

    /// The column that moves into this table from another one, where one does.
    public let moved: MovedColumn?

    private let positions: [String: Int]

    /// A table in its new shape.
    ///
    /// - Parameters:
    ///   - columns: Every column that the application writes or reads, by its new name, with its type as PostgreSQL
    ///     writes it (`bigint`, `numeric(10,2)`).
    ///   - key: The primary key; all of it must be among the columns.
    ///   - changes: The changes in flight. The new columns must be among the columns, the old ones not (the other way
    ///     round for a change ``Change/inOldShape``).
    ///   - moved: A column that is still in another table; then nothing else may change.
    /// - Precondition: What is said above holds, and no name stands twice.
    public init(
        _ name: TableName, columns: KeyValuePairs<String, String>, key: [String], changes: [Change] = [],
        moved: MovedColumn? = nil
    ) {
        self.init(
            name, listed: columns.map { ($0.key, $0.value) }, key: key, changes: changes, moved: moved)
    }

    /// The same, of columns that are known at run time only.
    package init(
        _ name: TableName, listed columns: [(name: String, type: String)], key: [String],
        changes: [Change] = [], moved: MovedColumn? = nil
    ) {
        self.name = name
        self.columns = columns.map { Column(name: $0.name, type: $0.type) }
        self.key = key
        self.moved = moved
        let types = Dictionary(columns.map { ($0.name, $0.type) }) { first, _ in first }
        self.changes = changes.map { $0.declared(in: name, types: types) }
        var positions: [String: Int] = [:]
        for (position, column) in self.columns.enumerated() {
            precondition(positions[column.name] == nil, "'\(name)' declares '\(column.name)' twice")
            positions[column.name] = position
        }
        self.positions = positions
        for column in key {
            precondition(positions[column] != nil, "'\(name)' does not declare '\(column)'")
        }
        checkChanges()
        checkMoved()
    }

    /// That every change's columns are its own, and those that the application speaks are declared.
    private func checkChanges() {
        var claimed: Set<String> = []
        for change in changes {
            let spoken = Set(change.spokenColumns.map(\.name))
            let names = Set((change.old + change.new).map(\.name))
            precondition(
                Set(change.old.map(\.name)).count == change.old.count
                    && Set(change.new.map(\.name)).count == change.new.count && !change.old.isEmpty
                    && !change.new.isEmpty,
                "the change '\(change.id)' of '\(name)' names a column twice, or none")
            for column in names {
                precondition(
                    (positions[column] != nil) == spoken.contains(column),
                    "'\(name)' \(spoken.contains(column) ? "does not declare" : "declares the hidden") '\(column)'"
                )
            }
            precondition(claimed.isDisjoint(with: names), "two changes of '\(name)' share a column")
            claimed.formUnion(names)
        }
    }

    /// By the name alone: a connection rarely knows two declarations of one table, and hashes one for every statement.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// The reference to a column that a condition is made of: `animals["species"] == "dog"`.
    public subscript(column: String) -> ColumnReference { ColumnReference(column) }

    /// A declared column.
    func column(_ name: String) throws(RequestProblem) -> Column {
        guard let position = positions[name] else { throw RequestProblem.undeclaredColumn(name) }
        return columns[position]
    }

    /// The given columns in the order of the declaration.
    func ordered(_ names: some Collection<String>) throws(RequestProblem) -> [Column] {
        var found: [Int] = []
        for name in names {
            guard let position = positions[name] else { throw RequestProblem.undeclaredColumn(name) }
            found.append(position)
        }
        return found.sorted().map { columns[$0] }
    }

    /// The change that a column belongs to, where one does.
    func change(of column: String) -> Int? {
        changes.firstIndex { $0.spokenColumns.contains { $0.name == column } }
    }
}
