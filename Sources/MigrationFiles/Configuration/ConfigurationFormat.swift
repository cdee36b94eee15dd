/// The format of `bellows.yaml`.
enum ConfigurationFormat {
    static let file = KeyTable(
        "bellows.yaml", "What Bellows needs to know of a project.",
        settings + [
            Key(
                "environments", .named(.keys(environment)),
                "Settings that replace those above, chosen by --environment.")
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
