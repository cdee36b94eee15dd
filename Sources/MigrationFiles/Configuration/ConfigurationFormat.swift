/// The format of `bellows.yaml`.
enum ConfigurationFormat {
    static let file = KeyTable(
        "bellows.yaml", "What Bellows needs to know of a project.",
        settings + [
            Key(
                "environments", .named(.keys(environment)),
                "Settings that replace those above, chosen by --environment."),
            Key(
                "releases", .list(.keys(release)),
                "What the releases of an application read and write, in the order in which they go out; the first one "
                    + "runs now. 'bellows check' walks them through the plans."),
        ])

    static let release = KeyTable(
        "a release", "What the statements of a release name.",
        [
            Key("name", .name, required: true, "what the release is called"),
            Key(
                "manifest", .text,
                "A file in which the application's helper says what it reads and writes (ReleaseManifest.json), beside "
                    + "what stands here; ${NAME} is the environment variable NAME."),
            Key("reads", .oneOrMany(.keys(read)), "What it reads."),
            Key("writes", .oneOrMany(.keys(write)), "What it writes."),
            Key(
                "changes", .oneOrMany(.name),
                "The changes that it declares to the helper, such as animals.species: the helper bears any state of "
                    + "their columns."),
        ])

    private static let useKeys = [
        Key("table", .name, required: true, "the table's name; a dot is part of the name"),
        Key("schema", .name, "The schema the table is in, where it is not the default one."),
        Key("columns", .oneOrMany(.name), "The columns; the whole table where there is no such key."),
    ]

    private static let read = KeyTable("a read", "A table, or columns of it.", useKeys)

    private static let write = KeyTable(
        "a write", "A table, or columns of it.",
        useKeys + [
            Key("inserts", .boolean, "Whether it inserts rows, too; true unless said otherwise."),
            Key("nulls", .oneOrMany(.name), "The columns that it may set to NULL."),
            Key("on_conflict", .oneOrMany(.name), "The columns that its ON CONFLICT names."),
            Key(
                "values", .named(.oneOrMany(.name)),
                "Constants that it writes, by their column, such as kind: [cat, dog]: what a CHECK may refuse."
            ),
        ])

    static let environment = KeyTable("an environment", "Settings of one environment.", settings)

    static let settings = [
        Key("database", .text, "postgres://... or sqlite:path; ${NAME} is the environment variable NAME."),
        Key(
            "databases", .listOrNamed(.text),
            "Many databases instead of one, in the order in which they are migrated: a list of locations, or NAME: location."
        ),
        Key(
            "direct_database", .text,
            "Where 'database' is a pooler's address: the server's own, for what needs a session of its own."),
        Key("migrations", .text, "The directory of migration files; migrations unless said otherwise."),
        Key(
            "applications", .list(.name),
            "The applications that write to the database; each is attested before a phase that depends on it."
        ),
        Key("lease", .duration, "After which a silent runner may be replaced."),
        Key("soak", .duration, "The time between retiring and dropping."),
        Key("lock_timeout", .duration, "How long a statement waits for a lock before it makes way."),
    ]
}
