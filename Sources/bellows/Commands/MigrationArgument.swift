import ArgumentParser
import MigrationFiles

/// A migration as the command line names it: `0001_shelter`, or its file, so that a shell's patterns work:
/// `bellows apply migrations/000*`.
struct MigrationArgument: ExpressibleByArgument {
    let name: String

    init(argument: String) {
        name =
            MigrationDirectory.isMigrationFile(argument) ? MigrationFile.name(ofFileAt: argument) : argument
    }
}

extension [MigrationArgument] {
    /// The migrations' names.
    var names: [String] { map(\.name) }
}
