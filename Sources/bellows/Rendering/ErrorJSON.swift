import DoubleWrite
import MigrationEngine
import MigrationFiles

/// What `--format json` says of a command that failed, as the value of `error`.
struct ErrorJSON: Encodable {
    struct Drift: Encodable {
        var table: String
        var missing: [String]
        var extra: [String]
    }

    struct Problem: Encodable {
        var file: String
        var line: Nullable<Int>
        var column: Nullable<Int>
        var message: String
    }

    var message: String
    var exitCode: Int32
    var drift: [Drift]?
    var problems: [Problem]?

    init(_ failure: CommandFailure, _ redaction: Redaction) {
        message = redaction(failure.message)
        exitCode = failure.exitCode
        if !failure.drift.isEmpty {
            drift = failure.drift.map {
                Drift(table: $0.table.description, missing: $0.missing, extra: $0.extra)
            }
        }
        if !failure.problems.isEmpty {
            problems = failure.problems.map {
                Problem(
                    file: $0.path, line: Nullable($0.position?.line), column: Nullable($0.position?.column),
                    message: redaction($0.message))
            }
        }
    }
}
