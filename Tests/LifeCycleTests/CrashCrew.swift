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
    private let betweenAttempts: (Int) throws -> Void
    private var attempts = 0

    /// - Parameter betweenAttempts: Called with the number of each attempt before it.
    init(
        _ cycle: LifeCycle, struckBy strikes: Strikes,
        betweenAttempts: @escaping (Int) throws -> Void = { _ in }
    ) throws {
        self.cycle = cycle
        self.strikes = strikes
        self.betweenAttempts = betweenAttempts
        subject = try Subject(cycle.dialect, cycle.setUp)
    }

    private var sources: [MigrationSource] { [cycle.source] }

    /// Runs to the end of a phase.
    func apply(through phase: Phase = .contract, _ settings: Settings? = nil) throws {
        let report = try insist(settings) { try $0.apply(sources, through: phase) }
        let outcome = report.migrations.map(\.outcome)
        if phase == .contract { #expect(outcome == [.finished]) }
    }

    /// Takes everything back.
    func rollBack() throws {
        let names = [cycle.migration.name]
        let report = try insist { try $0.rollback(sources, names: names, discardingData: true) }
        #expect(report.migrations.map(\.outcome) == [.rolledBack])
    }

    /// Runs until it is stopped no more, and attests whatever it waits for.
    private func insist(_ other: Settings? = nil, _ body: (Engine) throws -> ApplyReport) throws
        -> ApplyReport
    {
        for _ in 0..<1000 {
            attempts += 1
            try betweenAttempts(attempts)
            strikes.begin()
            let engine = try Engine(
                subject.location, settings: other ?? settings, observer: SilentObserver())
            defer { engine.close() }
            do {
                let report = try body(engine)
                guard try attest(report.migrations.flatMap(\.unmetGates)) else { return report }
            } catch let error as EngineError {
                guard case .state(let message) = error.reason, message.contains("Struck") else { throw error }
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
