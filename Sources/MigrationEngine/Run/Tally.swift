/// What a run has done of each migration, also before it lost its connection and went on.
final class Tally {
    private var done: [String: (steps: Int, rows: Int64)] = [:]

    /// The steps of all migrations.
    var steps: Int { done.values.reduce(0) { $0 + $1.steps } }

    /// Keeps what the report counts.
    func keep(_ report: MigrationReport) { done[report.name] = (report.stepsRun, report.rows) }

    /// Counts in the report what was done of its migration before.
    func fill(_ report: inout MigrationReport) {
        guard let before = done[report.name] else { return }
        report.stepsRun = before.steps
        report.rows = before.rows
    }
}
