internal import DoubleWrite
internal import MigrationCore

extension StateStore {
    private static let columns = """
        name, checksum, run, direction, plan, phase, status, marks, settled_marks, open_transactions, \
        started_ms, finished_ms, uses
        """

    /// Every recorded migration, by name. Only those in flight come with their plans: a history is long.
    func migrations() throws -> [MigrationRecord] {
        let columns = Self.columns.replacing(
            "plan,", with: "CASE WHEN status = 'running' THEN plan ELSE '' END,")
        return try run("SELECT \(columns) FROM {migrations} ORDER BY name").rows.map { row in
            try migration(row, withPlan: row[6].text == MigrationRecord.Status.running.rawValue)
        }
    }

    func migration(_ name: String) throws -> MigrationRecord? {
        try run("SELECT \(Self.columns) FROM {migrations} WHERE name = $1", .text(name)).rows.first
            .map { try migration($0, withPlan: true) }
    }

    private func migration(_ row: [SQLValue], withPlan: Bool) throws -> MigrationRecord {
        guard row.count == 13, let name = row[0].text, let plan = row[4].text, let run = row[2].integer,
            let direction = row[3].text.flatMap(Direction.init(rawValue:)),
            let status = row[6].text.flatMap(MigrationRecord.Status.init(rawValue:))
        else { throw EngineError(.state(message: "a row of the migrations table makes no sense")) }
        return MigrationRecord(
            name: name, checksum: row[1].text ?? "", run: run, direction: direction,
            plan: withPlan
                ? try StoredJSON.value(Plan.self, from: plan, what: "the plan of '\(name)'")
                : Plan(migration: name, dialect: words.dialect),
            phase: row[5].text.flatMap(Phase.init(rawValue:)), status: status,
            marks: row[7].integer ?? 0, settledMarks: row[8].integer ?? 0, openTransactions: row[9].text,
            uses: try row[12].text.map {
                try StoredJSON.value([String].self, from: $0, what: "what uses the columns of '\(name)'")
            } ?? [],
            started: Moment(milliseconds: row[10].integer ?? 0),
            finished: row[11].integer.map { Moment(milliseconds: $0) })
    }

    /// Records that a migration begins, or turns back: a new run with its plan.
    ///
    /// - Parameter uses: What uses the columns that the plan takes away, before it begins.
    func begin(_ plan: Plan, checksum: String, direction: Direction, uses: [String]) throws {
        try run(
            """
            INSERT INTO {migrations} AS m
                (name, checksum, run, direction, plan, uses, status, marks, settled_marks, started_ms)
            VALUES ($1, $2, 1, $3, $4, $5, 'running', 1, 0, {now})
            ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, run = m.run + 1,
                direction = excluded.direction, plan = excluded.plan, uses = excluded.uses, phase = NULL,
                status = 'running', marks = m.marks + 1, open_transactions = NULL,
                started_ms = excluded.started_ms, finished_ms = NULL
            """,
            .text(plan.migration), .text(checksum), .text(direction.rawValue),
            .text(try StoredJSON.text(plan)), .text(try StoredJSON.text(uses)))
        try log(direction == .forward ? "begun" : "rollback begun", migration: plan.migration)
    }

    /// Records that the last step of a run is done.
    func finish(_ record: MigrationRecord) throws {
        let status: MigrationRecord.Status = record.direction == .forward ? .finished : .undone
        try run(
            "UPDATE {migrations} SET status = $1, finished_ms = {now} WHERE name = $2",
            .text(status.rawValue), .text(record.name))
        if record.direction == .undo {
            try run("DELETE FROM {attestations} WHERE migration = $1", .text(record.name))
        }
        try log(status.rawValue, migration: record.name, run: record.run)
    }

    /// Notes that a flip or an attestation happened: transactions older than that must end before what
    /// depends on it.
    func mark(_ migration: String) throws {
        try run(
            "UPDATE {migrations} SET marks = marks + 1, open_transactions = NULL WHERE name = $1",
            .text(migration))
    }

    /// Notes which transactions are waited for, for the runs after this one.
    func note(openTransactions: String, of record: MigrationRecord) throws {
        try run(
            "UPDATE {migrations} SET open_transactions = $1 WHERE name = $2 AND marks = $3",
            .text(openTransactions), .text(record.name), .integer(record.marks))
    }

    /// Notes that everything up to the record's mark has settled.
    func settled(_ record: MigrationRecord) throws {
        try run(
            """
            UPDATE {migrations} SET settled_marks = $1,
                open_transactions = CASE WHEN marks = $1 THEN NULL ELSE open_transactions END
            WHERE name = $2
            """,
            .integer(record.marks), .text(record.name))
        for change in record.plan.changes {
            try run("UPDATE {stages} SET settled = true WHERE change = $1", .text(change.name))
        }
    }
}

extension Plan {
    /// The changes whose stages its steps flip, in undo steps as well.
    var changes: Set<ChangeID> {
        func changes(_ steps: [Step]) -> [ChangeID] {
            steps.flatMap { step in (step.flip.map { [$0.change] } ?? []) + changes(step.undo) }
        }
        return Set(changes(steps.map(\.step)))
    }
}
