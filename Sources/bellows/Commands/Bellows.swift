import ArgumentParser
import Foundation
import MigrationCore
import MigrationEngine
import MigrationFiles

/// The tool.
struct Bellows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bellows",
        abstract: "Schema changes on live PostgreSQL and SQLite databases, without a lost write.",
        discussion: """
            A migration is one file in migrations/. 'bellows plan' shows what it will do, 'bellows apply' does it as \
            far as its gates allow, 'bellows attest' says that a release is out, 'bellows rollback' takes it back.

            Exit codes: 0 done, 1 failed, 2 usage, 3 waiting at a gate, 4 drift or edited files, 5 no lock or lease. Of \
            many databases ('--databases FILE') the worst of theirs, in the order 2, 1, 4, 5, 3, 0.
            """,
        version: "0.1.0",
        subcommands: [
            InitCommand.self, NewCommand.self, PlanCommand.self, CheckCommand.self, RehearseCommand.self,
            ApplyCommand.self, AttestCommand.self, StatusCommand.self, VerifyCommand.self,
            RollbackCommand.self,
            PauseCommand.self, ResumeCommand.self, SchemaCommand.self,
        ])

    /// Runs what the arguments say, and leaves with the exit code that scripts depend on.
    static func start(_ arguments: [String]) -> Never {
        let redaction = Redaction(arguments: arguments, variables: ProcessInfo.processInfo.environment)
        CommandLineSecrets.hide()
        Output.survivePipes()
        Courtesy.putNobodyAside()
        do {
            try checkCommand(arguments.dropFirst().first)
            var command = try parseAsRoot(Array(arguments.dropFirst()))
            try command.run()
            Output.leave(0)
        } catch let failure as CommandFailure {
            tell(failure, redaction, arguments)
            Output.leave(failure.exitCode)
        } catch let code as ExitCode {
            Output.leave(code.rawValue)
        } catch {
            // What the argument parser says: help and the version are answers, everything else is a misuse.
            let message = fullMessage(for: error)
            if exitCode(for: error) == .success {
                Output.write(message + "\n")
                Output.leave(0)
            }
            let prefix = "Error: "
            let told = message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message
            tell(CommandFailure(told, exitCode: 2), redaction, arguments)
            Output.leave(2)
        }
    }

    /// The text for people, and for a script that asked for JSON the same as a document.
    private static func tell(_ failure: CommandFailure, _ redaction: Redaction, _ arguments: [String]) {
        Output.complain(redaction(failure.message))
        let asks = zip(arguments, arguments.dropFirst()).contains { $0 == "--format" && $1 == "json" }
        guard asks || arguments.contains("--format=json") else { return }
        Output.write(JSONDocument.text(["error": ErrorJSON(failure, redaction)]))
    }

    /// A misspelt command gets its nearest name, which the argument parser does not offer.
    private static func checkCommand(_ name: String?) throws(CommandFailure) {
        let known = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard let name, !name.hasPrefix("-"), !known.contains(name) else { return }
        let nearest = NearestName.of(name, among: known).map { "did you mean '\($0)'?" }
        throw CommandFailure(
            "unknown command '\(name.onOneLine)'; \(nearest ?? "it must be one of \(Words.list(known))")",
            exitCode: 2)
    }
}

/// Why a command could not be carried out: one clear message, and the exit code.
struct CommandFailure: Error {
    var message: String
    /// 1 failed, 2 usage, 4 drift or edited files, 5 no lock or lease.
    var exitCode: Int32
    /// Tables that are not as they should be, where that is the reason.
    var drift: [Drift] = []
    /// Mistakes in files, where those are.
    var problems: [FileProblem] = []

    init(_ message: String, exitCode: Int32 = 1) {
        self.message = message
        self.exitCode = exitCode
    }
}
