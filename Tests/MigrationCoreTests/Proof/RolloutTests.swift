import MigrationCore
import Testing

/// The verdicts of two models that were written before and without this one, each over the same states.
///
/// They are kept as values: the order of steps, how far instances go back, how many states there are, and what goes
/// wrong.
@Suite struct RolloutTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var rollout: Rollout
        var states: Int
        var faults: Set<Fault.Kind> = []

        var testDescription: String { name }
    }

    private static let safe: [Rollout.Step] = [
        .release(.both), .expand, .backfill, .release(.bothReadNew), .release(.new), .contract,
    ]
    private static let counted: [Rollout.Step] = [
        .release(.both), .expand, .backfill, .verify, .release(.bothReadNew), .release(.new), .contract,
    ]

    static let cases: [Case] = [
        Case(
            name: "expand, backfill, switch, contract",
            rollout: Rollout(from: .old, [.expand, .backfill, .release(.new), .contract]),
            states: 36, faults: [.staleRead, .lostWrite]),
        Case(
            name: "double write, one switch",
            rollout: Rollout(
                from: .old, [.release(.both), .expand, .backfill, .release(.new), .contract]),
            states: 34, faults: [.staleRead]),
        Case(name: "double write, two switches", rollout: Rollout(from: .old, safe), states: 42),
        Case(
            name: "the same, going back while a release goes out",
            rollout: Rollout(from: .old, safe, goingBack: .whileGoingOut), states: 44),
        Case(
            name: "backfill before every instance double-writes",
            rollout: Rollout(
                from: .old,
                [
                    .expand, .backfill, .release(.both), .release(.bothReadNew), .release(.new), .contract,
                ]), states: 68, faults: [.staleRead, .lostWrite]),
        Case(
            name: "expand first, then double write, backfill after it",
            rollout: Rollout(
                from: .old,
                [
                    .expand, .release(.both), .backfill, .release(.bothReadNew), .release(.new), .contract,
                ], goingBack: .whileGoingOut), states: 62),
        Case(
            name: "backfill where the new column is NULL",
            rollout: Rollout(
                from: .old,
                [
                    .expand, .release(.both), .backfillWhereNull, .release(.bothReadNew), .release(.new),
                    .contract,
                ], goingBack: .whileGoingOut), states: 82, faults: [.staleRead, .lostWrite]),
        Case(
            name: "a trigger both ways",
            rollout: Rollout(
                from: .old,
                [.expand, .trigger(true), .backfill, .release(.new), .trigger(false), .contract],
                goingBack: .whileGoingOut), states: 24),
        Case(
            name: "two switches, going back at any moment",
            rollout: Rollout(from: .old, safe, goingBack: .always), states: 140,
            faults: [.staleRead, .missing, .lostWrite]),
        Case(
            name: "two switches and a count, going back at any moment",
            rollout: Rollout(from: .old, counted, goingBack: .always), states: 156,
            faults: [.staleRead, .missing, .lostWrite]),
    ]

    @Test(arguments: cases)
    func verdict(example: Case) {
        let verdict = example.rollout.check()
        #expect(verdict.states == example.states)
        #expect(Set(verdict.faults.map(\.kind)) == example.faults)
    }

    /// A shortest way, instance by instance.
    @Test func aTraceCanBeFollowed() throws {
        let fault = try #require(Self.cases[1].rollout.check().faults.first)
        #expect(
            fault.trace == [
                "instance 1 becomes one of the release 'both'",
                "instance 2 becomes one of the release 'both'",
                "the release 'both' is out everywhere", "the new column appears",
                "the backfill makes the new column the old one's value",
                "instance 1 becomes one of the release 'new'",
                "instance 1 (of the release 'new') writes 1",
                "instance 2 (of the release 'both') reads: what was last written is 1, and the old column holds 0, the new "
                    + "one holds 1",
            ])
    }
}
