internal import DoubleWrite
internal import Foundation
internal import MigrationCore
internal import MigrationEngine

/// One rolling deploy from its beginning to its end: the engine runs the plan, and in each of its callbacks the
/// instances of the applications move, as the seed says.
final class Schedule {
    let scene: Scene
    let troupe: Troupe
    let locks: LockMeasure
    let location: DatabaseLocation
    private(set) var settings: Settings
    /// What was found wrong inside of a callback.
    var fault: Fault?
    private var isStruck = false
    /// Whether there is nothing to take back, or no way back any more.
    private var isForwardAgain = false
    /// Whether a gate has asked for a release yet.
    var isAnnounced = false
    private var hasTurnedAtTheEnd = false
    private var crashes = 0
    private var turns = 0
    private var rounds = 0

    /// More crashes of the runner than this would only repeat themselves.
    private static var crashLimit: Int { 4 }
    private static var turnLimit: Int { 2 }
    private static var roundLimit: Int { 400 }

    init(
        _ scene: Scene, options: RehearsalOptions, number: Int, location: DatabaseLocation,
        planting: Planting
    ) throws {
        self.scene = scene
        self.location = location
        var random = RandomNumbers(seed: options.seed, schedule: number)
        if scene.dialect == .sqlite, random.chance(50) {
            let session = try Session(location, patience: .seconds(1))
            try session.run("PRAGMA journal_mode = WAL")
            session.close()
        }
        locks = try LockMeasure(scene, location)
        settings = Scene.settings(options.applications)
        settings.faults.plant = planting.plan
        settings.faults.settles = planting.settles
        if random.chance(30) { settings.lockAttempts = 1 }
        troupe = Troupe(scene, location: location, random: random)
        troupe.writesRest = planting.writesRest
    }

    /// Plays it to its end.
    ///
    /// - Returns: What went wrong, if anything did.
    func play() throws -> Fault? {
        defer {
            troupe.instances.forEach { $0.crash() }
            locks.close()
        }
        do {
            try moves(2)
            try run()
            try finish()
        } catch let found as Fault {
            fault = fault ?? found
        }
        troupe.tally.looksAtLocks = locks.looks
        if fault == nil { troupe.tally.schedules = 1 }
        return fault
    }

    private func moves(_ atMost: Int) throws {
        for _ in 0..<troupe.random.below(atMost + 1) { try troupe.move() }
    }

    // MARK: - The way

    private enum Heading {
        case forward(through: Phase)
        case back

        var isBack: Bool {
            if case .back = self { true } else { false }
        }
    }

    private func run() throws {
        var heading = Heading.forward(
            through: troupe.random.pick([.expand, .transition, .contract, .contract]) ?? .contract)
        while true {
            rounds += 1
            guard rounds < Self.roundLimit else {
                throw Fault(kind: .run, message: "the migration does not get to its end in \(rounds) runs")
            }
            try moves(3)
            guard let report = try advance(heading) else {
                if isForwardAgain, hasTurnedAtTheEnd { try judgeRefusal() }
                heading =
                    heading.isBack && isForwardAgain
                    ? .forward(through: .contract) : turned(heading, percent: 35)
                continue
            }
            switch report.outcome {
            case .finished:
                guard isTakenBackFromTheEnd else { return }
                heading = .back
            case .reached:
                if case .forward = heading { heading = .forward(through: .contract) }
                heading = turned(heading, percent: 15)
            case .rolledBack:
                try arriveBack()
                heading = .forward(through: .contract)
            case .waiting(let gates):
                guard let gate = gates.first else { continue }
                let isOpen = try pass(gate, isBack: heading.isBack)
                if !isOpen { heading = turned(heading, percent: 100) }
            }
        }
    }

    /// Whether somebody takes the migration back although it is finished; once, and not always.
    private var isTakenBackFromTheEnd: Bool {
        guard !hasTurnedAtTheEnd, troupe.random.chance(30) else { return false }
        hasTurnedAtTheEnd = true
        troupe.tally.lateRollbacks += 1
        troupe.journal.note(.runner, "finished, and somebody takes it back")
        return true
    }

    /// A rollback that was refused has changed nothing.
    private func judgeRefusal() throws {
        try troupe.makeWay(percent: 100)
        try troupe.judge(release: troupe.releases.upperBound)
    }

    /// Whether to turn round here.
    private func turned(_ heading: Heading, percent: Int) -> Heading {
        guard case .forward = heading, turns < Self.turnLimit, troupe.random.chance(percent) else {
            return heading
        }
        turns += 1
        // Nothing was attested yet at a gate that is open: its release is taken back first.
        for instance in troupe.instances where instance.release > troupe.releases.lowerBound {
            if troupe.releases.count > 1 { troupe.deploy(instance, troupe.releases.lowerBound) }
        }
        troupe.releases = troupe.releases.lowerBound...troupe.releases.lowerBound
        return .back
    }

    /// One run of the engine; `nil` where it did not get to an end of its own, and is to be run again.
    private func advance(_ heading: Heading) throws -> MigrationReport? {
        let name = scene.migration.migration.name
        isStruck = false
        isForwardAgain = false
        settings.faults.strike = Cue(self).strike
        // Each run is a process, and over when the next one begins: no system has processes of these numbers.
        settings.faults.processID = 500_000_000 + Int64(rounds)
        do {
            let engine = try Engine(location, settings: settings, observer: Prompter(schedule: self))
            defer { engine.close() }
            let report: ApplyReport
            switch heading {
            case .forward(let phase):
                troupe.journal.note(.runner, "bellows apply \(name) --through \(phase.rawValue)")
                report = try engine.apply(scene.sources, names: [name], through: phase)
            case .back:
                troupe.journal.note(.runner, "bellows rollback \(name)")
                report = try engine.rollback(scene.sources, names: [name], discardingData: true)
            }
            if let fault { throw fault }
            return report.migrations.first { $0.name == name }
        } catch let error as EngineError {
            if let fault { throw fault }
            return try afterwards(error)
        }
    }

    /// What a person does who sees this error.
    private func afterwards(_ error: EngineError) throws -> MigrationReport? {
        if isStruck { return nil }
        switch error.reason {
        case .lockTimeout:
            troupe.journal.note(.runner, "leaves with code 5: \("\(error)".firstLine)")
            try troupe.makeWay(percent: 60)
            return nil
        case .leaseHeld:
            // The server needs a moment to see that a connection is gone.
            troupe.journal.note(.runner, "leaves with code 5: \(error)")
            Thread.sleep(forTimeInterval: 0.005)
            return nil
        case .irreversible, .nothingToRollBack:
            troupe.journal.note(.runner, "\(error)")
            isForwardAgain = true
            return nil
        default: throw Fault(kind: .run, message: "the run failed: \(error)")
        }
    }

    // MARK: - Callbacks

    /// A moment of a step: the others move.
    func strike(_ moment: FaultInjection.Moment, _ step: String) throws {
        switch moment {
        case .beforeStep, .beforeCommit, .afterCommit: break
        // What is only recorded is of no concern to an application.
        case .beforeAnyCommit, .afterAnyCommit: return
        }
        do {
            if moment == .beforeCommit { try locks.look(at: step) }
            if moment == .beforeStep { try yieldToBuild(step) }
            if moment == .afterCommit { troupe.tally.steps += 1 }
            let count = troupe.random.pick(
                weighted: [(0, 35), (1, 25), (2, 20), (4, 12), (7, 8)].map { (item: $0.0, weight: $0.1) })
            // Behind a flip is where the stages meet.
            let isFlip = moment == .afterCommit && scene.steps[step]?.flip != nil
            for _ in 0..<(isFlip ? 12 : count ?? 0) { try troupe.move() }
        } catch let found as Fault {
            fault = found
            throw Stop()
        }
        try strikeDown(moment, step)
    }

    private func strikeDown(_ moment: FaultInjection.Moment, _ step: String) throws {
        guard crashes < Self.crashLimit, troupe.random.chance(4) else { return }
        crashes += 1
        isStruck = true
        if scene.dialect == .postgres, troupe.random.chance(40) {
            troupe.tally.cuts += 1
            troupe.journal.note(.runner, "the runner's connections are cut, \(moment.inWords) of \(step)")
            try locks.cut()
            return
        }
        troupe.tally.runnerCrashes += 1
        troupe.journal.note(.runner, "the runner dies, \(moment.inWords) of \(step)")
        throw Stop()
    }

    /// A concurrent build waits for every transaction that is open, and the one thread there is waits with it.
    private func yieldToBuild(_ id: String) throws {
        guard let action = scene.steps[id]?.action else { return }
        switch action {
        case .buildIndex, .dropIndex: try troupe.makeWay(percent: 95)
        case .release, .schema, .backfill, .sqlite, .verify, .flip, .soak: break
        }
    }

    /// What the engine tells while it runs.
    func observe(_ event: EngineEvent) {
        do {
            switch event {
            case .stepStarted(_, _, let step, let number, let count):
                troupe.journal.note(.runner, "step \(number) of \(count), \(step.id): \(step.title)")
            case .waitingForLock(let object, _, let attempt, _):
                troupe.journal.note(.runner, "waits for a lock on \(object)")
                try troupe.makeWay(percent: attempt >= 3 ? 100 : 50)
            case .waitingForTransactions:
                troupe.journal.note(.runner, "waits for open transactions")
                try troupe.makeWay(percent: 100)
            case .migrationStarted, .progress, .stepFinished, .stepPassedOver, .heldUp, .oldTransactions,
                .leaseTakenOver, .connectionLost, .connected, .note:
                break
            }
        } catch let found as Fault {
            fault = fault ?? found
        } catch {
            fault = fault ?? Fault(kind: .run, message: "\(error)")
        }
    }
}

/// Ends a run where it stands.
private struct Stop: Error {}

/// Hands the engine's callbacks on. The engine calls them on the thread that runs it, which is the schedule's own.
private final class Cue: @unchecked Sendable {
    private unowned let schedule: Schedule

    init(_ schedule: Schedule) { self.schedule = schedule }

    var strike: @Sendable (FaultInjection.Moment, String) throws -> Void {
        { try self.schedule.strike($0, $1) }
    }
}

private struct Prompter: EngineObserver {
    unowned let schedule: Schedule

    func observe(_ event: EngineEvent) { schedule.observe(event) }
}

extension FaultInjection.Moment {
    fileprivate var inWords: String {
        switch self {
        case .beforeStep: "before the first statement"
        case .beforeCommit: "right before a commit"
        case .afterCommit: "right after a commit"
        case .beforeAnyCommit, .afterAnyCommit: "at a record"
        }
    }
}
