import DoubleWrite

/// `change_type`, in SQLite: in the stored text alone where values are stored as before, otherwise by way of a column beside the
/// old one, as a rename.
extension SQLitePlanning {
    func plan(_ operation: ChangeType, into draft: inout OperationDraft) {
        if let table = context.schema[operation.table], let column = table.column(operation.column),
            let change = SQLiteInPlaceType(operation, of: column, in: table)
        {
            return planInPlace(operation, change, of: column, in: table, into: &draft)
        }
        guard let change = context.shape(operation, into: &draft) else { return }
        plan(change, into: &draft)
    }

    private func planInPlace(
        _ operation: ChangeType, _ change: SQLiteInPlaceType, of column: Column, in table: Table,
        into draft: inout OperationDraft
    ) {
        context.touch(operation.table, [column.name], into: &draft)
        guard let definition = definition(of: table, into: &draft),
            let old = definition.column(column.name)?.type
        else { return }
        warnOfText(of: table, into: &draft)
        let edits = [TableEdit.retype(from: old, to: change.type, column: column.name)]
        var step = edit(
            "make '\(column.name)' \(change.type) in place",
            "SQLite stores a value by the affinity of its column's type, and that of \(change.type) is the one of "
                + "\(old.isEmpty ? "no type" : old): every value stays as it is, and every new one is stored as before. No "
                + "application has to know of it, or declare the change in its double-write helper.",
            edits, of: table, definition)
        step.undo = [editBack("make '\(column.name)' \(old) again", "", edits, of: table, definition)]
        draft.add(.expand, "change-type", step)
    }
}

/// A change of the declared type alone: both types have the same affinity
/// (<https://www.sqlite.org/datatype3.html#determination_of_column_affinity>).
struct SQLiteInPlaceType {
    let type: String

    /// `nil` where a value would be stored differently, or the column would become the rows' address or no longer be it.
    init?(_ operation: ChangeType, of column: Column, in table: Table) {
        guard operation.up == nil, operation.down == nil, let type = operation.type[.sqlite],
            table.kind == .ordinary, column.generated == nil,
            SQLType(column.type, .sqlite) != SQLType(type, .sqlite),
            SQLiteAffinity(column.type) == SQLiteAffinity(type),
            let definition = try? table.sqliteDefinition()
        else { return nil }
        let names = [column.type, type].map(\.asciiFolded)
        if table.primaryKey.contains(column.name), names.contains("integer") { return nil }
        // A strict table knows six types, and holds to them.
        if definition.isStrict, Set(names) != ["int", "integer"] { return nil }
        // What is no type, or says more than a type, is for SQLite itself to refuse.
        let read = try? SQLiteDefinition("CREATE TABLE x (y \(type))")
        guard let only = read?.columns.first, read?.columns.count == 1, only.clauses.isEmpty,
            read?.constraints.isEmpty == true
        else { return nil }
        self.type = only.type
    }
}
