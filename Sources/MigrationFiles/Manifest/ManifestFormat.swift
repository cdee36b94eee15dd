import DoubleWrite

/// The format of what the helper says of a release.
enum ManifestFormat {
    static let file = KeyTable(
        "a manifest", "What a release reads and writes through the helper, as the application prints it.",
        [
            Key(
                "format", .choice([ReleaseManifest.format]), required: true,
                "what the file is, and its version"),
            Key("tables", .list(.keys(table)), required: true, "the tables that the release uses"),
        ])

    private static let table = KeyTable(
        "a table", "A table, and what the release does with it.",
        [
            Key("table", .name, required: true, "the table's name; a dot is part of the name"),
            Key("schema", .name, "The schema the table is in, where it is not the default one."),
            Key(
                "use", .choice(ReleaseManifest.Table.Use.allCases.map(\.rawValue)), required: true,
                "the most that is done with it: reads, updates or inserts"),
            Key("columns", .list(.name), required: true, "the columns that the release declares"),
            Key("changes", .list(.keys(change)), "The changes that it declares to the helper."),
        ])

    private static let change = KeyTable(
        "a change", "A change as the release declares it.",
        [
            Key("change", .name, required: true, "the change's name, such as animals.species"),
            Key("old", .list(.name), required: true, "the columns of the old shape"),
            Key("new", .list(.name), required: true, "the columns of the new shape"),
        ])
}
