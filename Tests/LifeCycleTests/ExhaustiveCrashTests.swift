import DoubleWrite
import Foundation
import MigrationCore
import PostgresDriver
import TestSupport
import Testing

@testable import MigrationEngine

/// Every operation on both databases, stopped at every moment that a run has: before each step, before and behind each
/// commit, batches and the pieces of a rebuild among them.
@Suite("Crashes", .serialized) struct ExhaustiveCrashTests {
    /// A run that nothing stops.
    private static let never = Strikes { _ in }

    private func expectSame(_ crew: CrashCrew, as contents: String, _ what: String) throws {
        let otherwise = difference(try crew.contents(), contents)
        #expect(otherwise == "", "\(what): \(otherwise)")
    }

    @Test(
        "an apply that is stopped at every moment ends where an uninterrupted one does",
        arguments: LifeCycle.all)
    func resumes(cycle: LifeCycle) throws {
        let straight = try CrashCrew(cycle, struckBy: Self.never)
        try straight.apply()
        let strikes = Strikes()
        let broken = try CrashCrew(cycle, struckBy: strikes)
        try broken.apply()
        #expect(strikes.count >= 5)
        try expectSame(broken, as: straight.contents(), "stopped \(strikes.count) times")
    }

    /// One write into each of the states that a stopped run leaves behind.
    @Test("what is written between two attempts is there in the end", arguments: LifeCycle.all)
    func keepsWrites(cycle: LifeCycle) throws {
        let straight = try CrashCrew(cycle, struckBy: Self.never)
        try straight.apply()
        let strikes = Strikes()
        let broken = try CrashCrew(cycle, struckBy: strikes)
        if cycle.isAnnounced { _ = try broken.subject.engine().apply([cycle.source], through: .expand) }
        let client = try Client(broken.subject.location)
        var journal: [Int] = []
        try broken.apply { attempt in
            try cycle.write(1000 + attempt, client)
            journal.append(1000 + attempt)
        }
        #expect(journal.count > strikes.count / 2)
        let rows = try client.run(cycle.after.query).rows
        let found = Dictionary(rows.map { ($0[0].integer ?? 0, Array($0.dropFirst())) }) { first, _ in first }
        let lost = journal.filter { found[Int64($0)] != cycle.after.row($0) }
        #expect(lost.isEmpty, "\(lost.count) of \(journal.count)")
        let otherwise = difference(try broken.subject.dump(), try straight.subject.dump())
        #expect(otherwise == "", "\(otherwise)")
    }

    @Test(
        "a rollback from every point, and one that is stopped at every moment, end at the beginning",
        arguments: LifeCycle.all.filter(\.isReversible))
    func rollsBack(cycle: LifeCycle) throws {
        let crew = try CrashCrew(cycle, struckBy: Self.never)
        let (schema, start) = (try crew.subject.dump(), try crew.contents())
        func expectStart(_ crew: CrashCrew, _ what: String) throws {
            let otherwise = difference(try crew.subject.dump(), schema)
            #expect(otherwise == "", "\(what): \(otherwise)")
            if !cycle.leavesRows { try expectSame(crew, as: start, what) }
        }
        let steps = try crew.subject.engine().plans([cycle.source])[0].steps.map(\.step)
        let reversible = steps.prefix { $0.isReversible }
        for step in reversible.dropFirst() {
            guard try crew.apply(before: step) else { continue }
            try crew.rollBack()
            try expectStart(crew, "rolled back from \(step.id)")
        }
        guard let last = steps.dropFirst(reversible.count).first else {
            try crew.apply()
            return
        }
        let strikes = Strikes()
        let broken = try CrashCrew(cycle, struckBy: strikes)
        guard try broken.apply(before: last) else { return }
        try broken.rollBack()
        try expectStart(broken, "stopped \(strikes.count) times on the way back from \(last.id)")
        try broken.apply()
        try crew.apply()
        try expectSame(broken, as: crew.contents(), "applied again")
    }

    /// One call of `apply` and one of `rollback`, whose connections the server ends at every moment.
    @Test(
        "a run whose connection is cut at every moment goes on by itself",
        arguments: LifeCycle.all.filter { $0.dialect == .postgres })
    func survivesCuts(cycle: LifeCycle) throws {
        let straight = try CrashCrew(cycle, struckBy: Self.never)
        try straight.apply()
        let cutter = Cutter()
        let strikes = Strikes { _ in try cutter.cut() }
        let broken = try CrashCrew(cycle, struckBy: strikes)
        cutter.aim(at: broken.subject.location)
        try broken.apply(isCut: true)
        #expect(strikes.count >= 5)
        try expectSame(broken, as: straight.contents(), "cut \(strikes.count) times")
    }
}
