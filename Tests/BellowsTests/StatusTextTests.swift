import DoubleWrite
import MigrationCore
import MigrationEngine
import Testing

@testable import bellows

/// `status` in words: everything that it may have to say.
@Suite("Status in words")
struct StatusTextTests {
    private let moment = Moment(milliseconds: 1_795_235_329_000)
    private let step = Step(id: "1.transition.flip", title: "make 'species' the truth", action: .soak)

    private func position(_ phase: Phase, _ number: Int) -> StepPosition {
        StepPosition(phase: phase, step: step, number: number, count: 13)
    }

    private func status(
        _ phase: Phase, _ number: Int, _ conditions: UnmetGate.Condition...,
        state: MigrationStatus.State = .inFlight
    ) -> MigrationStatus {
        MigrationStatus(
            name: "0002 kind", description: "Animals have a species.", state: state, phase: phase,
            step: position(phase, number),
            waitsFor: conditions.map {
                UnmetGate(migration: "0002 kind", step: step.id, title: step.title, condition: $0)
            })
    }

    private func text(_ report: StatusReport, _ options: [String] = []) -> String {
        StatusText(report: report, commands: CommandWords(options: options)).text
    }

    @Test("nothing yet, and nothing to say of what is finished")
    func quiet() {
        #expect(text(StatusReport()) == "no migrations yet; 'bellows new NAME' makes one\n")
        let finished = MigrationStatus(name: "0001_a", state: .finished, finished: moment)
        let pending = MigrationStatus(name: "0002_bb", state: .pending)
        #expect(
            text(StatusReport(migrations: [finished, pending])) == """
                0001_a   finished  \(moment)
                0002_bb  pending

                """)
    }

    @Test("writes that a guard has counted: what the contract waits for, and who it was")
    func strays() {
        let strays = [
            StrayWrites(
                change: ChangeID("animals.species"), stage: .new, writes: 3, last: moment, role: "me",
                application: "ci"),
            StrayWrites(change: ChangeID("animals.species"), stage: .both, writes: 1, last: moment),
        ]
        var migration = status(
            .contract, 9,
            .release([
                MissingAttestation(application: "api", needs: .new, acceptsHelper: true, attested: .helper)
            ]))
        migration.waitsFor[0].strays = [strays[0]]
        let shown = text(StatusReport(migrations: [migration], strays: strays))
        let who = "3 writes at 'new', the last \(moment), by 'me' (application 'ci')"
        #expect(
            shown.contains(
                "  waits for  nobody to write the old shape alone any more, as was done since the attestations:\n"
                    + "             \(who)\n"), "\(shown)")
        #expect(shown.contains("bellows attest api --migration '0002 kind'"), "\(shown)")
        #expect(
            shown.hasSuffix(
                "\nguard: writes of the old shape alone, which were healed and counted\n"
                    + "  animals.species: \(who)\n  animals.species: 1 write at 'both', the last \(moment)\n"),
            "\(shown)")
    }

    @Test("a release that is missing, with the command that meets it")
    func release() {
        let missing = [
            MissingAttestation(application: "api", needs: .both, acceptsHelper: true, attested: nil),
            MissingAttestation(application: "job's", needs: .new, acceptsHelper: false, attested: .both),
        ]
        let report = StatusReport(migrations: [status(.doubleWrite, 1, .release(missing))])
        #expect(
            text(report, ["--config", "x.yaml"]) == """
                0002 kind  in flight
                  Animals have a species.
                  double-write ▸   expand ·   transition ·   contract ·
                  stands at  step 1 of 13: make 'species' the truth
                  waits for  every instance of 'api' to run the release
                             bellows attest api --migration '0002 kind' --config x.yaml
                  waits for  every instance of 'job's' to run the release as new (attested so far: both)
                             bellows attest 'job'\\''s' --migration '0002 kind' --as new --config x.yaml

                """)
    }

    @Test("an application that was attested to do it by its own code is not shown the helper")
    func ownCode() {
        let missing = MissingAttestation(
            application: "api", needs: .bothReadNew, acceptsHelper: true, attested: .both)
        let report = text(StatusReport(migrations: [status(.transition, 5, .release([missing]))]))
        #expect(
            report.contains(
                "every instance of 'api' to run the release as both-read-new (attested so far: both)\n"))
        #expect(report.contains("bellows attest api --migration '0002 kind' --as both-read-new\n"))
    }

    @Test("a soak, open transactions, violations, earlier migrations")
    func others() {
        let soak = UnmetGate.Condition.soak(until: moment, remaining: .seconds(7200))
        let soaking = text(StatusReport(migrations: [status(.contract, 12, soak)]))
        #expect(soaking.contains("waits for  2 h more, until \(moment)\n"))
        #expect(soaking.contains("bellows apply '0002 kind' --through contract\n"))
        #expect(soaking.contains("double-write ✓   expand ✓   transition ✓   contract ▸"))

        let blocker = Blocker(
            processID: 7, user: "api", state: "idle in transaction", query: "SELECT 1\u{1B}[31m")
        let held = text(StatusReport(migrations: [status(.transition, 6, .transactions([blocker]))]))
        #expect(held.contains("process 7 (user api), idle in transaction: SELECT 1"))
        #expect(!held.contains("\u{1B}"))

        let counts = [VerificationReport.Count(name: "species = kind", violations: 3)]
        let report = VerificationReport(
            migration: "0002 kind", step: step.id, table: "animals", at: moment, snapshot: "1", rows: 10,
            counts: counts)
        let violated = text(StatusReport(migrations: [status(.transition, 5, .violations(report))]))
        #expect(violated.contains("species = kind   3 rows disagree\n"))
        #expect(violated.contains("bellows verify '0002 kind'"))

        let waiting = text(StatusReport(migrations: [status(.expand, 2, .migrations(["0001_a"]))]))
        #expect(waiting.contains("'0001_a', on which it builds, to be finished"))
        #expect(waiting.contains("bellows apply 0001_a --through contract"))
    }

    @Test("on the way back, edited, gone, failed, drifted, running")
    func trouble() {
        var back = status(.transition, 6, .transactions([]), state: .rollingBack)
        back.error = "no\nlock"
        var edited = MigrationStatus(name: "0003", state: .finished, isEdited: true)
        edited.isFileMissing = true
        let report = StatusReport(
            migrations: [back, edited],
            drift: [Drift(table: "animals", missing: ["column \"kind\" text"], extra: ["column \"x\" int"])],
            lease: LeaseHolder(host: "build", processID: 7, user: "ann", since: moment, expires: moment))
        let text = text(report)
        #expect(text.contains("0002 kind  rolling back"))
        #expect(text.contains("bellows rollback '0002 kind'"))
        #expect(text.contains("failed: no␣lock"))
        #expect(text.contains("its file was edited after it was finished: undo the edit"))
        #expect(text.contains("its file is gone"))
        #expect(
            text.contains("  animals\n    missing  column \"kind\" text\n    extra    column \"x\" int\n"))
        #expect(text.hasSuffix("running now: process 7 of ann on build, since \(moment)\n"))
    }

    @Test("what verify shows of rows that disagree")
    func samples() {
        let report = VerificationReport(
            migration: "m", step: "s", table: "animals", at: moment, snapshot: "1", rows: 1_000,
            counts: [
                .init(name: "species = kind", violations: 1), .init(name: "kind = species", violations: 0),
            ],
            samples: ResultSet(
                columns: ["id", "kind", "species"],
                rows: [
                    [.integer(7), .text("c\nat"), .null],
                    [.integer(8), .text(String(repeating: "x", count: 99)), .blob([1])],
                ]))
        #expect(
            VerificationText(report: report).lines == [
                "m  animals: violated in 1,000 rows at \(moment)",
                "  species = kind   1 row disagrees",
                "  kind = species   0 rows disagree",
                "  id  kind                                           species",
                "  7   'c␣at'                                         NULL   ",
                "  8   '\(String(repeating: "x", count: 40))...'  1 bytes",
            ])
    }
}
