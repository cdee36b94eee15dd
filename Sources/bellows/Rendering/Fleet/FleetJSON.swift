import DoubleWrite
import MigrationCore
import MigrationEngine

/// What a command says of many databases with `--format json`: for each what it says of one.
struct FleetJSON<Report: Encodable>: Encodable {
    struct Database: Encodable {
        var name: String
        /// Without a password.
        var location: String
        /// `done`, `failed` or `not-begun`; of a run what it came to.
        var outcome: String
        var exitCode: Int32
        /// The document that the command gives of this database alone.
        var report: Nullable<Report>
        var error: Nullable<ErrorJSON>
    }

    var databases: [Database]
    var exitCode: Int32

    /// - Parameters:
    ///   - outcome: What one came to, in a word, where the command knows more than `done`.
    ///   - code: The exit code of one that is done.
    ///   - report: What is said of one that is done.
    init<Value>(
        _ locations: FleetLocations, _ results: [FleetResult<Value>], exitCode: Int32,
        outcome: (FleetResult<Value>) -> String? = { _ in nil }, code: (Value) -> Int32,
        report: (Value) -> Report
    ) {
        self.exitCode = exitCode
        databases = zip(locations.members, results).map { member, result in
            let usual: (outcome: String, code: Int32) =
                switch result {
                case .done(let value): ("done", code(value))
                case .failed(let failure): ("failed", failure.exitCode)
                case .notBegun: ("not-begun", 0)
                }
            return Database(
                name: member.name, location: member.location.database.description,
                outcome: outcome(result) ?? usual.outcome, exitCode: usual.code,
                report: Nullable(result.value.map(report)),
                error: Nullable(result.failure.map { ErrorJSON($0, member.location.redaction) }))
        }
    }
}

/// `plan --format json` of many databases: each plan once, and which one is whose.
struct FleetPlansJSON: Encodable {
    struct Database: Encodable {
        var name: String
        var location: String
        var exitCode: Int32
        /// The place of its plans in `plans`, from 0.
        var plan: Nullable<Int>
        var error: Nullable<ErrorJSON>
    }

    var plans: [PlansJSON]
    var databases: [Database]
    var exitCode: Int32

    init(_ locations: FleetLocations, _ results: [FleetResult<FleetStanding>], exitCode: Int32) {
        self.exitCode = exitCode
        var places: [[[Plan.PhaseSteps]]: Int] = [:]
        var plans: [PlansJSON] = []
        databases = zip(locations.members, results).map { member, result in
            let place = result.value.map { standing in
                let key = standing.plans.map(\.phases)
                if let place = places[key] { return place }
                places[key] = plans.count
                plans.append(PlansJSON(standing.plans))
                return plans.count - 1
            }
            return Database(
                name: member.name, location: member.location.database.description,
                exitCode: result.failure?.exitCode ?? 0, plan: Nullable(place),
                error: Nullable(result.failure.map { ErrorJSON($0, member.location.redaction) }))
        }
        self.plans = plans
    }
}
