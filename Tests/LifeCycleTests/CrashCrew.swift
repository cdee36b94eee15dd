import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// A scenario's database, and a run on it that is struck at every moment.
final class CrashCrew {
    let cycle: LifeCycle
    let subject: Subject
    private let strikes: Strikes
    private var sources: [MigrationSource] { [cycle.source] }

    init(_ cycle: LifeCycle, struckBy strikes: Strikes) throws {
        self.cycle = cycle
        self.strikes = strikes
        subject = try Subject(cycle.dialect, cycle.setUp)
    }

    /// The schema and the rows.
    func contents() throws -> String { try subject.contents(namingRowsBy: cycle.rowsByName) }

    /// Runs to the end.
    ///
    /// - Parameters:
    ///   - isCut: Whether its connections are cut, which does not end a run.
    ///   - preparing: Called with the number of each attempt before it.
    func apply(isCut: Bool = false, preparing: (Int) throws -> Void = { _ in }) throws {
        let report = try insist(settings, isCut: isCut, preparing: preparing) {
            try $0.apply(sources, through: .contract)
        }
        #expect(report.migrations.map(\.outcome) == [.finished])
    }

    /// Runs until right before a step.
    ///
    /// - Returns: Whether it came to it: where the step is a gate it does not.
    func apply(before step: Step) throws -> Bool {
        var stopping = settings
        stopping.faults.strike = { moment, id in
            if moment == .beforeStep, id == step.id { throw Strikes.Struck(point: "stop") }
        }
        do {
            let report = try insist(stopping, stopsAt: "stop") { try $0.apply(sources, through: .contract) }
            #expect(report.migrations.map(\.outcome) == [.finished], "never came to \(step.id)")
            return false
        } catch let stopped as EngineError where "\(stopped)".contains("\"stop\"") {
            return true
        }
    }

    /// Takes everything back.
    func rollBack() throws {
        let names = [cycle.migration.name]
        let report = try insist(settings) {
            try $0.rollback(sources, names: names, discardingData: true)
        }
        #expect(report.migrations.map(\.outcome) == [.rolledBack])
    }

    /// Runs until it is stopped no more, and attests whatever it waits for.
    private func insist(
        _ settings: Settings, isCut: Bool = false, stopsAt stop: String? = nil,
        preparing: (Int) throws -> Void = { _ in }, _ body: (Engine) throws -> ApplyReport
    ) throws -> ApplyReport {
        for attempt in 1...1000 {
            try preparing(attempt)
            strikes.begin()
            let engine = try Engine(subject.location, settings: settings, observer: SilentObserver())
            defer { engine.close() }
            do {
                let report = try body(engine)
                guard try attest(report.migrations.flatMap(\.unmetGates)) else { return report }
            } catch let error as EngineError {
                let message = "\(error)"
                guard !isCut, message.contains("Struck"), stop.map(message.contains) != true else {
                    throw error
                }
            }
        }
        throw TestFailure("stopped more often than there are moments")
    }

    private var settings: Settings {
        var settings = Settings()
        settings.soak = .zero
        settings.settleTimeout = .seconds(20)
        settings.faults.strike = { [strikes] in try strikes.strike($0, $1) }
        return settings
    }

    /// Attests what the gates wait for.
    ///
    /// - Returns: Whether there was anything.
    private func attest(_ gates: [UnmetGate]) throws -> Bool {
        var isAttested = false
        for case .release(let missing) in gates.map(\.condition) {
            guard let needs = missing.first?.needs else { continue }
            let engine = try subject.engine()
            defer { engine.close() }
            try engine.attest(
                Attestation(application: "app", conduct: cycle.conduct ?? needs), sources: sources)
            isAttested = true
        }
        return isAttested
    }
}
