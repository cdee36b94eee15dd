import MigrationCore

/// The operations on whole tables.
extension MigrationFormat {
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

    static let dropTable = KeyTable(
        "drop_table", "A table goes: retired under a hidden name first, dropped after a soak.",
        [table, schema])

    static let renameTable = KeyTable(
        "rename_table", "A table gets another name; the old one stays as a view until nobody uses it.",
        [
            table, schema,
            Key("to", .name, required: true, "the table's name afterwards, in the same schema"),
        ])

    static let setComment = KeyTable(
        "set_comment", "A comment on a table or a column (PostgreSQL).",
        [
            table, schema, Key("column", .name, "The column's name; without it the comment is the table's."),
            Key("comment", .textOrNothing, "The comment. Null, or no such key, takes it away."),
        ])

    static let setReplicaIdentity = KeyTable(
        "set_replica_identity", exactlyOne: ["identity", "index"],
        "What logical replication sends of a row that was changed (PostgreSQL).",
        [
            table, schema,
            Key(
                "identity", .choice(["default", "full", "nothing"]),
                "default: the primary key. full: every column. nothing: nothing."),
            Key("index", .name, "The name of a unique index over columns that are not NULL."),
        ])
}

/// Types with a fixed list of values.
extension MigrationFormat {
    private static let type = Key("name", .name, required: true, "the type's name")
    private static let typeSchema = Key(
        "schema", .name, "The schema the type is in, where it is not the default one.")

    static let createEnum = KeyTable(
        "create_enum", "A type with a fixed list of values (PostgreSQL).",
        [
            type, typeSchema,
            Key("values", .list(.name), required: true, "the list of its values, in their order"),
        ])

    static let addEnumValue = KeyTable(
        "add_enum_value", "One more value of an enumerated type (PostgreSQL). Nothing undoes it.",
        [
            type, typeSchema, Key("value", .name, required: true, "the new value"),
            Key("before", .name, "The value that it stands before; at the end unless said otherwise."),
            Key("after", .name, "The value that it stands behind."),
        ])

    static let dropEnum = KeyTable(
        "drop_enum", "An enumerated type goes that nothing uses any more (PostgreSQL).", [type, typeSchema])
}
