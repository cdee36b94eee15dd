internal import DoubleWrite
internal import MigrationCore

/// Asks the database about the user's SQL of a plan, before anything of it runs.
struct Probing {
    let database: any TargetDatabase

    /// What the database finds wrong, each with its place in the migration's file. Writes nothing: everything that is
    /// made for it is temporary, and rolled back.
    ///
    /// - Parameter isFirst: Whether the plan is for the schema as it is now. One that comes after others may use types
    ///   that these make.
    func problems(of plan: Plan, isFirst: Bool) throws -> [PlanningProblem] {
        guard !plan.probes.isEmpty else { return [] }
        // A probe may need a lock that somebody else holds; nothing stays of an attempt, so all are made again.
        return try database.patience.trying(database.lockedObject(nil), of: nil, in: database) {
            try database.probing { canProbe in
                guard canProbe else { return [] }
                return try plan.probes.compactMap { try problem($0, plan.migration, isFirst: isFirst) }
            }
        }
    }

    private func problem(_ probe: Probe, _ migration: String, isFirst: Bool) throws -> PlanningProblem? {
        guard let failure = try failure(of: probe), isFirst || !failure.mayComeLater else { return nil }
        return PlanningProblem(
            migration: migration, path: probe.path,
            message: "\(probe.what) is refused by the database: \(failure.message); \(probe.advice)")
    }

    /// The first statement's failure, if any. Those after it are not run.
    private func failure(of probe: Probe) throws -> DatabaseFailure? {
        let session = database.session
        try session.execute("SAVEPOINT bellows_probe")
        var found: DatabaseFailure?
        do {
            // One by one, by the protocol that takes no more than one: the text is the user's.
            for statement in probe.statements { _ = try session.query(statement) }
        } catch let failure as DatabaseFailure where failure.isAnswer {
            found = failure
        }
        try session.execute("ROLLBACK TO SAVEPOINT bellows_probe; RELEASE SAVEPOINT bellows_probe")
        return found
    }
}

extension DatabaseFailure {
    /// Whether it says something of the statement, and not of the connection or of whoever else is there.
    fileprivate var isAnswer: Bool {
        switch kind {
        case .missingName, .other: true
        case .lockNotAvailable, .conflict, .connection, .readOnly, .cancelled, .diskFull: false
        }
    }

    /// Whether it is about something that an earlier migration may make.
    fileprivate var mayComeLater: Bool { kind == .missingName || code == "42704" }
}
