/// What the proof takes as given of the helper, the engine and those who deploy.
///
/// Each holds, and is tested where it is made to hold. Taking one away shows what rests on it.
struct Premises: Hashable {
    /// The fence and the look-up see every commit, whatever the transaction's snapshot (the marker; `to_regclass`).
    var fenceSeesEveryCommit = true
    /// Before a step that asks for it the engine waits for every transaction that was open at the last flip or
    /// attestation.
    var flipsSettle = true
    /// A count is one statement in one snapshot, so that no row moves past it.
    var countsAreOneSnapshot = true
    /// A release goes back only while its own gate is open; behind an attested one only by a rollback of the migration.
    var staysBehindAttested = true
    /// A runner that was replaced writes nothing any more (the lease row).
    var replacedRunnersAreStopped = true
    /// Whoever rolls a migration back while a gate is open has first taken back what was released towards that gate.
    var gateIsClearedBeforeRollback = true
}
