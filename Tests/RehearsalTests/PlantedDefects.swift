import DoubleWrite
import MigrationCore
import MigrationEngine
import Testing

@testable import Rehearsal

/// A plan with a defect, which the rehearsal has to find.
struct PlantedDefect: Sendable, CustomTestStringConvertible {
    var name: String
    var dialect: Dialect
    /// Within how many schedules of the first seed.
    var schedules: Int
    var planting: Planting
    /// Whether the old column is NOT NULL: that alone stops much of what goes wrong.
    var isNotNull = false

    var testDescription: String { "\(dialect.rawValue): \(name)" }

    init(
        _ name: String, _ dialect: Dialect, within schedules: Int, _ plan: @escaping @Sendable (Plan) -> Plan
    ) {
        self.name = name
        self.dialect = dialect
        self.schedules = schedules
        planting = Planting()
        planting.plan = plan
    }

    static let all: [PlantedDefect] =
        [oneStage, unsettled]
        + Dialect.allCases.flatMap { dialect in
            [
                PlantedDefect("the backfill before the release", dialect, within: 20) {
                    $0.without { $0.id.hasPrefix("1.double-write.release") }
                },
                PlantedDefect("no backfill, and no count", dialect, within: 20) {
                    $0.without { [.backfill, .verify].contains($0.kind) }
                },
                notNullLeft(dialect),
                PlantedDefect("the contract before the stage 'new'", dialect, within: 20) {
                    $0.without { $0.flip?.stage == .new || $0.flip?.stage == .bothReadNew }
                },
                PlantedDefect("an undo without its reverse backfill", dialect, within: 60) { plan in
                    plan.changingUndo { undo in undo.filter { ![.backfill, .verify].contains($0.kind) } }
                },
                PlantedDefect("a reverse backfill of what is NULL", dialect, within: 60) { plan in
                    plan.changingUndo { undo in
                        undo.filter { $0.kind != .verify }.map { step in
                            guard case .backfill(var backfill) = step.action else { return step }
                            backfill.mismatch =
                                "(\(backfill.mismatch)) AND \(plan.dialect.quote("kind")) IS NULL"
                            var step = step
                            step.action = .backfill(backfill)
                            return step
                        }
                    }
                },
                PlantedDefect("an undo that starts its reverse backfill too early", dialect, within: 60) {
                    plan in
                    plan.changingUndo { undo in
                        let flips = undo.filter { $0.flip != nil }
                        guard flips.contains(where: { $0.flip?.stage == .bothReadNew }) else { return flips }
                        return undo.filter { $0.kind == .backfill } + flips
                    }
                },
            ]
        }

    private static func notNullLeft(_ dialect: Dialect) -> PlantedDefect {
        var defect = PlantedDefect("NOT NULL left on the old column", dialect, within: 20) {
            $0.withoutRelief
        }
        defect.isNotNull = true
        return defect
    }

    /// In SQLite a transaction sees one snapshot, and cannot write behind another's back.
    private static let oneStage = PlantedDefect("one stage instead of two", .postgres, within: 60) {
        $0.without { $0.flip?.stage == .bothReadNew }
    }

    private static var unsettled: PlantedDefect {
        var defect = PlantedDefect("flips that do not settle", .postgres, within: 120) { $0 }
        defect.planting.settles = false
        return defect
    }
}

extension Plan {
    func without(_ isLeftOut: (Step) -> Bool) -> Plan {
        var plan = self
        for index in plan.phases.indices { plan.phases[index].steps.removeAll(where: isLeftOut) }
        return plan
    }

    /// Flips that take nothing from the old column.
    var withoutRelief: Plan {
        var plan = self
        for phase in plan.phases.indices where plan.phases[phase].phase == .transition {
            plan.phases[phase].steps.removeAll { if case .sqlite = $0.action { true } else { false } }
            for step in plan.phases[phase].steps.indices {
                guard case .schema(let change) = plan.phases[phase].steps[step].action, let flip = change.flip
                else { continue }
                plan.phases[phase].steps[step].action = .flip(flip)
            }
        }
        return plan
    }

    func changingUndo(_ change: ([Step]) -> [Step]) -> Plan {
        var plan = self
        for phase in plan.phases.indices {
            for step in plan.phases[phase].steps.indices {
                plan.phases[phase].steps[step].undo = change(plan.phases[phase].steps[step].undo)
            }
        }
        return plan
    }
}

/// A change whose parts are written one by one, applications with code of their own, a migration that is taken back when
/// it is over: what is right passes, and a defect that only they meet is found.
@Suite("Planted defects of what is rare", .serialized) struct ExhaustivePlantedDefectTests {
    private func rehearse(
        _ sources: [MigrationSource], _ dialect: Dialect, schedules: Int,
        _ change: (inout Planting) -> Void = { _ in }
    ) throws -> RehearsalReport {
        var options = RehearsalOptions(dialect: dialect, seed: 1, schedules: schedules)
        options.isTimed = false
        let rehearsal = try Rehearsal(sources, options: options)
        change(&rehearsal.planting)
        let report = try rehearsal.rehearse(sources[1].migration.name)
        if let failure = report.failure {
            print(
                "found by the rehearsal, \(dialect.rawValue): schedule \(failure.schedule), \(failure.kind): "
                    + failure.message)
        }
        return report
    }

    private static func leavingOut(_ needs: Release.Conduct) -> @Sendable (Plan) -> Plan {
        { plan in
            plan.without { step in
                if case .release(let release) = step.action { release.needs == needs } else { false }
            }
        }
    }

    @Test(
        "without the gate for reading the new column, code of its own reads stale",
        arguments: Dialect.allCases)
    func ownCodeReads(dialect: Dialect) throws {
        let report = try rehearse(RehearsalTests.rename(dialect), dialect, schedules: 60) { planting in
            planting.plan = Self.leavingOut(.bothReadNew)
        }
        let failure = try #require(report.failure)
        #expect(failure.message.contains("code of its own"), "\(failure.message)")
    }

    @Test(
        "without the gate for the new column alone, code of its own meets one that is gone",
        arguments: Dialect.allCases)
    func ownCodeWrites(dialect: Dialect) throws {
        let report = try rehearse(RehearsalTests.rename(dialect), dialect, schedules: 60) { planting in
            planting.plan = Self.leavingOut(.new)
        }
        let failure = try #require(report.failure)
        #expect(failure.kind == "broken" && failure.message.contains("code of its own"), "\(failure.message)")
    }

    @Test("parts of a change are written one by one", arguments: Dialect.allCases)
    func parts(dialect: Dialect) throws {
        let schedules = dialect == .sqlite ? 25 : 6
        let sources = RehearsalTests.split(dialect)
        let right = try rehearse(sources, dialect, schedules: schedules)
        #expect(right.failure == nil, "\(String(describing: right.failure))")
        #expect(right.tally.partialWrites > 10 && right.tally.ownWrites > 0, "\(right.tally)")
        let planted = try rehearse(sources, dialect, schedules: schedules) { $0.writesRest = true }
        let failure = try #require(planted.failure)
        #expect(["stale", "lost"].contains(failure.kind), "\(failure)")
        #expect(failure.trace.contains { $0.contains("' alone") }, "\(failure.trace)")
    }

    @Test("a finished migration is taken back, or says that it cannot be", arguments: Dialect.allCases)
    func lateRollback(dialect: Dialect) throws {
        let schedules = dialect == .sqlite ? 20 : 8
        let sources = RehearsalTests.index(dialect)
        let right = try rehearse(sources, dialect, schedules: schedules)
        #expect(right.failure == nil && right.tally.lateRollbacks > 0, "\(right)")
        let over = try rehearse(RehearsalTests.rename(dialect), dialect, schedules: schedules)
        #expect(over.failure == nil && over.tally.lateRollbacks > 0, "\(over)")
        // Its undo forgets what it is there for.
        let planted = try rehearse(RehearsalTests.renameTable(dialect), dialect, schedules: 40) { planting in
            planting.plan = { plan in plan.changingUndo { undo in undo.filter { $0.kind != .schema } } }
        }
        #expect(planted.failure != nil)
    }
}

@Suite("Planted defects", .serialized) struct PlantedDefectTests {
    @Test("each is found within a bounded number of schedules", arguments: PlantedDefect.all)
    func isFound(defect: PlantedDefect) throws {
        var options = RehearsalOptions(dialect: defect.dialect, seed: 1, schedules: defect.schedules)
        options.isTimed = false
        let rehearsal = try Rehearsal(
            RehearsalTests.rename(defect.dialect, isNullable: !defect.isNotNull), options: options)
        rehearsal.planting = defect.planting
        let report = try rehearsal.rehearse("0002_rename")
        let failure = try #require(
            report.failure, "\(defect.name) was not found in \(defect.schedules) schedules")
        print(
            "found by the rehearsal, \(defect.testDescription): schedule \(failure.schedule), \(failure.kind)"
        )
        #expect(!failure.trace.isEmpty)
    }
}
