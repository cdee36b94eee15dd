import ArgumentParser

/// `shelter check`: the verdict.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Compare every journalled write and read with the database.",
        discussion: """
            To be used when the instances have stopped. Ends with code 1 when an acknowledged write is lost, a read \
            was stale, or an instance met an error.
            """)

    @OptionGroup var database: DatabaseOption

    @Option(parsing: .upToNextOption, help: "The journals of all instances.")
    var journal: [String]

    @Flag(help: "Also demand that the change is over: 'species' is there, and 'kind' is not.")
    var renamed = false

    /// How many violations are shown.
    private static let shown = 20

    func run() throws {
        let store = try database.open(named: "shelter check")
        var verdict = Judge.verdict(
            try journal.map { try Journal(contentsOf: $0) }, found: try store.everyAnimal(),
            initial: Seed.animal)
        if renamed { verdict.violations += try Self.leftovers(store) }
        for violation in verdict.violations.prefix(Self.shown) { print("  \(violation)") }
        if verdict.violations.count > Self.shown {
            print("  and \(verdict.violations.count - Self.shown) more")
        }
        print("  in doubt, because an instance was killed before the answer came: \(verdict.uncertain)")
        print("  refused by the database, and tried again: \(verdict.refused)")
        print(verdict)
        guard verdict.isClean else { throw ExitCode(1) }
    }

    /// What a finished change would not have left behind.
    private static func leftovers(_ store: any AnimalStore) throws -> [Violation] {
        let columns = try store.columnsInDatabase().sorted()
        let expected = (["id"] + Animal.Column.allCases.map(\.rawValue)).sorted()
        guard columns != expected else { return [] }
        return [
            .error(
                "the table has the columns \(columns.joined(separator: ", ")) instead of "
                    + expected.joined(separator: ", "))
        ]
    }
}
