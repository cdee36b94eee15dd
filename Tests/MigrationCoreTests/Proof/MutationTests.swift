import DoubleWrite
import Foundation
import Testing

@testable import MigrationCore

/// Every planted defect is found by the proof, or it is said why not; the table stands in `docs/proof.md`.
@Suite struct MutationTests {
    @Test func everyDefectIsFoundOrToldOf() throws {
        var rows: [String] = []
        for mutation in Mutation.all {
            let example = try ProofExample.named(mutation.plan, mutation.dialect)
            let changed = mutation.change(example.plan)
            #expect(
                changed != example.plan || mutation.premises != Premises(),
                "nothing is changed: \(mutation.words)")
            let faults = example.proof(of: changed, mutation.premises).faults
            let isFound = !faults.isEmpty
            let outcome: String
            switch mutation.outcome {
            case .caught:
                #expect(isFound, "not found: \(mutation.words)")
                outcome = Set(faults.map(\.kind)).sorted { $0.rawValue < $1.rawValue }.map(\.rawValue)
                    .joined(separator: ", ")
            case .harmless(let why):
                #expect(!isFound, "\(mutation.words): \(faults)")
                outcome = "nothing goes wrong: \(why)"
            case .elsewhere(let why):
                #expect(!isFound, "\(mutation.words): \(faults)")
                outcome = "not here: \(why)"
            }
            let plan = mutation.plan.replacing(/^\d+_/, with: "")
            rows.append("| \(mutation.words) | `\(plan)`, \(mutation.dialect.rawValue) | \(outcome) |")
        }
        try Self.check(["| defect | planted in | what the proof finds |", "|---|---|---|"] + rows, "defects")
    }

    /// Their steps are those of others.
    private static let areAlike = [
        "09_several (postgres)", "merge_columns (postgres)", "split_column (postgres)",
        "bigint_keys (postgres)", "everything (postgres)", "add_primary_key (postgres)",
        "sync_change_type (postgres)",
    ]

    /// Each step of each plan taken away, by what becomes of it.
    @Test func everyStepIsNeededOrToldOf() throws {
        var needed: [String: Set<String>] = [:]
        var unneeded: [String: Set<String>] = [:]
        for dialect in Dialect.allCases {
            for example in try ProofExample.all(dialect) {
                // A plan that fails as it is says nothing of its steps.
                guard !Self.areAlike.contains(example.testDescription), !example.isFaulty(example.plan) else {
                    continue
                }
                for (_, step) in example.plan.steps {
                    let words = "`\(step.slug)`"
                    let operation = example.migration.operations.first?.keyword ?? ""
                    if example.isFaulty(example.plan.without(step.id)) {
                        needed[words, default: []].insert(operation)
                    } else {
                        unneeded[words, default: []].insert(operation)
                    }
                }
            }
        }
        var rows = ["| step | its absence is found in | is not in | and why not |", "|---|---|---|---|"]
        for step in Set(needed.keys).union(unneeded.keys).sorted() {
            let missing = unneeded[step] ?? []
            let why = missing.isEmpty ? "" : StepReasons.of(step)
            rows.append(
                "| \(step) | \((needed[step] ?? []).sorted().joined(separator: ", ")) "
                    + "| \(missing.sorted().joined(separator: ", ")) | \(why) |")
        }
        try Self.check(rows, "steps")
    }

    /// The text between the two marks of `docs/proof.md`.
    private static func check(_ rows: [String], _ mark: String) throws {
        let file = GoldenFile.folder.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/proof.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let (open, close) = ("<!-- \(mark) -->\n", "<!-- end of \(mark) -->")
        let start = try #require(text.range(of: open)).upperBound
        let end = try #require(text.range(of: close)).lowerBound
        let table = rows.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try text.replacingCharacters(in: start..<end, with: table)
                .write(to: file, atomically: true, encoding: .utf8)
            return
        }
        #expect(text[start..<end] == table, "docs/proof.md differs; RECORD=1 writes it anew")
    }
}

extension Step {
    /// What it does, without its operation's number and without the number of an index or a constraint.
    fileprivate var slug: String {
        id.split(separator: ".").dropFirst().joined(separator: ".").replacing(/-\d+/, with: "")
    }
}

/// Why the absence of a step is no fault that the proof knows.
enum StepReasons {
    private static let reasons: [(words: String, why: String)] = [
        ("contract.done", "only the record that keeps the name of the change from another one"),
        (
            "expand.guard",
            "no writer of duplicates is left behind the release, and the rebuilt table's key refuses them"
        ),
        ("expand.backfill", "the count before NOT NULL stops the plan then"),
        (
            "expand.compare",
            "the shadow has every row without it; it finds a trigger that does not do what it says"
        ),
        (
            "flip-both-read-new",
            "where everybody goes on to `new` at one moment: in SQLite, and behind an ALTER TABLE that waits for writers"
        ),
        ("soak", "time for people, not for the order"),
        ("round-trip", "the counts behind the release find such rows as well, later"),
        ("comment", "only words"),
        ("double-write.verify", "the count behind the release finds such rows as well, later"),
        ("verify", "another count, or the backfill's own last one, finds the row as well"),
        ("index", "makes reads fast, and no order wrong"),
        ("validate", "the constraint holds for every write without it; the rows were counted"),
        ("unique", "the demand is missing then, which the comparison of schemas finds"),
        ("release", "what the operation takes or demands, no release before has used or broken"),
    ]

    /// What the step makes is missing then.
    private static let other =
        "the plan does less then, which the comparison with the wanted schema finds (`Tests/PlanTests`)"

    static func of(_ step: String) -> String { reasons.first { step.contains($0.words) }?.why ?? other }
}
