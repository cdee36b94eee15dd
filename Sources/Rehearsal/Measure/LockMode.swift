/// A lock on a table, from the weakest to the strongest.
///
/// PostgreSQL's are those of <https://www.postgresql.org/docs/current/explicit-locking.html>; SQLite's those of
/// <https://www.sqlite.org/lockingv3.html>, on the whole file.
enum LockMode: String, CaseIterable, Comparable, Sendable {
    case accessShare = "ACCESS SHARE"
    case rowShare = "ROW SHARE"
    case rowExclusive = "ROW EXCLUSIVE"
    case shareUpdateExclusive = "SHARE UPDATE EXCLUSIVE"
    case share = "SHARE"
    case shareRowExclusive = "SHARE ROW EXCLUSIVE"
    case exclusive = "EXCLUSIVE"
    case accessExclusive = "ACCESS EXCLUSIVE"

    /// The name in `pg_locks`: `AccessExclusiveLock`.
    init?(catalogue name: String) {
        let plain = name.hasSuffix("Lock") ? String(name.dropLast(4)) : name
        guard
            let mode = Self.allCases.first(where: {
                $0.rawValue.lowercased().filter { $0 != " " } == plain.lowercased()
            })
        else { return nil }
        self = mode
    }

    /// The strongest that a plan's words name: `SHARE ROW EXCLUSIVE on animals, then ACCESS EXCLUSIVE`.
    init?(words: String) {
        let named = Self.allCases.filter { mode in
            words.contains(mode.rawValue)
        }
        guard let strongest = named.max() else { return nil }
        self = strongest
    }

    static func < (left: LockMode, right: LockMode) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
