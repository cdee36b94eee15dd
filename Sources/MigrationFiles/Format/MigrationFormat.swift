import MigrationCore

/// The format of a migration file: every key, what it may hold, and what it means.
enum MigrationFormat {
    static let file = KeyTable(
        "a migration", "A schema migration: what changes, declared once.",
        [
            Key("description", .text, "What the migration is for, in a sentence."),
            Key("operations", .list(.keys(operation)), required: true, "the list of what changes"),
        ])

    /// An entry of `operations`: a mapping with one key, the operation's name.
    static let operation = KeyTable(
        "an operation", noun: "operation", exactlyOne: operations.map(\.title), "One declared change.",
        operations.map { Key($0.title, .keys($0), $0.meaning) })

    static let operations = [
        createTable, addColumn, dropColumn, renameColumn, createIndex, dropIndex, sql,
    ]

    static let table = Key("table", .name, required: true, "the table's name; a dot is part of the name")
    static let schema = Key(
        "schema", .name, "The schema the table is in, where it is not the default one.")

    static let createTable = KeyTable(
        "create_table", "A new table.",
        [
            table, schema,
            Key(
                "columns", .named(.keys(tableColumn)), required: true,
                "the columns, each name with what it is"),
            Key("primary_key", .oneOrMany(.name), "The primary key's columns, where it has several."),
            Key("comment", .text, "A comment on the table (PostgreSQL)."),
        ])

    static let addColumn = KeyTable(
        "add_column", "A new column: the database gets it first, then the release that uses it.",
        [table, schema, Key("column", .name, required: true, "the new column's name")] + columnKeys)

    static let dropColumn = KeyTable(
        "drop_column", "A column goes: retired under a hidden name first, dropped after a soak.",
        [table, schema, Key("column", .name, required: true, "the column's name")])

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
            Key(
                "change", .name,
                "The change's name as applications know it, where the default one, table.to, is taken."),
        ])

    static let createIndex = KeyTable(
        "create_index", "An index, built without blocking writers where the database can.",
        [
            table, schema,
            Key("name", .name, required: true, "the index's name"),
            Key(
                "columns", .list(.shorthand(.name, indexKey)), required: true,
                "the list of columns or expressions"),
            Key("unique", .boolean, "Whether no two rows may have the same keys."),
            Key("where", sqlText, "The condition of a partial index."),
        ])

    static let indexKey = KeyTable(
        "an index column", exactlyOne: ["column", "expression"], "One key of an index.",
        [
            Key("column", .name, "A column's name."),
            Key("expression", sqlText, "An SQL expression."),
            Key("order", .choice(["asc", "desc"]), "The order; asc unless said otherwise."),
        ])

    static let dropIndex = KeyTable(
        "drop_index", "An index goes, without blocking writers where the database can.",
        [table, schema, Key("name", .name, required: true, "the index's name")])

    static let sql = KeyTable(
        "sql", atLeastOne: ["expand", "transition", "contract"],
        "What no other operation says: statements for each phase, each phase in one transaction.",
        [
            Key("expand", .oneOrMany(sqlText), "Statements that the releases before and after both bear."),
            Key("transition", .oneOrMany(sqlText), "Statements between the releases."),
            Key("contract", .oneOrMany(sqlText), "Statements that nothing undoes."),
            Key("undo", .oneOrMany(sqlText), "What takes expand and transition back, in this order."),
        ])
}

// MARK: - Parts that several operations share

extension MigrationFormat {
    /// SQL, the same for every database or one text each.
    static let sqlText = Shape.shorthand(
        .text,
        KeyTable(
            "an SQL text", atLeastOne: ["postgres", "sqlite"], "SQL for each database.",
            [
                Key("postgres", .text, "The text for PostgreSQL."),
                Key("sqlite", .text, "The text for SQLite."),
            ]))

    /// What a column of a new table may say.
    static let tableColumn = KeyTable(
        "a column", "A column of a new table.",
        columnKeys + [Key("primary_key", .boolean, "Whether this column alone is the primary key.")])

    static let columnKeys = [
        Key("type", sqlText, required: true, "the column's type, as SQL"),
        Key("nullable", .boolean, "Whether the column may hold NULL; true unless said otherwise."),
        Key("default", sqlText, "The default, an SQL expression: \"'x'\" is a text, 5 a number."),
        Key("unique", .boolean, "Whether no two rows may have the same value."),
        Key("check", sqlText, "A condition that every value must meet, an SQL expression."),
        Key("references", .keys(reference), "What the column points at."),
        Key("comment", .text, "A comment on the column (PostgreSQL)."),
    ]

    static let reference = KeyTable(
        "references", "A foreign key.",
        [
            Key("table", .name, required: true, "the table that is pointed at"),
            Key("schema", .name, "The schema that table is in, where it is not the default one."),
            Key("column", .name, "The column that is pointed at; the primary key unless said otherwise."),
            Key("on_delete", .choice(actions), "What happens to this row when the other is deleted."),
            Key("on_update", .choice(actions), "What happens to this row when the other's key changes."),
        ])

    /// `no_action`, `cascade`, ...: SQL's words in the file's spelling.
    static let actions = ReferentialAction.allCases.map(spelling)

    static func spelling(_ action: ReferentialAction) -> String {
        action.rawValue.lowercased().replacing(" ", with: "_")
    }
}
