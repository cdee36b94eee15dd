import DoubleWrite
import MigrationCore
import MigrationEngine
import Synchronization
import Testing

@testable import bellows

/// What is said of many databases at once.
@Suite("Telling a fleet")
struct FleetTextTests {
    private let step = Step(id: "1.expand.backfill", title: "copy 'kind' to 'species'", action: .soak)

    private func plan(_ steps: [Step], _ name: String = "0002") -> Plan {
        Plan(migration: name, dialect: .sqlite, phases: [.init(phase: .expand, steps: steps)])
    }

    private func schema(_ id: String, _ sql: String) -> Step {
        Step(id: id, title: "do \(id)", action: .schema(SchemaChange(table: nil, statements: [sql])))
    }

    @Test("the worst exit code, in the documented order")
    func exitCodes() {
        let order: [Int32] = [2, 1, 4, 5, 3, 0]
        for (place, worse) in order.enumerated() {
            for better in order[place...] {
                #expect(FleetExitCode.worst([better, worse, better]) == worse)
            }
        }
        #expect(FleetExitCode.worst([]) == 0)
    }

    @Test("the same is said once, the largest group first, long lists are cut")
    func groups() {
        let groups = FleetGroups([("a", 1), ("b", 2), ("c", 3), ("d", 2), ("e", 3)]).groups
        #expect(groups.map(\.key) == [2, 3, 1])
        #expect(groups.map(\.names) == [["b", "d"], ["c", "e"], ["a"]])
        #expect(Words.some(["a", "b\u{1B}"]) == "a and b␣")
        #expect(Words.some((1...6).map(String.init)) == "1, 2, 3, 4, 5 and 6")
        #expect(Words.some((1...200).map(String.init)) == "1, 2, 3, 4, 5 and 195 more")
    }

    @Test("plans are compared step by step")
    func planDifferences() {
        let usual = plan([schema("a", "SELECT 1"), schema("b", "SELECT 2")])
        func words(_ steps: [Step]) -> [String] { PlanDifference(plan: plan(steps), usual: usual).words }
        #expect(words([schema("a", "SELECT 1"), schema("b", "SELECT 2")]) == [])
        #expect(
            words([schema("b", "SELECT 3"), schema("c", "SELECT 4")])
                == ["without 'do a'", "also 'do c'", "other SQL in 'do b'"])
        #expect(
            words([schema("b", "SELECT 2"), schema("a", "SELECT 1")]) == ["the same steps in another order"])
        var slow = schema("b", "SELECT 2")
        slow.scans = true
        #expect(words([schema("a", "SELECT 1"), slow]) == ["another form of 'do b'"])
    }

    @Test("plans that were made on other ground are not compared")
    func ground() {
        func standing(_ pending: [String], _ sql: String) -> FleetStanding {
            FleetStanding(
                migrations: ["0001", "0002"].map {
                    MigrationStatus(name: $0, state: pending.contains($0) ? .pending : .finished)
                }, plans: [plan([schema("a", sql)])])
        }
        func lines(_ standings: [(String, FleetStanding)]) -> [String] {
            FleetStandingText(title: "2 databases", standings: standings.map { (name: $0.0, standing: $0.1) })
                .lines
        }
        let young = standing(["0001", "0002"], "text")
        let old = standing(["0002"], "TEXT")
        #expect(
            lines([("a", young), ("b", old), ("c", old)]) == [
                "2 databases", "  2  0002 pending             b and c",
                "  1  0001 and 1 more pending  a",
            ])
        let odd = lines([("a", old), ("b", old), ("c", standing(["0002"], "odd"))])
        #expect(odd.first == "2 databases, all alike: 0002 pending")
        #expect(
            odd.dropFirst() == [
                "  the plan of 0002 is not the same everywhere", "    c: other SQL in 'do a'",
            ])
    }

    @Test("what is waited for is said once; of soaks the last one")
    func waits() {
        func item(_ name: String, _ condition: UnmetGate.Condition) -> FleetWaits.Item {
            FleetWaits.Item(
                name: name,
                gate: UnmetGate(migration: "0002", step: "s", title: "t", condition: condition),
                direction: .forward,
                step: StepPosition(phase: .contract, step: step, number: 12, count: 13))
        }
        let soaks = [("a", 1000), ("b", 3000), ("c", 2000)].map { name, time in
            item(name, .soak(until: Moment(milliseconds: Int64(time)), remaining: .milliseconds(time)))
        }
        #expect(
            FleetWaits(items: soaks, count: 3).lines == [
                "all:", "  0002 waits", "    waits for  3.0 s more, until \(Moment(milliseconds: 3000))",
                "               bellows apply 0002 --through contract",
            ])
        let missing = MissingAttestation(application: "api", needs: .both, acceptsHelper: true, attested: nil)
        let mixed = [soaks[0]] + ["b", "c"].map { item($0, .release([missing])) }
        let lines = FleetWaits(items: mixed, count: 4).lines
        #expect(lines.filter { !$0.hasPrefix(" ") } == ["b and c:", "a:"])
    }

    @Test("one row for each, led by what needs somebody")
    func rows() {
        let finished = MigrationReport(name: "0001", direction: .forward, outcome: .finished, stepsRun: 1)
        let reached = MigrationReport(
            name: "0002", direction: .forward, outcome: .reached(next: .contract), stepsRun: 10, rows: 2000)
        func row(_ reports: [MigrationReport]) -> String {
            FleetRow(result: .done(ApplyReport(migrations: reports))).text
        }
        #expect(row([finished]) == "finished           0001  (1 step)")
        #expect(
            row([finished, reached])
                == "before contract    0002  (2 migrations, 11 steps, 2,000 rows written)")
        #expect(row([]) == "nothing to do")
        #expect(FleetRow(result: .failed(CommandFailure("a\nb"))).text == "failed             a")
    }
}

/// What is said of a fleet while it runs.
@Suite("Telling a fleet's run")
struct FleetProgressTests {
    private final class Screen: Sendable {
        let text = Mutex("")
        func take() -> String {
            text.withLock { text in
                defer { text = "" }
                return text
            }
        }
    }

    private func progress(_ screen: Screen, isTerminal: Bool, height: Int = 24, isSilent: Bool = false)
        -> FleetProgress
    {
        FleetProgress(
            names: ["a", "bb", "c", "d"], style: .plain, width: 60, height: height, isTerminal: isTerminal,
            isSilent: isSilent
        ) { words in screen.text.withLock { $0 += words } }
    }

    private let step = Step(id: "1.expand.backfill", title: "copy 'kind' to 'species'", action: .soak)

    @Test("elsewhere than on a terminal: a line for each that is done, and no control characters")
    func log() {
        let screen = Screen()
        let progress = progress(screen, isTerminal: false)
        progress.begin(4)
        let observer = progress.observer(1)
        observer.observe(.migrationStarted(migration: "m", direction: .forward, isResumed: false))
        observer.observe(.stepStarted(migration: "m", phase: .expand, step: step, number: 3, count: 13))
        let blocker = Blocker(processID: 7, state: "idle")
        for attempt in 1...30 {
            observer.observe(
                .waitingForLock(object: "t", blockers: [blocker], attempt: attempt, attempts: 30))
        }
        observer.observe(.stepFinished(migration: "m", step: step, rows: 1, elapsed: .seconds(1)))
        progress.ended(1, "finished")
        progress.ended(0, nil)
        progress.end()
        #expect(screen.take() == "bb  waits for a lock on t, held by process 7, idle\nbb  finished\n")
    }

    @Test("on a terminal those that are being worked on stand below and are taken back")
    func terminal() {
        let screen = Screen()
        let progress = progress(screen, isTerminal: true)
        progress.begin(4)
        _ = progress.observer(0)
        #expect(screen.take() == "a   \n0 of 4 databases done\n")
        let observer = progress.observer(1)
        observer.observe(.stepStarted(migration: "m", phase: .expand, step: step, number: 3, count: 13))
        _ = screen.take()
        progress.ended(0, "finished")
        #expect(
            screen.take().hasSuffix(
                "A\r\u{1B}[Ja   finished\nbb  m  3/13  copy 'kind' to 'species'\n1 of 4 databases done\n"))
        progress.end()
        #expect(screen.take() == "\u{1B}[2A\r\u{1B}[J")
    }

    @Test("never more lines than the terminal has, and none longer than it is wide")
    func room() {
        let screen = Screen()
        let progress = progress(screen, isTerminal: true, height: 4)
        progress.begin(4)
        for index in 0..<4 { _ = progress.observer(index) }
        let long = Step(id: "x", title: String(repeating: "犬", count: 100), action: .soak)
        progress.observer(2).observe(
            .stepStarted(migration: "m", phase: .expand, step: long, number: 1, count: 1))
        progress.ended(0, nil)
        let lines = screen.take().split(separator: "\n").suffix(3)
        #expect(lines.last == "1 of 4 databases done")
        #expect(lines.allSatisfy { String($0).columns < 60 + 8 })
    }

    @Test("nothing where a document is asked for")
    func silent() {
        let screen = Screen()
        let progress = progress(screen, isTerminal: true, isSilent: true)
        progress.begin(1)
        progress.observer(0).observe(.note("x"))
        progress.ended(0, "finished")
        progress.end()
        #expect(screen.take() == "")
    }
}
