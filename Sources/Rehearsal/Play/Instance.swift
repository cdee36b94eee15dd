internal import DoubleWrite
internal import MigrationEngine

/// One running instance of the application.
final class Instance {
    /// A transaction that it has open.
    struct Work {
        var changes: [RowID: RowContent?] = [:]
        /// What it sees beside its own changes, once that is fixed; `nil` where it sees what is committed.
        var snapshot: [RowID: RowContent]?
        /// Whether its first statement fixes that.
        var fixesSnapshot: Bool
        var statements = 0
        /// Whether it stays open until somebody waits for it.
        var isLong = false
    }

    /// From 1.
    let number: Int
    /// The release that it runs.
    var release = 0
    /// Which of the shapes that this release may speak.
    var variant = 0
    /// Its connection; `nil` while it is not running.
    var session: Session?
    var work: Work?
    /// Whether it may double-write by code of its own.
    var mayOwnCode = false

    init(number: Int) { self.number = number }

    /// What it does with a table; `nil` where its release has no use for it.
    func speech(_ subject: Subject) -> Speech? {
        let speeches = subject.releases[min(release, subject.releases.count - 1)].filter {
            mayOwnCode || !$0.isOwnCode
        }
        return speeches.isEmpty ? nil : speeches[variant % speeches.count]
    }

    /// What a row is for it now.
    func content(_ row: RowID, _ ledger: Ledger) -> RowContent? {
        if let changed = work?.changes[row] { return changed }
        return (work?.snapshot ?? ledger.rows)[row]
    }

    /// Gone, with whatever was open.
    func crash() {
        session?.close()
        session = nil
        work = nil
    }
}
