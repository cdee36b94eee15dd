import MigrationCore

/// The operations that change a column's shape: its name, its type, what its value means.
extension MigrationFormat {
    static let renameColumn = KeyTable(
        "rename_column", "A column gets another name, while applications go on writing.",
        [
            table, schema,
            Key("from", .name, required: true, "the column's name before"),
            Key("to", .name, required: true, "the column's name afterwards"),
            Key(
                "strategy", .choice(RenameColumn.Strategy.allCases.map(\.rawValue)),
                "copy (the default): a second column, filled beside the old one. in_place: one statement, for "
                    + "applications that know both names."),
            sync, guarded, change("table.to"),
        ])

    static let changeType = KeyTable(
        "change_type", "A column gets another type under the same name.",
        [
            table, schema, column, Key("type", sqlText, required: true, "the new type, as SQL"),
            Key(
                "up", sqlText,
                "The new value made of the old one, an SQL expression over the column; a cast unless said otherwise."
            ),
            Key(
                "down", sqlText,
                "The old value made of the new one, an SQL expression over the column; a cast unless said otherwise."
            ),
            lossyDown, sync, guarded, change("table.column"),
        ])

    static let changeColumn = KeyTable(
        "change_column", "A column gets another name, type, or meaning.",
        [
            table, schema, Key("from", .name, required: true, "the column's name before"),
            Key("to", .name, "The column's name afterwards; the same unless said otherwise."),
            Key("type", sqlText, "The new type, as SQL; the old one's unless said otherwise."),
            Key(
                "nullable", .boolean,
                "Whether the new column may hold NULL; as the old one unless said otherwise."),
            Key("default", sqlText, "The new column's default, an SQL expression."),
            Key("check", sqlText, "A condition that every new value must meet, an SQL expression."),
            Key("comment", .text, "A comment on the new column (PostgreSQL)."),
            Key("up", sqlText, "The new value made of the old one, an SQL expression over 'from'."),
            Key("down", sqlText, "The old value made of the new one, an SQL expression over 'to'."),
            lossyDown, sync, guarded, change("table.to"),
        ])

    static let splitColumn = KeyTable(
        "split_column", "One column becomes several.",
        [
            table, schema, Key("from", .name, required: true, "the column that is split"),
            Key(
                "to", .named(.keys(splitPart)), required: true,
                "the columns that it becomes, each name with its 'up'"),
            Key(
                "down", sqlText, required: true,
                "the old value made of the new ones, an SQL expression over the new columns"),
            lossyDown, sync, guarded, change("table.from"),
        ])

    static let mergeColumns = KeyTable(
        "merge_columns", "Several columns become one.",
        [
            table, schema,
            Key(
                "from", .named(.keys(mergedPart)), required: true,
                "the columns that are merged, each name with its 'down'"),
            Key("to", .name, required: true, "the column that they become"),
            Key(
                "up", sqlText, required: true,
                "the new value made of the old ones, an SQL expression over the old columns"),
        ] + columnKeys + [lossyDown, sync, guarded, change("table.to")])

    private static let splitPart = KeyTable(
        "a column of 'to'", "A column of the new shape.",
        [
            Key(
                "up", sqlText, required: true,
                "its value made of the old one, an SQL expression over the column 'from'")
        ] + columnKeys)

    private static let mergedPart = KeyTable(
        "a column of 'from'", "A column of the old shape.",
        [
            Key(
                "down", sqlText, required: true,
                "its value made of the new one, an SQL expression over the column 'to'")
        ])

    private static let lossyDown = Key(
        "lossy_down", .boolean,
        "Whether 'down' may forget a part of the new value. Undo without loss then ends before the new value is the truth."
    )

    private static let sync = Key(
        "sync", .choice(Sync.allCases.map(\.rawValue)),
        "Who keeps both shapes in step. double_write (the default): the applications. trigger: the database.")

    /// Whether triggers heal and count what old-only writers write.
    static let guarded = Key(
        "guard", .boolean,
        "Whether triggers heal and count the writes of those who know the old shape only, until it is retired."
    )

    static func change(_ name: String) -> Key {
        Key(
            "change", .name,
            "The change's name as applications know it, where the default one, \(name), is taken.")
    }
}
