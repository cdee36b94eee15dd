import Foundation
import MigrationCore
import MigrationFiles
import Testing

/// Orders of one's own, as files.
@Suite("Rollout files")
struct RolloutFileTests {
    private static let page = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/check.md")

    /// What the orders of the page come to, each by its number: the verdicts of an independent model.
    private static let verdicts: [String: Set<Fault.Kind>] = [
        "1": [.staleRead, .lostWrite], "2": [.staleRead], "3": [],
        "4": [.staleRead, .lostWrite, .missing], "5": [.staleRead, .lostWrite],
        "6": [.staleRead, .lostWrite], "7": [],
    ]

    @Test("the orders of the documentation have the verdicts of the model")
    func documentation() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let blocks = text.components(separatedBy: "```yaml\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        var seen: Set<String> = []
        for block in blocks where block.hasPrefix("description:") {
            let file = try #require(try RolloutFile(Array(block.utf8), path: "r.yaml"))
            let number = String(try #require(file.description).prefix(1))
            seen.insert(number)
            let verdict = file.rollout.check()
            #expect(Set(verdict.faults.map(\.kind)) == Self.verdicts[number], "\(number)")
            #expect(verdict.states > 20)
        }
        #expect(seen == Set(Self.verdicts.keys))
    }

    static let mistakes: [(text: String, words: [String])] = [
        ("rollout: {}", ["1:1: rollout needs 'from'", "needs 'releases'", "needs 'steps'"]),
        (
            "rollout: { from: a, to: a, releases: { x: { reads: a } }, steps: [expand] }",
            ["1:25: 'from' and 'to' are the same name, 'a'"]
        ),
        (
            "rollout: { from: kind, to: species, releases: { x: { reads: kin, writes: [kind, x] } }, steps: [expand] }",
            [
                "1:61: 'kin' is neither 'from' ('kind') nor 'to' ('species'); did you mean 'kind'?",
                "1:81: 'x' is neither",
            ]
        ),
        (
            "rollout: { from: a, to: b, releases: { one: { reads: a } }, steps: [{ release: ome }] }",
            ["1:80: 'releases' has no 'ome'; did you mean 'one'?"]
        ),
        (
            "rollout: { from: a, to: b, releases: { x: { reads: a } }, steps: [expnd, { backfill: all }], rollback: no }",
            [
                "1:67: an entry of 'steps' must be expand, backfill, verify, trigger, drop_trigger or contract, not 'expnd'; "
                    + "did you mean 'expand'?", "1:86: 'backfill' must be where_different or where_null",
                "1:104: 'rollback' must be never, while_rolling_out or always, not 'no'",
            ]
        ),
        ("rollout: { from: [", ["1:"]),
    ]

    @Test("every mistake is told with its place", arguments: mistakes)
    func mistake(_ text: String, _ words: [String]) throws {
        let error = try #require(throws: FileProblems.self) {
            _ = try RolloutFile(Array(text.utf8), path: "r.yaml")
        }
        for words in words { #expect(error.description.contains(words), "\(error.description)") }
    }

    @Test("another file is none")
    func others() throws {
        #expect(try RolloutFile(Array("operations: []".utf8), path: "m.yaml") == nil)
        #expect(try RolloutFile([], path: "m.yaml") == nil)
        #expect(try RolloutFile(path: "there is none.yaml") == nil)
    }

    @Test("names are text, and a step may fail")
    func names() throws {
        let text = """
            rollout:
              from: on
              to: 1
              releases: { yes: { reads: on, writes: on } }
              steps: [backfill, expand, contract]
            """
        let file = try #require(try RolloutFile(Array(text.utf8), path: "r.yaml"))
        #expect(file.rollout.first.name == "yes" && file.rollout.oldName == "on")
        let faults = file.rollout.check().faults
        #expect(faults.map(\.kind) == [.failingStep])
        #expect(
            faults.first?.trace == [
                "the backfill makes '1' what 'on' is: it fails, for 'on' holds 0, '1' is not there"
            ])
    }
}
