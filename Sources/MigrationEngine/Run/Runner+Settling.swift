internal import DoubleWrite
internal import Foundation
internal import MigrationCore

extension Runner {
    /// Waits until no transaction is open that may still act on what was before the last flip or attestation.
    ///
    /// Exactly the transactions that are open when this first looks are waited for, also by the runs after
    /// this one: those that begin later have seen the flip, and a busy database always has some.
    ///
    /// - Parameter limit: For how long; what the settings say where it is `nil`.
    /// - Returns: Who is still there when the time is over; `nil` when it has settled.
    func settle(_ record: MigrationRecord, within limit: Duration? = nil) throws -> [Blocker]? {
        var waitedFor = try transactionsToWaitFor(record)
        let deadline = ContinuousClock.now + (limit ?? settings.settleTimeout)
        var pause = Duration.milliseconds(10)
        var lastNote: ContinuousClock.Instant?
        while true {
            try settings.stop?.check()
            let open = try database.openTransactions(keeping: waitedFor)
            waitedFor = stillOpen(waitedFor, among: Set(open.keys))
            guard !waitedFor.isEmpty else { break }
            let blockers = waitedFor.compactMap { open[$0] }.sorted { $0.description < $1.description }
            let now = ContinuousClock.now
            if now >= deadline { return blockers }
            if lastNote.map({ now - $0 > .seconds(1) }) ?? true {
                observer.observe(.waitingForTransactions(blockers))
                lastNote = now
            }
            Pause.sleep(min(pause, deadline - now))
            pause = min(pause * 2, .milliseconds(250))
        }
        try attempting(nil) { try store.settled(record) }
        return nil
    }

    /// Those of `waitedFor` that are open. One that is gone may have been prepared, under a name that was not
    /// known: then what is prepared now is waited for, too.
    private func stillOpen(
        _ waitedFor: Set<OpenTransaction>, among open: Set<OpenTransaction>
    ) -> Set<OpenTransaction> {
        let still = waitedFor.intersection(open)
        guard waitedFor.contains(where: { $0.processID != nil && !open.contains($0) }) else { return still }
        return still.union(open.filter { $0.processID == nil })
    }

    private func transactionsToWaitFor(_ record: MigrationRecord) throws -> Set<OpenTransaction> {
        if let stored = record.openTransactions {
            return try StoredJSON.value(
                Set<OpenTransaction>.self, from: stored, what: "the open transactions")
        }
        let open = Set(try database.openTransactions().keys)
        guard !open.isEmpty else { return [] }
        let list = open.sorted { $0.id < $1.id }
        try attempting(nil) { try store.note(openTransactions: StoredJSON.text(list), of: record) }
        return open
    }
}
