import Foundation
import TestSupport
import Testing

@testable import Shelter

extension RealPrograms {
    @Suite("The demo", .serialized)
    struct DemoTests {
        @Test("ends with a clean verdict and leaves nothing behind", arguments: Scene.Database.allCases)
        func demo(_ database: Scene.Database) throws {
            let outcome = try ChildProcess.run(
                try builtProduct(named: "shelter"),
                [
                    "demo", "--database", database.rawValue, "--animals", "20000", "--migrations",
                    try migrationFolder(),
                ],
                limit: .seconds(180))
            let text = outcome.standardOutput + outcome.standardError
            try #require(outcome.status == 0, "\(text)")
            let last = outcome.standardOutput.split(separator: "\n").last.map(String.init) ?? ""
            #expect(
                last.wholeMatch(of: /shelter: \d+ writes acknowledged, 0 lost; \d+ reads, 0 stale/) != nil,
                "\(text)")
            #expect(text.contains("killed when"))
            // How each file of the history ended, and nothing of its steps.
            #expect(text.contains("\n0009_spring_cleaning finished ("))
            #expect(!text.contains("create the table"))
            try Self.expectNothingLeft(outcome.standardOutput)
        }

        @Test("goes away when it is asked to, with everything it started", arguments: Scene.Database.allCases)
        func interrupted(_ database: Scene.Database) throws {
            let demo = try ChildProcess(
                try builtProduct(named: "shelter"),
                [
                    "demo", "--database", database.rawValue, "--animals", "20000", "--migrations",
                    try migrationFolder(),
                ])
            let end = ContinuousClock.now + .seconds(60)
            while !demo.standardOutput.contains("Not yet"), demo.isRunning, ContinuousClock.now < end {
                usleep(10_000)
            }
            demo.send(SIGINT)
            let outcome = try demo.wait(limit: .seconds(20))
            #expect(outcome.status == 1)
            #expect(outcome.standardError.contains("stopped"))
            try Self.expectNothingLeft(outcome.standardOutput)
        }

        /// No folder, and no process that works in it.
        private static func expectNothingLeft(_ output: String) throws {
            let folder = String(try #require(output.firstMatch(of: /everything happens in (.+)/)).1)
            #expect(!FileManager.default.fileExists(atPath: folder))
            let end = ContinuousClock.now + .seconds(10)
            while Self.processes(naming: folder) > 0, ContinuousClock.now < end { usleep(20_000) }
            #expect(Self.processes(naming: folder) == 0)
        }

        /// Where the system has no `/proc` there is nothing to count.
        private static func processes(naming text: String) -> Int {
            let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return numbers.filter { Int($0) != nil }.count { number in
                let words = FileManager.default.contents(atPath: "/proc/\(number)/cmdline") ?? Data()
                return String(decoding: words, as: UTF8.self).contains(text)
            }
        }
    }
}
