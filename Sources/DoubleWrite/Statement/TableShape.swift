/// How the columns of a table's new shape are written and read now.
struct TableShape: Sendable, Hashable {
    let table: TableDeclaration
    let dialect: Dialect

    /// One for every change of the table.
    let states: [ColumnState]

    /// The name by which a column is read.
    func readName(_ column: String) -> String {
        guard let position = table.change(making: column) else { return column }
        return switch states[position] {
        case .missing, .both: table.changes[position].oldColumn
        case .bothReadNew, .new: table.changes[position].newColumn
        }
    }

    /// The names under which a column's value is written.
    func writtenNames(_ column: String) -> [String] {
        guard let position = table.change(making: column) else { return [column] }
        let change = table.changes[position]
        return switch states[position] {
        case .missing: [change.oldColumn]
        case .both, .bothReadNew: [change.oldColumn, change.newColumn]
        case .new: [change.newColumn]
        }
    }

    /// A column as SQL that reads it.
    func read(_ column: String) -> String { dialect.quote(readName(column)) }

    /// A list of results, each under its name in the new shape.
    func results(_ columns: [String]) -> String {
        columns.map { "\(read($0)) AS \(dialect.quote($0))" }.joined(separator: ", ")
    }

    /// Whether a column's value is written under two names now.
    func isWrittenTwice(_ column: String) -> Bool { writtenNames(column).count > 1 }
}
