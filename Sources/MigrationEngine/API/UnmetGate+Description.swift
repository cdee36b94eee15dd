internal import DoubleWrite
internal import MigrationCore

extension UnmetGate: CustomStringConvertible {
    /// What is waited for, in a sentence.
    public var description: String {
        switch condition {
        case .release(let missing):
            "waits for a release of "
                + missing.map { application in
                    "'\(application.application)'"
                        + (application.isAttestedForOtherFile
                            ? ", which was attested for another content of the file" : "")
                }.joined(separator: ", ")
                + (strays.isEmpty
                    ? "" : "; the guard has counted " + strays.map(\.description).joined(separator: "; "))
        case .soak(let until, let remaining):
            "soaks until \(until), for another \(remaining.inWords)"
        case .transactions(let blockers):
            "waits for transactions that were open at the last flip: "
                + blockers.map(\.description).joined(separator: "; ")
        case .violations(let report):
            report.counts.filter { $0.violations > 0 }.map { count in
                "\(count.violations) of \(report.rows) rows of '\(report.table)' violate \(count.name)"
            }.joined(separator: "; ")
        case .held(let reasons):
            "is held up: " + reasons.map(\.description).joined(separator: "; ")
        case .migrations(let names):
            "builds on " + names.map { "'\($0)'" }.joined(separator: ", ") + ", which is not finished"
        }
    }

    /// What would meet it: commands to run, or what to look for, one a line.
    public var remedies: [String] {
        switch condition {
        case .release(let missing):
            missing.map {
                "bellows attest \($0.application) --migration \(migration)"
                    + ($0.conductToName.map { " --as \($0.rawValue)" } ?? "")
            }
        case .soak: ["run the same command again then"]
        case .transactions: ["run the same command again when they have ended, or end them"]
        case .violations(let report):
            [report.remedy ?? "find the writer that does not write both columns, and release it"]
                + (report.repair.map { ["then repair the rows: \($0)"] } ?? [])
        case .held(let reasons): [reasons.arePaused ? "bellows resume" : "run the same command again later"]
        case .migrations(let names): names.map { "bellows apply \($0)" }
        }
    }
}
