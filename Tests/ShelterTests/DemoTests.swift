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
        }

        @Test("goes away when it is asked to, with everything it started")
        func interrupted() throws {
            let demo = try ChildProcess(
                try builtProduct(named: "shelter"),
                ["demo", "--database", "sqlite", "--animals", "20000", "--migrations", try migrationFolder()])
            let end = ContinuousClock.now + .seconds(60)
            while !demo.standardOutput.contains("Not yet"), demo.isRunning, ContinuousClock.now < end {
                usleep(10_000)
            }
            demo.send(SIGINT)
            let outcome = try demo.wait(limit: .seconds(20))
            #expect(outcome.status == 1)
            #expect(outcome.standardError.contains("stopped"))
        }
    }
}
