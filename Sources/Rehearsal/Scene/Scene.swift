internal import DoubleWrite
internal import MigrationCore
internal import MigrationEngine

/// A migration made ready to be rehearsed: its plan, a database as it is before it, and what the applications do.
struct Scene: Sendable {
    /// The files up to the migration.
    var sources: [MigrationSource]
    /// The migration that is rehearsed: the last of them.
    var migration: MigrationSource
    /// Its plan.
    var plan: Plan
    /// A database as it is before the migration, with rows; copied for each schedule.
    var template: DatabaseLocation
    /// The tables that the applications write and read.
    var subjects: [Subject]
    /// What cannot be rehearsed, and why.
    var notes: [String]

    var dialect: Dialect { plan.dialect }

    /// Whether applications with code of their own can be played. What they do about several changes at once, each at a gate
    /// of its own, nobody can guess.
    var bearsOwnCode: Bool {
        migration.migration.operations.count == 1
            && subjects.contains { $0.releases[1].contains(where: \.isOwnCode) }
    }

    /// Every step of the plan, and every one of its undo, by its id.
    var steps: [String: Step] {
        var steps: [String: Step] = [:]
        func add(_ step: Step) {
            steps[step.id] = step
            for undo in step.undo { add(undo) }
        }
        for (_, step) in plan.steps { add(step) }
        return steps
    }
}

extension Scene {
    /// How the engine runs in a rehearsal: nothing sleeps, for everybody else moves in its callbacks.
    static func settings(_ applications: [String]) -> Settings {
        var settings = Settings()
        settings.applications = applications
        settings.soak = .zero
        settings.settleTimeout = .zero
        settings.lockTimeout = .milliseconds(10)
        settings.lockAttempts = 6
        // A run whose connections are cut is begun again by the schedule.
        settings.reconnectTimeout = .zero
        settings.pacing.workers = 1
        settings.faults.pauses = false
        settings.faults.batchSize = 4
        return settings
    }

    /// Carries out migrations with nobody there.
    static func apply(_ names: [String], of sources: [MigrationSource], to location: DatabaseLocation) throws
    {
        guard !names.isEmpty else { return }
        var settings = settings(["app"])
        settings.noWriters = true
        settings.lockTimeout = .seconds(5)
        let engine = try Engine(location, settings: settings, observer: SilentObserver())
        defer { engine.close() }
        let report = try engine.apply(sources, names: names, through: .contract)
        let unfinished = report.migrations.filter { $0.outcome != .finished }
        guard unfinished.isEmpty else {
            let gates = unfinished.flatMap(\.unmetGates).map(\.description).joined(separator: "; ")
            throw RehearsalError(
                "'\(unfinished[0].name)' does not get to its end on the scratch database, with nobody there: \(gates)"
            )
        }
    }
}
