import DoubleWrite
import MigrationCore
import MigrationEngine
import Testing

@testable import MigrationFiles

/// Every operation, on both databases, with a writer running: expand, undo, expand, transition, undo, transition,
/// contract.
@Suite("Life cycles", .serialized) struct LifeCycleTests {
    @Test(
        "every operation goes forth and back, and ends where it would have been made directly",
        arguments: LifeCycle.all)
    func lives(cycle: LifeCycle) throws {
        let subject = try Subject(cycle.dialect, cycle.setUp)
        let start = try subject.dump()
        if cycle.isAnnounced {
            let waiting = try subject.engine().apply([cycle.source], through: .expand)
            #expect(waiting.exitCode == 3)
        }
        let application = BusyApplication(cycle, subject.location)
        let walk = Walk(cycle: cycle, subject: subject, application: application)
        do {
            try application.waitForMore()
            if cycle.isReversible {
                try walk.go(.expand)
                try walk.goBack(to: start)
                try walk.go(.expand)
                try walk.go(.transition)
                try walk.goBack(to: start)
                try walk.goIntoTheSoak()
                try walk.goBack(to: start)
            }
            try walk.go(.transition)
            try walk.go(.contract)
        } catch {
            try? application.stop()
            throw error
        }
        try application.stop()
        try walk.check(cycle.after)

        let direct = try Subject(cycle.dialect, cycle.setUp + cycle.target)
        let otherwise = difference(try subject.dump(), try direct.dump())
        #expect(otherwise == "", "\(otherwise)")
        #expect(try subject.engine().plans(walk.sources).isEmpty)
        let again = try subject.engine().apply(walk.sources, through: .contract)
        #expect(again.migrations.map(\.stepsRun) == [0])
    }

    @Test("a table whose rows are in partitions goes the same way", arguments: LifeCycle.partitioned)
    func livesInPartitions(cycle: LifeCycle) throws { try lives(cycle: cycle) }
}

/// The way of one scenario.
private struct Walk {
    let cycle: LifeCycle
    let subject: Subject
    let application: BusyApplication

    var sources: [MigrationSource] { [cycle.source] }

    func go(_ phase: Phase) throws {
        let engine = try subject.engine()
        try attest(engine)
        let report = try insist(engine) { try $0.apply(sources, through: phase) }
        #expect(report.exitCode == 0, "\(report.migrations.flatMap(\.unmetGates))")
        try application.waitForMore()
    }

    /// As far as something can wait before it is dropped.
    func goIntoTheSoak() throws {
        let engine = try subject.engine(soak: .seconds(3600))
        try attest(engine)
        let plan = try engine.plans(sources).first
        let soaks = plan?.steps.contains { $0.step.kind == .soak } ?? false
        let report = try insist(engine) { try $0.apply(sources, through: soaks ? .contract : .transition) }
        #expect(report.exitCode == (soaks ? 3 : 0), "\(report.migrations.flatMap(\.unmetGates))")
        try application.waitForMore()
    }

    func goBack(to start: String) throws {
        let engine = try subject.engine()
        guard try engine.status(sources).migrations[0].state != .pending else { return }
        let names = [cycle.migration.name]
        func rollBack() throws -> ApplyReport {
            try insist(engine) { try $0.rollback(sources, names: names, discardingData: true) }
        }
        var report = try rollBack()
        // Some gates of the way back count only what is attested for it.
        if report.exitCode == 3 {
            try attest(engine)
            report = try rollBack()
        }
        #expect(report.migrations.map(\.outcome) == [.rolledBack])
        let otherwise = difference(try subject.dump(), start)
        #expect(otherwise == "", "\(otherwise)")
        try application.waitForMore()
        try check(cycle.before)
    }

    /// One release is enough for all gates.
    private func attest(_ engine: Engine) throws {
        guard let conduct = cycle.conduct else { return }
        try engine.attest(Attestation(application: "app", conduct: conduct), sources: sources)
    }

    /// Attests whatever a gate waits for, where each needs a release of its own.
    private func insist(_ engine: Engine, _ body: (Engine) throws -> ApplyReport) throws -> ApplyReport {
        guard cycle.conduct == nil else { return try body(engine) }
        for _ in 0..<5 {
            let report = try body(engine)
            guard case .waiting(let gates)? = report.migrations.first?.outcome,
                case .release(let missing)? = gates.first?.condition, let needs = missing.first?.needs
            else { return report }
            try engine.attest(Attestation(application: "app", conduct: needs), sources: sources)
        }
        throw TestFailure("the gates open for no attestation")
    }

    /// Whether every row that was acknowledged is there as it was written.
    func check(_ view: LifeCycle.View) throws {
        let journal = application.journal
        let rows = try Client(subject.location).run(view.query).rows
        let found = Dictionary(rows.map { ($0[0].integer ?? 0, Array($0.dropFirst())) }) { first, _ in first }
        let lost = journal.filter { found[Int64($0)] != view.row($0) }
        #expect(
            lost.isEmpty,
            "\(lost.count) of \(journal.count), such as \(lost.first.map { "\($0): \(found[Int64($0)] ?? [])" } ?? "")"
        )
    }
}

/// The suite carries out what there is.
@Suite("Coverage of the life cycles") struct CoverageTests {
    @Test(
        "no operation of the format is without a life cycle on a database that has it",
        arguments: Dialect.allCases)
    func everyOperationHasOne(dialect: Dialect) {
        let carriedOut = Set(
            LifeCycle.all.filter { $0.dialect == dialect }.flatMap { $0.operations.map(\.keyword) })
        let missing = MigrationFormat.operations.map(\.title).filter { !carriedOut.contains($0) }
        #expect(missing == (dialect == .postgres ? [] : LifeCycle.absentInSQLite))
    }
}
