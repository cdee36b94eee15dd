import Foundation
import TestSupport
import Testing

@testable import Shelter

/// Real instances, the real tool, real databases; what happens in between is held against the journals.
extension RealPrograms {
    @Suite("A shelter that never closes", .serialized)
    struct LifeTests {
        private static let change = Scene.change

        @Test("goes through the whole change", arguments: Scene.Database.allCases)
        func wholeChange(_ database: Scene.Database) throws {
            let shelter = try LiveShelter(database)
            try shelter.bellows("apply", Self.change, expecting: [3])
            try shelter.attest()
            try shelter.through("apply", Self.change, "--through", "expand")
            try shelter.crew.work(40)
            try shelter.through("apply", Self.change, "--through", "transition")
            try shelter.crew.work(40)
            #expect(try shelter.errorsInLog() == [])
            try shelter.through("apply", Self.change, "--through", "contract")
            try shelter.crew.work(40)
            try Self.expectClean(shelter)
        }

        @Test(
            "an instance that was paused during two flips or more wakes up without harm",
            arguments: Scene.Database.allCases)
        func paused(_ database: Scene.Database) throws {
            let shelter = try LiveShelter(database, autocommit: true)
            try shelter.attest()
            // Over the expand and both flips of the transition, then over the hiding and the drop of the old column.
            try Self.pausing(0, of: shelter) {
                try shelter.through("apply", Self.change, "--through", "transition")
            }
            try shelter.crew.work(30)
            try Self.pausing(1, of: shelter) {
                try shelter.through("apply", Self.change, "--through", "contract")
            }
            try shelter.crew.work(30)
            try Self.expectClean(shelter)
        }

        @Test(
            "an instance that was paused between expand and the end wakes up",
            arguments: Scene.Database.allCases)
        func pausedLate(_ database: Scene.Database) throws {
            let shelter = try LiveShelter(database, autocommit: true)
            try shelter.attest()
            try shelter.through("apply", Self.change, "--through", "expand")
            try shelter.crew.work(20)
            let flips = try shelter.scene.probe.flips()
            try Self.pausing(2, of: shelter) {
                try shelter.through("apply", Self.change, "--through", "transition")
                #expect(try shelter.scene.probe.flips() >= flips + 2)
                try shelter.through("apply", Self.change, "--through", "contract")
            }
            try shelter.crew.work(30)
            try Self.expectClean(shelter)
        }

        @Test("the tool may be killed at any instant", arguments: Scene.Database.allCases)
        func killed(_ database: Scene.Database) throws {
            let undisturbed = try LiveShelter(database, animals: 100, instances: 1)
            try undisturbed.attest()
            try undisturbed.through("apply", Self.change, "--through", "contract")
            let schema = try undisturbed.schema()

            var kills = 0
            // A fast machine is through after a few kills; then the next shelter has its turn.
            for _ in 0..<6 where kills < 10 {
                let shelter = try LiveShelter(database, animals: 10_000)
                try shelter.attest()
                kills += try Self.applyWithKills(shelter, atMost: 20)
                try shelter.through("apply", Self.change, "--through", "contract")
                try shelter.crew.work(20)
                try Self.expectClean(shelter, "after \(kills) kills")
                #expect(try shelter.schema() == schema, "after \(kills) kills")
            }
            #expect(kills >= 10)
        }

        /// Starts the tool and kills it after a moment, again and again, until it comes through.
        ///
        /// - Returns: How often it was killed.
        private static func applyWithKills(_ shelter: LiveShelter, atMost limit: Int) throws -> Int {
            var kills = 0
            while kills < limit {
                let tool = try shelter.scene.bellows(
                    ["apply", change, "--through", "contract"], output: "killed.output")
                usleep(UInt32.random(in: 10_000...60_000))
                if tool.isRunning { tool.send(SIGKILL) }
                switch try tool.wait() {
                case -SIGKILL: kills += 1
                case 0: return kills
                case let code: try #require([3, 5].contains(code), "\(tool.output)")
                }
            }
            return kills
        }

        @Test("back and forth from every point before the drop", arguments: Scene.Database.allCases)
        func backAndForth(_ database: Scene.Database) throws {
            let shelter = try LiveShelter(database, soak: 3600)
            let before = try shelter.schema()
            for phase in ["expand", "transition", "contract"] {
                try shelter.attest()
                if phase == "contract" {
                    try shelter.through("apply", Self.change, "--through", "transition")
                    // Hidden, and waiting for the end of the soak.
                    try shelter.bellows("apply", Self.change, "--through", "contract", expecting: [3])
                } else {
                    try shelter.through("apply", Self.change, "--through", phase)
                }
                try shelter.crew.work(20)
                try shelter.through("rollback", Self.change)
                #expect(try shelter.schema() == before, "after the rollback from \(phase)")
                try shelter.crew.work(20)
            }
            try shelter.scene.configure(soak: 0)
            try shelter.attest()
            try shelter.through("apply", Self.change, "--through", "contract")
            try shelter.crew.work(20)
            try Self.expectClean(shelter)
        }

        @Test("an instance may be killed at any instant", arguments: Scene.Database.allCases)
        func instancesKilled(_ database: Scene.Database) throws {
            let shelter = try LiveShelter(database, pace: 1)
            try shelter.attest()
            for phase in ["expand", "transition", "contract"] {
                for instance in 0..<3 {
                    usleep(UInt32.random(in: 0...100_000))
                    _ = try shelter.crew.killAndRestart(instance)
                }
                try shelter.through("apply", Self.change, "--through", phase)
            }
            try shelter.crew.work(20)
            try Self.expectClean(shelter)
        }

        @Test("the check finds what somebody else did to an animal", arguments: Scene.Database.allCases)
        func sabotage(_ database: Scene.Database) throws {
            let shelter = try LiveShelter(database, instances: 1)
            try shelter.crew.work(30)
            try shelter.crew.stop()
            let arguments =
                ["check", "--database", shelter.scene.location, "--journal"] + shelter.crew.journals
            let check = try Program(
                "shelter", arguments, folder: shelter.folder.path, output: shelter.folder.file("check"))
            #expect(try check.wait() == 0, "\(check.output)")
            #expect(check.output.contains(" 0 lost; "))

            // Past the journal: one animal vanishes, and one gets another species.
            let store = try shelter.scene.open()
            let there = try store.everyAnimal().map(\.id)
            try #require(there.count > 2)
            #expect(try store.delete(there[0]) == 1)
            #expect(try store.update(there[1], [.species: .text("chimera")]) == 1)
            let again = try Program(
                "shelter", arguments, folder: shelter.folder.path, output: shelter.folder.file("again"))
            #expect(try again.wait() == 1)
            #expect(again.output.contains(" 2 lost; "))
            #expect(again.output.contains("animal \(there[0]), species: the database holds no such animal"))
            #expect(
                again.output.contains("animal \(there[1]), species: the database holds 'chimera' at the end"))
        }

        /// Pauses an instance, not in the middle of a write to an SQLite file (that would hold up everybody), while
        /// something happens.
        private static func pausing(
            _ instance: Int, of shelter: LiveShelter, _ body: () throws -> Void
        ) throws {
            var isStopped = false
            for _ in 0..<50 where !isStopped {
                shelter.crew.signal(instance, SIGSTOP)
                isStopped = shelter.scene.probe.canWrite()
                if !isStopped {
                    shelter.crew.signal(instance, SIGCONT)
                    usleep(20_000)
                }
            }
            try #require(isStopped)
            defer { shelter.crew.signal(instance, SIGCONT) }
            try body()
        }

        private static func expectClean(_ shelter: LiveShelter, _ comment: String = "") throws {
            let verdict = try shelter.verdict()
            let first = verdict.violations.prefix(10).map { "\($0)" }.joined(separator: "\n")
            #expect(verdict.isClean, "\(comment)\n\(verdict)\n\(first)")
            #expect(verdict.writes > 100 && verdict.reads > 100)
            #expect(
                try shelter.scene.open().columnsInDatabase().sorted() == [
                    "cage", "chip", "id", "name", "species",
                ])
        }
    }
}
