import ArgumentParser

/// What a command takes that works on many databases as well as on one.
struct FleetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file that names many databases, one a line: 'URL' or 'NAME URL' (default: 'databases:' of the "
                + "configuration file).", valueName: "file"))
    var databases: String?

    @Option(
        help: ArgumentHelp(
            "One of these databases, by its name: as if --database said its location.", valueName: "name"))
    var only: String?

    @Option(help: ArgumentHelp("The first so many of these databases.", valueName: "number"))
    var first: Int?

    @Option(
        help: ArgumentHelp("How many databases are worked on at once (default: 4).", valueName: "number"))
    var concurrency: Int?

    func validate() throws {
        if let first, first < 1 {
            throw ValidationError("--first must be 1 or more, not \(first)")
        }
        if let concurrency, !(1...Self.highest).contains(concurrency) {
            throw ValidationError("--concurrency must be from 1 to \(Self.highest), not \(concurrency)")
        }
        if only != nil, first != nil {
            throw ValidationError(
                "--only chooses one database and --first several: give one of them")
        }
    }

    /// Each takes up to three connections, and a thread.
    private static let highest = 64

    /// The options that mean something only where there are many databases.
    var given: [String] {
        [("--only", only != nil), ("--first", first != nil), ("--concurrency", concurrency != nil)]
            .filter(\.1).map(\.0)
    }
}

/// How a command that writes goes through many databases.
struct FleetRunOptions: ParsableArguments {
    @Flag(
        name: .customLong("continue"),
        help:
            "Of many databases: go on with the others where one cannot be done (default: none is begun then)."
    )
    var goesOn = false
}
