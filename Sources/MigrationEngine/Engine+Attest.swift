internal import DoubleWrite
internal import MigrationCore

extension Engine {
    /// Records that an application's release is out: for the migration that the attestation names, or for all
    /// unfinished ones.
    ///
    /// Needs no lease: a run that waits at a gate sees it when it looks next.
    ///
    /// - Returns: the migrations that it was recorded for.
    /// - Throws: ``EngineError`` for an application that is not listed, or a migration that no file has.
    @discardableResult
    public func attest(_ attestation: Attestation, sources: [MigrationSource]) throws(EngineError) -> [String]
    {
        try wording("attest") {
            let known = settings.applications
            guard known.contains(attestation.application) else {
                throw EngineError(
                    .unknownApplication(
                        attestation.application, known: known,
                        nearest: NearestName.of(attestation.application, among: known)))
            }
            let selection = try Selection(sources, names: attestation.migration.map { [$0] } ?? [])
            try prepareToWrite()
            return try patiently {
                try database.writing(.step(lockTimeout: settings.lockTimeout)) {
                    let survey = try Survey(database)
                    let chosen = selection.chosen.filter { source in
                        attestation.migration != nil
                            || survey.record(source.migration.name)?.status != .finished
                    }
                    for source in chosen {
                        // One in flight goes on by what it began with, whatever its file says.
                        let name = source.migration.name
                        let begun = survey.inFlight.first { $0.name == name }
                        try store.attest(
                            attestation, migration: name, checksum: begun?.checksum ?? source.checksum)
                    }
                    return chosen.map(\.migration.name)
                }
            }
        }
    }
}
