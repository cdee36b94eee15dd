import DoubleWrite

extension PlanningContext {
    /// Refuses what no dialect can add to a table that has rows.
    func refuseDuplicates(of definition: ColumnDefinition, into draft: inout OperationDraft) {
        let text = definition.defaultValue?[dialect]
        let isNull = text.map(SQLiteLiteral.isNull) ?? true
        if definition.isPrimaryKey {
            draft.refuse(
                "column.primary_key",
                "a primary key is declared with the table (create_table), not added to it")
        }
        if !definition.isNullable, isNull {
            draft.refuse(
                "column.nullable",
                "'\(definition.name)' is NOT NULL and the rows that are there have no value for it; give it a constant "
                    + "default")
        }
        if definition.isUnique, !isNull {
            draft.refuse(
                "column.unique",
                "'\(definition.name)' is unique, and every row that is there would show the same default; leave the "
                    + "default out")
        }
    }
}
