import MigrationCore

/// The operations that take values from one table to another.
extension MigrationFormat {
    static let moveColumn = KeyTable(
        "move_column", "The values of a column move to a new column of another table.",
        [
            table, schema, Key("column", .name, required: true, "the column whose values move"),
            Key("to_table", .name, required: true, "the table that they move to"),
            Key("to_schema", .name, "The schema that table is in, where it is not the default one."),
            Key("to", .name, "The new column's name there; the same unless said otherwise."),
            Key(
                "join", .named(.name), required: true,
                "how a row finds its row there: each column of 'table' with its column of 'to_table'"),
            guarded, change("to_table.to"),
        ])

    static let extractTable = KeyTable(
        "extract_table",
        "The values of a column move to a table of their own, each once, and are referred to.",
        [
            table, schema,
            Key(
                "column", .name, required: true, "the column whose values move, and which becomes a reference"
            ),
            Key("into", .name, required: true, "the table that is made for the values"),
            Key("into_schema", .name, "The schema that table is made in, where it is not the default one."),
            Key("value", .name, "The column with the values there; the same name unless said otherwise."),
            Key("key", .name, "Its primary key; id unless said otherwise."),
            Key("reference", .name, "The column that points at it; COLUMN_id unless said otherwise."),
            guarded, change("table.reference"),
        ])
}
