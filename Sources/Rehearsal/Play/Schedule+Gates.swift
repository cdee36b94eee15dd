internal import DoubleWrite
internal import Foundation
internal import MigrationCore
internal import MigrationEngine

extension Schedule {
    /// Does what a gate waits for.
    ///
    /// - Returns: Whether the way goes on; else the run turns round here.
    func pass(_ gate: UnmetGate, isBack: Bool) throws -> Bool {
        switch gate.condition {
        case .release(let missing):
            guard let first = missing.first else { return true }
            return try rollOut(first, missing.map(\.application), isBack: isBack)
        case .transactions:
            troupe.journal.note(.runner, "waits for open transactions, and is run again")
            if !troupe.hasOpenWork { Thread.sleep(forTimeInterval: 0.002) }
            try troupe.move()
            try troupe.makeWay(percent: 60)
            return true
        case .violations(let report):
            let counts = report.counts.filter { $0.violations > 0 }.map { "\($0.violations) of '\($0.name)'" }
            throw Fault(
                kind: .run,
                message: "step \(gate.step) ('\(gate.title)') found rows that violate what must hold: "
                    + counts.joined(separator: ", "))
        case .soak: return true
        case .held(let reasons):
            throw Fault(
                kind: .run,
                message: "the backfill is held up: "
                    + reasons.map(\.description).joined(separator: "; "))
        case .migrations(let names):
            throw Fault(
                kind: .run, message: "the migration waits for others: \(names.joined(separator: ", "))")
        }
    }

    /// The instances get the release that the gate waits for, one at a time, some of them back and again; then it is
    /// attested.
    private func rollOut(
        _ missing: MissingAttestation, _ applications: [String], isBack: Bool
    ) throws -> Bool {
        let target = target(missing.needs, isBack: isBack)
        let before = troupe.releases.lowerBound
        isAnnounced = true
        troupe.journal.note(.runner, "waits for a release that does '\(missing.needs.rawValue)'")
        troupe.releases = min(before, target)...max(before, target)
        for instance in troupe.random.shuffled(troupe.instances) where instance.release != target {
            troupe.deploy(instance, target)
            for _ in 0..<troupe.random.below(4) { try troupe.move() }
            if troupe.random.chance(20) {
                troupe.deploy(instance, before)
                for _ in 0..<troupe.random.below(4) { try troupe.move() }
            }
        }
        if !isBack, troupe.random.chance(8) {
            troupe.releases = min(before, target)...max(before, target)
            return false
        }
        for instance in troupe.instances where instance.release != target { troupe.deploy(instance, target) }
        troupe.releases = target...target
        let isHelper = missing.acceptsHelper && hasHelper && !troupe.hasOwnCode
        let conduct = isHelper ? Release.Conduct.helper : missing.needs
        try attest(applications, as: conduct)
        return true
    }

    /// The release that a gate waits for. The helper follows the stages by itself, code of its own is released for each.
    private func target(_ needs: Release.Conduct, isBack: Bool) -> Int {
        switch needs {
        case .helper, .both: 1
        case .bothReadNew: troupe.hasOwnCode ? 2 : 1
        case .new: troupe.hasOwnCode ? 3 : isBack ? 1 : 2
        }
    }

    private var hasHelper: Bool {
        scene.subjects.contains { $0.releases[1].contains(where: \.isHelper) }
    }

    private func attest(_ applications: [String], as conduct: Release.Conduct) throws {
        for application in applications {
            troupe.journal.note(.runner, "bellows attest \(application) --as \(conduct.rawValue)")
            for attempt in 1... {
                do {
                    let engine = try Engine(location, settings: settings, observer: SilentObserver())
                    defer { engine.close() }
                    try engine.attest(
                        Attestation(
                            application: application, migration: scene.migration.migration.name,
                            conduct: conduct),
                        sources: scene.sources)
                    break
                } catch {
                    guard case .lockTimeout = error.reason, attempt < 5 else {
                        throw Fault(kind: .run, message: "attest failed: \(error)")
                    }
                    try troupe.makeWay(percent: 100)
                }
            }
        }
    }

    /// The migration is pending again: everything that was acknowledged is there, in the old shape.
    func arriveBack() throws {
        troupe.tally.rollbacks += 1
        troupe.journal.note(.runner, "rolled back: the migration is pending again")
        troupe.forgetNewColumns()
        try troupe.judge(release: 0)
        // A release that no gate has asked for was never out.
        let newest = isAnnounced ? 1 : 0
        if isAnnounced, hasHelper { try troupe.judge(release: 1) }
        troupe.releases = 0...newest
        for instance in troupe.instances where instance.release > newest { troupe.deploy(instance, newest) }
    }

    /// The migration is finished: the last release goes out, and everything that was acknowledged is there.
    func finish() throws {
        troupe.journal.note(.runner, "finished")
        troupe.releases = troupe.releases.lowerBound...3
        for _ in 0..<troupe.random.below(6) { try troupe.move() }
        for instance in troupe.random.shuffled(troupe.instances) {
            troupe.deploy(instance, 3)
            for _ in 0..<(3 + troupe.random.below(4)) { try troupe.move() }
        }
        try troupe.makeWay(percent: 100)
        for release in 2...3 { try troupe.judge(release: release) }
    }
}

extension Troupe {
    /// Columns that the migration added are dropped by a rollback, with what was in them.
    func forgetNewColumns() {
        ledger.forget { subject, slot in subjects[subject].slots[slot].old.isEmpty && !isMoved(subject) }
    }

    private func isMoved(_ subject: Int) -> Bool {
        subjects[subject].releases[0].contains { if case .source = $0.manner { true } else { false } }
    }

    private func look(
        _ performer: Performer, _ speech: Speech, _ subject: Subject
    ) throws -> [Performer.Sight] {
        do {
            return try performer.read(key: nil)
        } catch {
            throw Fault(
                kind: .broken,
                message: "at the end, somebody (\(speech.name)) could not read '\(subject.name)': \(error)")
        }
    }

    /// Everything that is there, through every shape that a release speaks, held against what was acknowledged.
    func judge(release: Int) throws {
        let session = try Session(location, patience: .seconds(5))
        defer { session.close() }
        // What is open is not acknowledged, but in SQLite it may hold up whoever reads.
        for (number, subject) in subjects.enumerated() {
            for speech in subject.releases[release] where hasOwnCode || !speech.isOwnCode {
                let performer = Performer(
                    session: session, subject: subject, speech: speech, dialect: dialect)
                let sights = try look(performer, speech, subject)
                tally.reads += 1
                let judge = Judge(subject: subject, number: number, speech: speech, ledger: ledger)
                try judge.check(all: sights, by: "at the end, somebody", atEnd: true) { ledger.rows[$0] }
            }
        }
    }
}
