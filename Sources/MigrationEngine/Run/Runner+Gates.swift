internal import DoubleWrite
internal import Foundation
internal import MigrationCore

extension Runner {
    /// What keeps the step from running now; `nil` where nothing does. Waits for open transactions as long as
    /// the settings say.
    func unmetGate(_ walk: Walk, _ index: Int) throws -> UnmetGate? {
        guard !settings.noWriters else { return nil }
        if let gate = try gates.waiting(at: walk, index) { return gate }
        guard settings.faults.settles, walk.mustSettle(index), let blockers = try settle(walk.record) else {
            return nil
        }
        let step = walk.steps[index].step
        return UnmetGate(
            migration: walk.record.name, step: step.id, title: step.title, condition: .transactions(blockers))
    }

    var gates: Gates { Gates(store: store, settings: settings) }
}

/// The gates that need no waiting to be told: releases and soaks. Only reads.
struct Gates {
    let store: StateStore
    let settings: Settings

    /// The gate that the step is, where it does not hold.
    func waiting(at walk: Walk, _ index: Int) throws -> UnmetGate? {
        let step = walk.steps[index].step
        switch step.action {
        case .release(let release):
            return try unmet(
                release, step, walk.record.name, checksum: walk.record.checksum, turned: walk.record.started)
        case .soak: return try unmetSoak(step, walk, index)
        case .schema, .flip, .buildIndex, .dropIndex, .backfill, .sqlite, .verify: return nil
        }
    }

    /// The applications whose latest attestation does not say what the release needs.
    ///
    /// - Parameter turned: When the run began: a gate that is asked anew counts only what was attested since.
    func unmet(
        _ release: Release, _ step: Step, _ migration: String, checksum: String, turned: Moment? = nil
    ) throws -> UnmetGate? {
        let attested = try store.attestations(
            of: migration, checksum: checksum, since: release.isAskedAnew == true ? turned : nil)
        let strays = try release.guards.map { try store.strayWrites(of: $0) } ?? []
        // The last one may have been written by whoever was attested before it.
        let counted = try strays.map(\.last).max().map {
            try store.attestations(
                of: migration, checksum: checksum, since: Moment(milliseconds: $0.milliseconds + 1))
        }
        let missing = settings.applications.filter { application in
            !release.isMet(by: (counted ?? attested).conducts[application])
        }
        guard !missing.isEmpty else { return nil }
        var gate = UnmetGate.release(release, missing: missing, attested: attested, step, migration)
        gate.strays = strays
        return gate
    }

    private func unmetSoak(_ step: Step, _ walk: Walk, _ index: Int) throws -> UnmetGate? {
        let since = (index > 0 ? walk.records[index - 1]?.finished : nil) ?? walk.record.started
        let end = since + settings.soak
        let now = try store.now()
        guard now < end else { return nil }
        return UnmetGate(
            migration: walk.record.name, step: step.id, title: step.title,
            condition: .soak(until: end, remaining: end - now))
    }
}

extension Release {
    /// Whether an application that was attested like this does what the release needs.
    func isMet(by conduct: Conduct?) -> Bool {
        conduct == needs || (acceptsHelper && conduct == .helper)
    }
}

extension UnmetGate {
    /// A release that is not out everywhere.
    static func release(
        _ release: Release, missing: [String], attested: Attested, _ step: Step,
        _ migration: String
    ) -> UnmetGate {
        UnmetGate(
            migration: migration, step: step.id, title: step.title,
            condition: .release(
                missing.map { application in
                    MissingAttestation(
                        application: application, needs: release.needs, acceptsHelper: release.acceptsHelper,
                        attested: attested.conducts[application],
                        isAttestedForOtherFile: attested.conducts[application] == nil
                            && attested.otherwise.contains(application))
                }))
    }
}
