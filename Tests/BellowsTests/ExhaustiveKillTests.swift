import Foundation
import TestSupport
import Testing

/// The built tool, killed at moments that nobody has chosen.
@Suite("Killed", .serialized) struct ExhaustiveKillTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var database: Database
        /// Says when: the same kills again.
        var seed: UInt64

        var testDescription: String { "\(database.testDescription), seed \(seed)" }

        static let all = Database.allCases.flatMap { database in
            (1...3).map { Case(database: database, seed: $0) }
        }
    }

    private static let apply = ["apply", "--through", "contract", "--no-writers"]

    @Test("an apply that is killed again and again ends where an uninterrupted one does", arguments: Case.all)
    func applies(_ one: Case) throws {
        let straight = try RoughProject(one.database, rows: 2000)
        let start = ContinuousClock.now
        let whole = try straight.tool.run(Self.apply)
        #expect(whole.code == 0, "\(whole.complaint)")
        let duration = ContinuousClock.now - start
        let killed = try RoughProject(one.database, rows: 2000, lease: "1s")
        let kills = try insist(killed, Self.apply, seed: one.seed, within: duration / 5)
        #expect(kills > 0)
        #expect(try killed.contents() == straight.contents(), "after \(kills) kills")
        #expect(try killed.tool("apply", "--through", "contract").output.contains("nothing to do"))
    }

    @Test("a rollback that is killed again and again ends at the beginning", arguments: Case.all)
    func rollsBack(_ one: Case) throws {
        let project = try RoughProject(one.database, rows: 2000, lease: "1s")
        try project.attest()
        let start = try project.schemaAndRows()
        let forth = try project.tool("apply", "0001_species", "--through", "transition")
        #expect(forth.code == 0, "\(forth.output)\(forth.complaint)")
        let kills = try insist(
            project, ["rollback", "0001_species"], seed: one.seed, within: .milliseconds(250))
        #expect(try project.schemaAndRows() == start, "after \(kills) kills")
        #expect(try project.tool("status", "--format", "json").output.contains("\"pending\""))
    }

    /// Runs the command until it comes to its end before it is killed.
    ///
    /// - Returns: How often it was killed.
    private func insist(
        _ project: RoughProject, _ arguments: [String], seed: UInt64, within longest: Duration
    ) throws -> Int {
        var random = Random(seed: seed)
        var kills = 0
        for attempt in 0..<400 {
            let child = try project.start(arguments)
            // Ever more time, or a machine that is busy would never come to an end.
            let most = longest + .milliseconds(10) * attempt
            let instant = most * Double.random(in: 0..<1, using: &random)
            let end = ContinuousClock.now + instant
            while child.isRunning, ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.001) }
            child.send(SIGKILL)
            let outcome = try child.wait()
            switch outcome.status {
            case 0: return kills
            case nil: kills += 1
            // The server may be busy with what the one before has sent; then its lease has to end.
            case 5: Thread.sleep(forTimeInterval: 0.2)
            // The one before was killed behind its last commit.
            case 2 where kills > 0 && outcome.standardError.contains("nothing to roll back"): return kills
            default:
                Issue.record("\(outcome.standardOutput)\(outcome.standardError)")
                return kills
            }
        }
        Issue.record("never came to its end, with seed \(seed)")
        return kills
    }
}

/// SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>): the same numbers from the same seed.
struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
