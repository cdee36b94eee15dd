internal import DoubleWrite
internal import MigrationCore

extension Runner {
    /// Counts; done when every invariant holds, else a gate: a writer does not write both sides.
    func verify(
        _ verification: Verification, _ step: Step, _ place: StepPlace, _ walk: Walk
    ) throws -> Outcome {
        var report = try database.verify(
            verification, migration: place.migration, step: step.id, with: workers)
        let evidence = try StoredJSON.text(StoredEvidence(report))
        guard report.holds || isAccepted(verification) || verification.onlyTells == true else {
            let repair = walk.repair(of: verification.table, before: place.ordinal)
            report.repair = repair?.statement(database.dialect)
            try attempting(nil) {
                try store.start(place)
                try store.save(evidence: evidence, of: place)
            }
            return .unmet(
                UnmetGate(
                    migration: place.migration, step: step.id, title: step.title,
                    condition: .violations(report)))
        }
        try once(place, on: nil) {
            try store.start(place)
            try store.save(evidence: evidence, of: place)
        }
        if !report.holds, verification.onlyTells == true { observer.observe(.note(report.told)) }
        return .done(rows: report.rows)
    }

    /// Whether the rows that it counts may lose values: the rollback was told to discard data.
    private func isAccepted(_ verification: Verification) -> Bool {
        discardsData && verification.countsLosses == true
    }
}

extension VerificationReport {
    /// How many rows it found, in one line. No value of theirs: a run's output is kept in places that are not the
    /// database.
    var told: String {
        counts.filter { $0.violations > 0 }.map {
            "\($0.name) does not hold in \($0.violations) of \(rows) rows of '\(table)'"
        }.joined(separator: "; ")
    }
}

extension Backfill {
    /// All of it as one statement, for whoever repairs a few rows by hand.
    fileprivate func statement(_ dialect: Dialect) -> String {
        statements(for: mismatch, dialect).joined(separator: "; ")
    }
}

extension TargetDatabase {
    /// How many violating rows a report shows.
    private static var sampleLimit: Int { 5 }

    /// Counts the violations of all invariants in one statement, and so in one snapshot. Writes nothing.
    ///
    /// - Parameter processes: See ``beginReading(with:)``.
    func verify(
        _ verification: Verification, migration: String, step: String, with processes: Int? = nil
    ) throws -> VerificationReport {
        try reading(verification.table, with: processes) {
            try counted(verification, migration: migration, step: step)
        }
    }

    /// The same, in the transaction that is open.
    func counted(
        _ verification: Verification, migration: String, step: String
    ) throws -> VerificationReport {
        let table = dialect.quote(verification.table)
        let filters = verification.counts(dialect).map { ", " + $0 }.joined()
        let row =
            try session.query(
                "SELECT \(words.now), \(snapshotName), count(*)\(filters) FROM \(table)"
            ).rows.first ?? []
        let counts = zip(verification.invariants, row.dropFirst(3)).map { invariant, count in
            VerificationReport.Count(name: invariant.name, violations: count.integer ?? 0)
        }
        precondition(counts.count == verification.invariants.count, "a count is missing")
        var report = VerificationReport(
            migration: migration, step: step, table: verification.table,
            at: Moment(milliseconds: row[0].integer ?? 0), snapshot: row[1].text ?? "",
            rows: row[2].integer ?? 0, counts: counts, remedy: verification.remedy)
        if !report.holds { report.samples = try sampled(verification, counts) }
        return report
    }

    /// Some of the rows that violate an invariant of which `counts` says that any did.
    func samples(
        _ verification: Verification, _ counts: [VerificationReport.Count]
    ) throws -> ResultSet {
        try reading(verification.table) { try sampled(verification, counts) }
    }

    /// Some of the rows of one table: the first in which any violate.
    private func sampled(
        _ verification: Verification, _ counts: [VerificationReport.Count]
    ) throws -> ResultSet {
        let violated = zip(verification.invariants, counts).filter { $0.1.violations > 0 }.map(\.0)
        guard let first = violated.first else { return ResultSet() }
        let violations = violated.filter { $0.table == first.table }.map { "(\($0.violation))" }
        let columns = (first.sampleColumns ?? verification.sampleColumns).map(dialect.quote)
        // They speak of rows of the verification's own table.
        let samples = first.table == nil ? verification.sampleValues ?? [] : []
        let values = samples.map { "\($0.sql) AS \(dialect.quote($0.name))" }
        return try session.query(
            """
            SELECT \((columns + values).joined(separator: ", ")) \
            FROM \(dialect.quote(first.table ?? verification.table)) \
            WHERE \(violations.joined(separator: " OR ")) LIMIT \(Self.sampleLimit)
            """)
    }
}

/// A verification as the state keeps it: the counts, never a row.
struct StoredEvidence: Sendable, Codable {
    struct Count: Sendable, Codable {
        var name: String
        var violations: Int64
    }

    var table: TableName
    var at: Int64
    var snapshot: String
    var rows: Int64
    var counts: [Count]

    init(_ report: VerificationReport) {
        table = report.table
        at = report.at.milliseconds
        snapshot = report.snapshot
        rows = report.rows
        counts = report.counts.map { Count(name: $0.name, violations: $0.violations) }
    }

    func report(migration: String, step: String) -> VerificationReport {
        VerificationReport(
            migration: migration, step: step, table: table, at: Moment(milliseconds: at), snapshot: snapshot,
            rows: rows, counts: counts.map { .init(name: $0.name, violations: $0.violations) })
    }
}
