import DoubleWrite

/// The extraction of a table as a change of shape, and what keeps a column from it, whatever the dialect.
extension PlanningContext {
    func shape(_ operation: ExtractTable, into draft: inout OperationDraft) -> ShapeChange? {
        let into = dialect.normalized(operation.into)
        draft.touches.append(TouchedColumn(table: into, column: nil))
        checkName(operation.into.name, path: "into", into: &draft)
        checkFreeObject(operation.into, path: "into", into: &draft)
        checkColumns(of: operation, into: &draft)
        guard
            let (table, olds) = shape(
                of: operation.table, operation.changeID, named: operation.change,
                olds: [(operation.column, "column")], into: &draft), let old = olds.first
        else { return nil }
        checkNew(operation.reference, in: table, path: "reference", into: &draft)
        touch(operation.table, new: operation.reference, into: &draft)
        let lookup = ExtractedTable(operation: operation, source: table, column: old, dialect: dialect)
        refuseNames(of: lookup, into: &draft)
        refuseColumn(of: lookup, into: &draft)
        return ShapeChange(
            table: table, id: operation.changeID, context: self,
            olds: [.init(column: old, down: .lookup(.down))],
            news: [
                .init(
                    column: lookup.reference, physicalName: operation.reference, up: .lookup(.up))
            ],
            inherits: .grants, isGuarded: operation.isGuarded, lookup: lookup)
    }

    private func checkColumns(of operation: ExtractTable, into draft: inout OperationDraft) {
        checkColumnName(operation.key, path: "key", into: &draft)
        checkColumnName(operation.value, path: "value", into: &draft)
        guard dialect.sameName(operation.key, operation.value) else { return }
        draft.refuse(
            "value",
            "'\(operation.value)' is the name of the key of '\(operation.into)' as well; choose another for one of them"
        )
    }

    /// Notes a problem where what comes along would bear a name that is taken.
    private func refuseNames(of lookup: ExtractedTable, into draft: inout OperationDraft) {
        let operation = lookup.operation
        for name in [lookup.keyName, lookup.uniqueName].compactMap(\.self) {
            checkFreeObject(TableName(schema: operation.into.schema, name), path: "into", into: &draft)
        }
        checkFreeObject(
            TableName(schema: operation.table.schema, lookup.index.name), path: "reference", into: &draft)
        if let name = lookup.foreignKeyName {
            checkFreeConstraint(name, in: lookup.source, path: "reference", into: &draft)
        }
    }

    private func refuseColumn(of lookup: ExtractedTable, into draft: inout OperationDraft) {
        let column = lookup.column
        let name = column.name
        if column.defaultValue.map({ !SQLiteLiteral.isNull($0) }) ?? false {
            draft.refuse(
                "column",
                "'\(name)' has a default (\(column.defaultValue ?? "")), and no default can say what a row of '\(lookup.table)' is "
                    + "called that is not there yet; take it off first (drop_default), and let the application give the value"
            )
        }
        if let reason = looseness(of: column) {
            draft.refuse(
                "column",
                "'\(name)' \(reason), so that one row of '\(lookup.table)' could stand for several values that are not the same; "
                    + "give it a type and a collation whose '=' means identity first (change_type, change_column)"
            )
        }
    }

    /// Why values of a column may be equal and yet not the same; `nil` where they may not.
    private func looseness(of column: Column) -> String? {
        let type = column.type + (column.collation.map { " COLLATE \($0)" } ?? "")
        switch dialect {
        case .postgres:
            let isEnum = schema.enums.contains { [$0.name.name, "\($0.name)"].contains(column.type) }
            guard !column.hasExactEquality, !isEnum else { return nil }
            return "is of the type \(type), whose '=' calls values equal that are not the same"
        case .sqlite:
            if column.collation != nil {
                return "is \(type), which calls texts equal that are not the same"
            }
            switch SQLiteAffinity(column.type) {
            case .text, .integer: return nil
            case .blob, .real, .numeric:
                let declared = column.type.isEmpty ? "no type" : "the type \(type)"
                return "has \(declared), under which SQLite keeps equal values in several forms (1 and 1.0)"
            }
        }
    }
}
