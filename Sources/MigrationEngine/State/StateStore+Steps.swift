internal import DoubleWrite
internal import MigrationCore

extension StateStore {
    /// The recorded steps of a run, by their place in the plan.
    func steps(of record: MigrationRecord) throws -> [Int: StepRecord] {
        let rows = try run(
            """
            SELECT ordinal, step, status, progress, row_count, started_ms, finished_ms, error, evidence
            FROM {steps} WHERE migration = $1 AND run = $2
            """,
            .text(record.name), .integer(record.run)
        ).rows
        var steps: [Int: StepRecord] = [:]
        for row in rows {
            guard let ordinal = row[0].integer, let step = row[1].text,
                let status = row[2].text.flatMap(StepRecord.Status.init(rawValue:))
            else { throw EngineError(.state(message: "a row of the steps table makes no sense")) }
            steps[Int(ordinal)] = StepRecord(
                ordinal: Int(ordinal), step: step, status: status, progress: row[3].text,
                rows: row[4].integer ?? 0, started: Moment(milliseconds: row[5].integer ?? 0),
                finished: row[6].integer.map { Moment(milliseconds: $0) }, error: row[7].text,
                evidence: row[8].text)
        }
        return steps
    }

    /// Whether a step is recorded as over; looked at again inside the transaction that would do it.
    func isOver(_ place: StepPlace) throws -> Bool {
        let status = try run(
            "SELECT status FROM {steps} WHERE migration = $1 AND run = $2 AND ordinal = $3",
            .text(place.migration), .integer(place.run), .integer(Int64(place.ordinal))
        ).scalar?.text
        return status.map { $0 != StepRecord.Status.running.rawValue } ?? false
    }

    /// Records a step as begun, unless it is.
    func start(_ place: StepPlace) throws {
        try run(
            """
            INSERT INTO {steps} (migration, run, ordinal, step, status, started_ms)
            VALUES ($1, $2, $3, $4, 'running', {now})
            ON CONFLICT (migration, run, ordinal) DO UPDATE SET error = NULL
            """,
            .text(place.migration), .integer(place.run), .integer(Int64(place.ordinal)), .text(place.step))
    }

    /// Records how far a step is.
    func save(progress: String, rows: Int64, of place: StepPlace) throws {
        try session.execute(statement(saving: progress, rows: rows, of: place))
    }

    /// What records how far a step is; without parameters, so that it can be one message with the COMMIT behind it.
    func statement(saving progress: String, rows: Int64, of place: StepPlace) -> String {
        let dialect = words.dialect
        return """
            UPDATE \(words.table("steps")) SET progress = \(dialect.literal(progress)), row_count = \(rows)
            WHERE migration = \(dialect.literal(place.migration)) AND run = \(place.run) AND ordinal = \(place.ordinal)
            """
    }

    /// Records a verification that does not hold, or the one that does, while its step still runs.
    func save(evidence: String, of place: StepPlace) throws {
        try run(
            "UPDATE {steps} SET evidence = $1 WHERE migration = $2 AND run = $3 AND ordinal = $4",
            .text(evidence), .text(place.migration), .integer(place.run), .integer(Int64(place.ordinal)))
    }

    /// Records a step as over.
    func end(_ place: StepPlace, _ status: StepRecord.Status, rows: Int64? = nil) throws {
        try start(place)
        try run(
            """
            UPDATE {steps} SET status = $1, row_count = coalesce($2, row_count), finished_ms = {now}, error = NULL
            WHERE migration = $3 AND run = $4 AND ordinal = $5
            """,
            .text(status.rawValue), SQLValue(rows), .text(place.migration), .integer(place.run),
            .integer(Int64(place.ordinal)))
        try run(
            "UPDATE {migrations} SET phase = $1 WHERE name = $2", .text(place.phase.rawValue),
            .text(place.migration))
        try log(status.rawValue, migration: place.migration, run: place.run, step: place.step)
    }

    /// Records why a step failed.
    func fail(_ place: StepPlace, error: String) throws {
        try start(place)
        try run(
            "UPDATE {steps} SET error = $1 WHERE migration = $2 AND run = $3 AND ordinal = $4 AND status = 'running'",
            .text(error), .text(place.migration), .integer(place.run), .integer(Int64(place.ordinal)))
        try log("failed", migration: place.migration, run: place.run, step: place.step, detail: error)
    }

    /// Records a step as not over again: what it found may not hold any more.
    func reopen(_ place: StepPlace) throws {
        try run(
            """
            UPDATE {steps} SET status = 'running', finished_ms = NULL
            WHERE migration = $1 AND run = $2 AND ordinal = $3
            """,
            .text(place.migration), .integer(place.run), .integer(Int64(place.ordinal)))
    }
}

/// Where a step is recorded.
struct StepPlace: Sendable, Hashable {
    var migration: String
    var run: Int64
    var ordinal: Int
    var phase: Phase
    var step: String
}
