internal import DoubleWrite
internal import Foundation
internal import MigrationCore
internal import MigrationEngine
internal import Synchronization

/// One run with writers that really run beside it, on threads of their own: how long they wait for it at most, and how
/// long its steps take. What a schedule's one thread waits for itself would say nothing of that.
struct TimedRun {
    let scene: Scene
    let location: DatabaseLocation
    let applications: [String]

    private static var runLimit: Int { 100 }

    /// - Throws: ``Fault``.
    func run() throws -> Timing {
        let writers = Writers(scene, location)
        let clock = StepClock(writers)
        do {
            writers.wait()
            try advance(writers, clock)
            writers.enter(nil)
            writers.wait()
        } catch {
            writers.stop()
            throw writers.failure ?? error
        }
        writers.stop()
        if let failure = writers.failure { throw failure }
        try judge(writers.ledger())
        let longest = writers.longest
        return Timing(
            longestWait: longest.wait.inMilliseconds, during: longest.during, writes: writers.writes,
            steps: clock.steps)
    }

    private func advance(_ writers: Writers, _ clock: StepClock) throws {
        var settings = Settings()
        settings.applications = applications
        settings.soak = .zero
        let engine = try Engine(location, settings: settings, observer: clock)
        defer { engine.close() }
        let name = scene.migration.migration.name
        for _ in 0..<Self.runLimit {
            let report = try engine.apply(scene.sources, names: [name], through: .contract)
            guard case .waiting(let gates)? = report.migrations.first?.outcome, let gate = gates.first else {
                return
            }
            switch gate.condition {
            case .release(let missing):
                guard let first = missing.first else { continue }
                writers.deploy(first.needs == .new ? 2 : 1)
                let isHelping = scene.subjects.contains { $0.releases[1].contains(where: \.isHelper) }
                let conduct = first.acceptsHelper && isHelping ? Release.Conduct.helper : first.needs
                for application in missing.map(\.application) {
                    try engine.attest(
                        Attestation(application: application, migration: name, conduct: conduct),
                        sources: scene.sources)
                }
            case .transactions, .soak: Thread.sleep(forTimeInterval: 0.01)
            case .violations, .held, .migrations:
                throw Fault(kind: .run, message: "the run beside writers stops: \(gate)")
            }
        }
        throw Fault(kind: .run, message: "the run beside writers does not get to its end")
    }

    private func judge(_ ledger: Ledger) throws {
        let session = try Session(location, patience: .seconds(5))
        defer { session.close() }
        for (number, subject) in scene.subjects.enumerated() {
            for speech in subject.releases[2] {
                let performer = Performer(
                    session: session, subject: subject, speech: speech, dialect: scene.dialect)
                let judge = Judge(subject: subject, number: number, speech: speech, ledger: ledger)
                try judge.check(
                    all: try performer.read(key: nil), by: "behind the run beside writers, somebody",
                    atEnd: true
                ) {
                    ledger.rows[$0]
                }
            }
        }
    }
}

/// Notes how long each step takes.
private final class StepClock: EngineObserver {
    private let writers: Writers
    private let taken = Mutex<[Timing.Step]>([])

    init(_ writers: Writers) { self.writers = writers }

    var steps: [Timing.Step] { taken.withLock { $0 } }

    func observe(_ event: EngineEvent) {
        switch event {
        case .stepStarted(_, _, let step, _, _): writers.enter(step.title)
        case .stepFinished(_, let step, _, let elapsed):
            let took = Timing.Step(id: step.id, title: step.title, milliseconds: elapsed.inMilliseconds)
            taken.withLock { $0.append(took) }
        case .migrationStarted, .progress, .stepPassedOver, .waitingForLock, .waitingForTransactions, .heldUp,
            .oldTransactions, .leaseTakenOver, .connectionLost, .connected, .note:
            break
        }
    }
}

extension Duration {
    /// As a fraction.
    var inMilliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1000 + Double(attoseconds) / 1_000_000_000_000_000
    }
}
