/// A row of a table that the applications write: the numbers of the table and of its key.
struct RowID: Hashable, Sendable {
    var subject: Int
    var key: Int
}

/// What a row holds: an entry for each slot; `nil` where nobody said, and the default counts.
typealias RowContent = [Int?]

/// What every acknowledged write made of the rows: what the database has to show, to everybody, at any moment.
///
/// All moves are made by one thread, one after the other, so there is nothing to argue about: the last write that was
/// acknowledged is the value. (Shelter's judge, which looks at programs that really run side by side, has to ask whether
/// an order exists in which everything fits; here the order is known, and a read that is behind it is stale.)
struct Ledger: Sendable {
    private(set) var rows: [RowID: RowContent] = [:]
    /// The move by which each row came to what it is.
    private(set) var moves: [RowID: Int] = [:]
    /// Contents that were overwritten, by the move that did it, for the words of a failure.
    private var overwritten: [RowID: [(content: RowContent?, move: Int)]] = [:]

    init(_ subjects: [Subject]) {
        for (number, subject) in subjects.enumerated() {
            for (key, entry) in subject.present {
                rows[RowID(subject: number, key: key)] = subject.slots.map { $0.old.isEmpty ? nil : entry }
            }
        }
    }

    /// Takes in what a transaction wrote.
    mutating func commit(_ changes: [RowID: RowContent?], move: Int) {
        for (row, content) in changes {
            overwritten[row, default: []].append((rows[row], move))
            rows[row] = content
            moves[row] = move
        }
    }

    /// The columns that a rollback dropped have no values any more.
    mutating func forget(_ isForgotten: (_ subject: Int, _ slot: Int) -> Bool) {
        for (row, content) in rows {
            rows[row] = content.indices.map { isForgotten(row.subject, $0) ? nil : content[$0] }
        }
    }

    /// When that entry was overwritten, if it ever was there.
    func move(thatOverwrote entry: Int, in slot: Int, of row: RowID) -> Int? {
        overwritten[row]?.last { $0.content?[slot] == entry }?.move
    }
}
