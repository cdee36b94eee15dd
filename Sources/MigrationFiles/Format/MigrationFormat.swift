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
        createTable, dropTable, renameTable, addColumn, dropColumn, renameColumn, changeType, changeColumn,
        splitColumn, mergeColumns, moveColumn, extractTable, setNotNull, dropNotNull, setDefault, dropDefault,
        setComment,
        addCheck,
        addForeignKey, addUnique, addPrimaryKey, dropConstraint, renameConstraint, createIndex, replaceIndex,
        dropIndex, createEnum, addEnumValue, dropEnum, setReplicaIdentity, sql,
    ]

    static let table = Key("table", .name, required: true, "the table's name; a dot is part of the name")
    static let schema = Key(
        "schema", .name, "The schema the table is in, where it is not the default one.")

    static let sql = KeyTable(
        "sql", atLeastOne: ["expand", "transition", "contract"],
        "What no other operation says: statements for each phase, each phase in one transaction.",
        [
            Key("expand", .oneOrMany(sqlText), "Statements that the releases before and after both bear."),
            Key("transition", .oneOrMany(sqlText), "Statements between the releases."),
            Key("contract", .oneOrMany(sqlText), "Statements that nothing undoes."),
            Key("undo", .oneOrMany(sqlText), "What takes expand and transition back, in this order."),
            Key(
                "reads", .oneOrMany(.keys(use)),
                "What was there before and the statements read, or a view that they make."),
            Key("writes", .oneOrMany(.keys(use)), "What was there before and the statements write."),
            Key(
                "drops", .oneOrMany(.keys(use)),
                "What was there before and the contract takes away: no application may use it any more by then."
            ),
            Key(
                "accepts", .oneOrMany(.choice(RawSQLHazard.Code.allCases.map(\.rawValue))),
                "The hazards that are meant, so that 'bellows check' does not name them."),
        ])

    private static let use = KeyTable(
        "a use", "A table, or columns of it.",
        [
            table, schema,
            Key("columns", .oneOrMany(.name), "The columns; the whole table where there is no such key."),
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

    /// The columns of a constraint, in their order.
    static let columns = Key("columns", .oneOrMany(.name), required: true, "the list of its columns")

    static let constraint = Key("name", .name, required: true, "the constraint's name")

    static let column = Key("column", .name, required: true, "the column's name")

    static let reference = KeyTable(
        "references", "A foreign key.",
        target(
            Key("column", .name, "The column that is pointed at; the primary key unless said otherwise.")))

    /// What the foreign key of a table points at: several columns, where it has several.
    static let references = KeyTable(
        "references", "What a foreign key points at.",
        target(
            Key(
                "columns", .oneOrMany(.name),
                "The columns that are pointed at, in the order of the foreign key's own; the primary key unless said "
                    + "otherwise.")))

    private static func target(_ columns: Key) -> [Key] {
        [
            Key("table", .name, required: true, "the table that is pointed at"),
            Key("schema", .name, "The schema that table is in, where it is not the default one."),
            columns,
            Key("on_delete", .choice(actions), "What happens to this row when the other is deleted."),
            Key("on_update", .choice(actions), "What happens to this row when the other's key changes."),
        ]
    }

    /// `no_action`, `cascade`, ...: SQL's words in the file's spelling.
    static let actions = ReferentialAction.allCases.map(spelling)

    static func spelling(_ action: ReferentialAction) -> String {
        action.rawValue.lowercased().replacing(" ", with: "_")
    }
}
