import MigrationCore

/// The operations on one column that leave its shape as it is.
extension MigrationFormat {
    static let addColumn = KeyTable(
        "add_column", "A new column: the database gets it first, then the release that uses it.",
        [table, schema, Key("column", .name, required: true, "the new column's name")] + columnKeys)

    static let dropColumn = KeyTable(
        "drop_column", "A column goes: retired under a hidden name first, dropped after a soak.",
        [table, schema, column])

    static let setNotNull = KeyTable(
        "set_not_null", "A column may hold NULL no longer.",
        [
            table, schema, column,
            Key(
                "fill", sqlText,
                "The value for rows that have none, an SQL expression over the row. Without it such rows stop the "
                    + "migration."),
        ])

    static let dropNotNull = KeyTable(
        "drop_not_null", "A column may hold NULL from now on.", [table, schema, column])

    static let setDefault = KeyTable(
        "set_default", "A column gets a default, for rows that are inserted from now on.",
        [
            table, schema, column,
            Key(
                "default", sqlText, required: true,
                "the default, an SQL expression: \"'x'\" is a text, 5 a number"),
        ])

    static let dropDefault = KeyTable(
        "drop_default", "A column has no default any more.", [table, schema, column])
}
