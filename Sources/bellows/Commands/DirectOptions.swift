import ArgumentParser

/// Where the server itself is, for a run by way of a pooler.
struct DirectOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "PostgreSQL behind a pooler (PgBouncer in transaction mode): the address of the server itself, for what needs a "
                + "session of its own, CREATE INDEX CONCURRENTLY.", valueName: "url"))
    var directDatabase: String?
}
