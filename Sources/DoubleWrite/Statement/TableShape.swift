/// How the columns of a table's declared shape are written and read now.
struct TableShape: Sendable, Hashable {
    let table: TableDeclaration
    let dialect: Dialect

    /// One for every change of the table.
    let changes: [ChangeShape]

    /// Where a column moves into the table.
    let moved: MovedShape?

    /// What columns are called where they do not stand under their own names.
    var names: [String: String] = [:]

    /// What the table's changes become in the states that follow from what is known; a change that is not touched is
    /// neither written nor read, so any state will do.
    init(table: TableDeclaration, dialect: Dialect, knowledge: TableKnowledge?) {
        self.table = table
        self.dialect = dialect
        moved = table.moved.map { moved in
            let state = knowledge?.changes.first?.state ?? .new
            return MovedShape(table: table, moved: moved, state: state, dialect: dialect)
        }
        self.changes = table.changes.enumerated().map { position, change in
            let seen = knowledge?.changes[position]
            return ChangeShape(
                change: change, state: seen?.state ?? .new, dialect: dialect, knowledge: seen)
        }
    }

    var states: [ColumnState] { changes.map(\.state) + (moved.map { [$0.state] } ?? []) }

    /// The table to read from, and what its columns stand behind.
    var readSource: String { moved?.readSource ?? dialect.quote(table.name) }
    var readQualifier: String { moved?.readQualifier ?? dialect.quote(table.name) + "." }

    /// The change that a column belongs to, and its place among the columns of that.
    func change(of column: String) -> (shape: ChangeShape, position: Int)? {
        guard let number = table.change(of: column) else { return nil }
        let shape = changes[number]
        return shape.change.spokenColumns.firstIndex { $0.name == column }.map { (shape, $0) }
    }

    /// The names under which a column's value is written as it is, without anything being computed.
    func writtenNames(_ column: String) -> [String] {
        guard let (shape, position) = change(of: column) else { return [column] }
        if shape.change.isIdentity { return shape.identityNames }
        return [shape.physicalName(shape.change.spokenColumns[position], shape.spoken)]
    }

    /// Whether a column's value is computed from those of other columns where it is read.
    func isReadComputed(_ column: String) -> Bool { change(of: column)?.shape.isReadComputed ?? false }

    /// A column as SQL that reads it; `qualifier` is the table, with a dot.
    func read(_ column: String, qualifier: String = "") -> String {
        if let name = names[column] { return name }
        guard let (shape, position) = change(of: column) else { return qualifier + dialect.quote(column) }
        return shape.read(qualifier: qualifier)[position]
    }

    /// A list of results, each under its declared name.
    func results(_ columns: [String]) -> String {
        columns.map { "\(read($0)) AS \(dialect.quote($0))" }.joined(separator: ", ")
    }
}
