import ArgumentParser
import Foundation
import MigrationEngine
import MigrationFiles

/// `bellows init`
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Start a project: bellows.yaml and migrations/.",
        discussion: "Overwrites nothing.")

    @Argument(help: "The project's directory.")
    var directory = "."

    @Option(help: ArgumentHelp("The database's location (default: ${DATABASE_URL}).", valueName: "url"))
    var database: String?

    func run() throws {
        let database = try location()
        let root = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        let prefix = root == "." ? "" : root + "/"
        let files = [
            (prefix + "bellows.yaml", Self.configurationFile(database)),
            (prefix + "migrations/README.md", Self.readme),
        ]
        if let taken = files.first(where: { FileManager.default.fileExists(atPath: $0.0) }) {
            throw CommandFailure("'\(taken.0)' is there already; nothing was written")
        }
        for (path, text) in files {
            try NewFile.write(text, to: path)
            Output.write("wrote \(path)\n")
        }
        Output.write("next: \(next(prefix + "migrations"))\n")
    }

    /// What to do with a project that has migrations already, or none.
    private func next(_ migrations: String) -> String {
        let files = try? MigrationDirectory(path: migrations).filePaths()
        return files?.isEmpty == false
            ? "'bellows plan' shows what the migrations that are there would do"
            : "'bellows new NAME' makes the first migration"
    }

    private func location() throws(CommandFailure) -> String {
        guard let database else { return "${DATABASE_URL}" }
        do {
            let location = try DatabaseLocation(database)
            if case .postgres = location, location.description != database {
                throw CommandFailure(
                    "this location may hold a password, which does not belong into a file: leave --database out and "
                        + "set DATABASE_URL", exitCode: 2)
            }
            return database
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("\(error)", exitCode: 2)
        }
    }

    private static func configurationFile(_ database: String) -> String {
        """
        \("database: \(quoted(database))".padded(to: 29))  # postgres://user@host/database or sqlite:path; ${NAME} is an environment variable
        # databases:                   # many instead of one, for which the same migrations are meant
        #   eu: postgres://user@eu.example.com/database
        applications: [app]            # each must be attested before a phase that depends on it
        # migrations: migrations       # the directory of migration files
        # lease: 30s                   # after which a silent runner may be replaced
        # soak: 24h                    # between retiring and dropping
        # lock_timeout: 500ms          # how long a statement waits for a lock before it makes way
        # environments:                # chosen by --environment
        #   production: { soak: 7d }
        #   test: { soak: 0s }

        """
    }

    /// As a YAML scalar: plain where it is plain, else in single quotes.
    private static func quoted(_ text: String) -> String {
        let isPlain =
            text == "${DATABASE_URL}"
            || text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-/:@".contains($0)) }
        return isPlain ? text : "'" + text.replacing("'", with: "''") + "'"
    }

    private static let readme = """
        One migration a file, in the order of their names. `bellows new NAME` makes the next one.

            # 0001_animals_kind_to_species.yaml
            description: Animals have a species, not a kind.
            operations:
              - rename_column: { table: animals, from: kind, to: species }

        """
}

/// A file that was not there before.
enum NewFile {
    /// Writes it, with the directories on the way to it. Never over another.
    static func write(_ text: String, to path: String) throws(CommandFailure) {
        let url = URL(fileURLWithPath: path)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url, options: .withoutOverwriting)
        } catch {
            throw CommandFailure("cannot write '\(path)': \((error as NSError).localizedDescription)")
        }
    }
}
