import MigrationCore

/// The operations on constraints.
extension MigrationFormat {
    static let addCheck = KeyTable(
        "add_check", "A condition that every row must meet.",
        [
            table, schema, constraint,
            Key("check", sqlText, required: true, "the condition, an SQL expression over the row"),
        ])

    static let addForeignKey = KeyTable(
        "add_foreign_key", "Columns that point at another table's.",
        [
            table, schema, constraint, columns,
            Key("references", .keys(references), required: true, "what they point at"),
        ])

    static let addUnique = KeyTable(
        "add_unique", "No two rows may have the same values.", [table, schema, constraint, columns])

    static let addPrimaryKey = KeyTable(
        "add_primary_key", "The columns by which rows are known.",
        [
            table, schema,
            Key(
                "name", .name,
                "The constraint's name; the one that the database would choose unless said otherwise."),
            columns,
        ])

    static let dropConstraint = KeyTable(
        "drop_constraint", "A constraint goes.", [table, schema, constraint])

    static let renameConstraint = KeyTable(
        "rename_constraint", "A constraint gets another name.",
        [
            table, schema, Key("from", .name, required: true, "the constraint's name before"),
            Key("to", .name, required: true, "the constraint's name afterwards"),
        ])
}

/// The operations on indexes.
extension MigrationFormat {
    static let createIndex = KeyTable(
        "create_index", "An index, built without blocking writers where the database can.",
        [table, schema, Key("name", .name, required: true, "the index's name")] + indexKeys)

    static let replaceIndex = KeyTable(
        "replace_index", "An index is built anew in another form; queries always have one of the two.",
        [
            table, schema, Key("index", .name, required: true, "the name of the index that goes"),
            Key(
                "name", .name,
                "The name of the index that comes; that of the one that goes unless said otherwise."),
        ] + indexKeys)

    static let dropIndex = KeyTable(
        "drop_index", "An index goes, without blocking writers where the database can.",
        [table, schema, Key("name", .name, required: true, "the index's name")])

    private static let indexKeys = [
        Key(
            "columns", .list(.shorthand(.name, indexKey)), required: true,
            "the list of columns or expressions"),
        Key("unique", .boolean, "Whether no two rows may have the same keys."),
        Key("where", sqlText, "The condition of a partial index."),
    ]

    static let indexKey = KeyTable(
        "an index column", exactlyOne: ["column", "expression"], "One key of an index.",
        [
            Key("column", .name, "A column's name."),
            Key("expression", sqlText, "An SQL expression."),
            Key("order", .choice(["asc", "desc"]), "The order; asc unless said otherwise."),
        ])
}
