import ArgumentParser
import MigrationCore
import MigrationFiles

/// `bellows new`
struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make the next migration file from a template.")

    @Argument(help: "The migration's name, without its number: animals_kind_to_species.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "What it does: \(MigrationTemplate.operations.joined(separator: ", ")).", valueName: "operation"))
    var operation = "rename_column"

    @OptionGroup var project: ProjectOptions

    func run() throws {
        guard let template = MigrationTemplate.text(operation: operation) else {
            let names = MigrationTemplate.operations
            throw CommandFailure(
                "unknown operation '\(operation)'"
                    + (NearestName.of(operation, among: names).map { "; did you mean '\($0)'?" }
                        ?? "; it must be one of \(names.joined(separator: ", "))"),
                exitCode: 2)
        }
        let name = try fileName()
        let directory = try Project(self.project).directory
        let paths: [String]
        do {
            paths = try directory.filePaths()
        } catch {
            throw CommandFailure(error.description)
        }
        let path =
            directory.path + (directory.path.hasSuffix("/") ? "" : "/") + Self.number(after: paths)
            + "_\(name).yaml"
        try NewFile.write(template, to: path)
        Output.write("wrote \(path)\n")
    }

    private func fileName() throws(CommandFailure) -> String {
        let name = name.replacing(" ", with: "_")
        let isPlain = name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
        guard isPlain, !name.isEmpty, name.utf8.count <= 200 else {
            throw CommandFailure(
                "'\(self.name.onOneLine)' does not make a file name: use letters, digits, '_' and '-'",
                exitCode: 2)
        }
        return name
    }

    /// The next number, with as many digits as the last one has, and at least four.
    static func number(after paths: [String]) -> String {
        let prefixes = paths.map { MigrationFile.name(ofFileAt: $0).prefix { $0.isASCII && $0.isNumber } }
        let last = prefixes.compactMap { Int($0) }.max() ?? 0
        let digits = max(4, prefixes.map(\.count).max() ?? 0)
        let number = String(last + 1)
        return String(repeating: "0", count: max(0, digits - number.count)) + number
    }
}
