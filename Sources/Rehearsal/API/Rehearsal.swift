internal import DoubleWrite
package import MigrationCore
public import MigrationEngine

/// A defect that is planted to be found.
package struct Planting: Sendable {
    /// What the plan is changed to before it is begun.
    package var plan: @Sendable (Plan) -> Plan = { $0 }
    /// Whether the engine waits for the transactions that were open at a flip.
    package var settles = true
    /// Whether who writes single columns of a change writes the others as well, with what nobody has acknowledged.
    package var writesRest = false

    /// None.
    package init() {}
}

/// Runs migrations on scratch databases: the real engine, the real helper, and instances of an application that write,
/// read, die, are released and rolled back while it runs; every acknowledged write and every read is judged.
///
/// What happens follows from the seed alone: the engine calls back at every moment of every step, and in that callback,
/// on the same thread, the others move. So a failure can be had again.
public final class Rehearsal {
    private let sources: [MigrationSource]
    private let options: RehearsalOptions
    private let place: ScratchPlace
    /// A database as it is before the next migration.
    private var base: DatabaseLocation
    /// The migrations that are in ``base``.
    private var applied = 0
    /// Defects that the tests plant.
    package var planting = Planting()
    /// The journal of the schedule that was played last.
    package private(set) var lastJournal: [String] = []

    /// - Parameters:
    ///   - sources: All files, in their order.
    /// - Throws: Where there is no place for scratch databases.
    public init(_ sources: [MigrationSource], options: RehearsalOptions) throws {
        self.sources = sources.sorted { $0.migration.name < $1.migration.name }
        self.options = options
        place = try ScratchPlace(options.dialect, server: options.server)
        base = try place.make()
        if let schema = options.schema {
            let session = try Session(base, patience: .seconds(5))
            defer { session.close() }
            try session.runSchema(schema)
        }
    }

    // Whoever watches for signals may hold the place for as long as the process runs.
    deinit { place.dropAll() }

    /// Drops what there still is of scratch databases, from any thread: for whoever ends the process at once.
    public var cleanUp: @Sendable () -> Void {
        let place = place
        return { place.dropAll() }
    }

    /// Rehearses one migration; those before it are carried out first.
    ///
    /// - Parameter progress: Called behind every schedule with how many there were.
    /// - Throws: ``RehearsalError`` or an engine's error where it cannot be rehearsed at all; ``RehearsalStopped`` where the
    ///   end was asked for.
    public func rehearse(_ name: String, progress: (Int) -> Void = { _ in }) throws -> RehearsalReport {
        guard let index = sources.firstIndex(where: { $0.migration.name == name }) else {
            throw RehearsalError("there is no migration '\(name)'")
        }
        try checkStop()
        try applyEarlier(upTo: index)
        let builder = SceneBuilder(
            place: place, sources: Array(sources[...index]), migration: sources[index], options: options)
        let scene = try builder.scene(from: base)
        defer { place.drop(scene.template) }
        var report = RehearsalReport(
            migration: name, dialect: options.dialect, seed: options.seed, tally: Tally(),
            tables: scene.subjects.map(\.name), notes: scene.notes, locks: [:])
        for number in options.only.map({ $0...$0 }) ?? 1...max(1, options.schedules) {
            try checkStop()
            try play(number, scene, &report)
            if report.failure != nil { return report }
            progress(number)
        }
        try checkStop()
        if options.only == nil, options.isTimed { try time(scene, &report) }
        return report
    }

    private func checkStop() throws {
        if let code = options.stop?.exitCode { throw RehearsalStopped(exitCode: code) }
    }

    private func time(_ scene: Scene, _ report: inout RehearsalReport) throws {
        guard !scene.subjects.isEmpty else { return }
        let location = try place.copy(scene.template)
        defer { place.drop(location) }
        do {
            report.timing = try TimedRun(scene: scene, location: location, applications: options.applications)
                .run()
        } catch let fault as Fault {
            report.failure = RehearsalReport.Failure(
                schedule: 0, kind: fault.kind.rawValue, message: fault.message, trace: [])
        }
    }

    private func applyEarlier(upTo index: Int) throws {
        guard options.schema == nil, applied < index else { return }
        let names = sources[applied..<index].map(\.migration.name)
        try Scene.apply(names, of: Array(sources[..<index]), to: base)
        applied = index
    }

    private func play(_ number: Int, _ scene: Scene, _ report: inout RehearsalReport) throws {
        let location = try place.copy(scene.template)
        defer { place.drop(location) }
        let schedule = try Schedule(
            scene, options: options, number: number, location: location, planting: planting)
        let fault = try schedule.play()
        lastJournal = schedule.troupe.journal.lines
        report.tally = report.tally + schedule.troupe.tally
        for (step, mode) in schedule.locks.strongest {
            let seen = report.locks[step].flatMap(LockMode.init(rawValue:))
            report.locks[step] = max(seen ?? mode, mode).rawValue
        }
        guard let fault else { return }
        report.failure = RehearsalReport.Failure(
            schedule: number, kind: fault.kind.rawValue, message: fault.message,
            trace: schedule.troupe.journal.trace(of: fault.row))
    }
}
