import MigrationCore

/// The commands that a message tells the reader to run.
struct CommandWords: Sendable, Hashable {
    /// Options that stand for the project and the database the reader chose, repeated in every command that
    /// is shown:
    /// `--config other.yaml`. Never the database's location, which may hold a password.
    var options: [String] = []

    func apply(_ migration: String, through phase: Phase? = nil) -> String {
        line(["apply", migration] + (phase.map { ["--through", $0.rawValue] } ?? []))
    }

    func rollback(_ migration: String) -> String { line(["rollback", migration]) }

    /// Lets backfills go on.
    var resume: String { line(["resume"]) }

    func verify(_ migration: String) -> String { line(["verify", migration]) }

    func attest(_ application: String, _ migration: String, as conduct: Release.Conduct? = nil) -> String {
        line(
            ["attest", application, "--migration", migration]
                + (conduct.map { $0 == .helper ? [] : ["--as", $0.rawValue] } ?? []))
    }

    private func line(_ words: [String]) -> String {
        (["bellows"] + (words + options).map { $0 == "APPLICATION" ? $0 : Words.shellQuoted($0) })
            .joined(separator: " ")
    }
}
