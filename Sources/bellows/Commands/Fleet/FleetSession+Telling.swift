import MigrationCore
import MigrationEngine

extension FleetSession {
    /// Who is told how far it is: nobody where a document is asked for.
    func progress(isText: Bool) -> FleetProgress {
        FleetProgress(
            names: names, style: Output.style, width: Output.width, height: Output.height,
            isTerminal: Output.isTerminal, isSilent: !isText)
    }

    /// `20 PostgreSQL databases of fleet.txt`.
    var title: String {
        let count = locations.members.count
        return "\(Words.number(Int64(count))) \(Words.database(locations.dialect)) "
            + "\(count == 1 ? "database" : "databases") of \(locations.source)"
    }

    /// Where those stand that could be looked at.
    func standings(_ results: [FleetResult<FleetStanding>]) -> String {
        let known = zip(names, results).compactMap { name, result in result.value.map { (name, $0) } }
        guard !known.isEmpty else { return "" }
        let text = FleetStandingText(
            title: title, standings: known, style: Output.style, width: Output.width)
        return text.lines.joined(separator: "\n") + "\n"
    }

    /// The worst of what all of them came to.
    func exitCode<Value>(_ results: [FleetResult<Value>], _ code: (Value) -> Int32) -> Int32 {
        FleetExitCode.worst(results.map { $0.value.map(code) ?? $0.failure?.exitCode ?? 0 })
    }

    /// Tells on standard error what failed, where anything did.
    ///
    /// - Parameter advice: What is true now, and what to do.
    func complain<Value>(_ results: [FleetResult<Value>], _ advice: String? = nil) {
        let failures = zip(names, results).compactMap { name, result in
            result.failure.map { (name: name, failure: $0) }
        }
        guard !failures.isEmpty else { return }
        let message = FleetFailures.message(failures, of: results.count)
        Output.complain(message + (advice.map { "\n\($0)" } ?? ""))
    }
}
