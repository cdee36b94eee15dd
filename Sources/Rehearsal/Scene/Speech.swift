internal import DoubleWrite
internal import MigrationCore

/// How one release of an application writes and reads one table.
struct Speech: Sendable {
    /// How its statements come about.
    enum Manner: Sendable {
        /// SQL of its own, for the columns that it knows.
        case plain
        /// The helper, with this declaration.
        case helper(TableDeclaration)
        /// Code of its own that writes both shapes, the new one as soon as that is there, and reads its own.
        case both
        /// SQL of its own, for a column that is still in the table that it moves away from.
        case source(TableName, column: String, key: [String])
    }

    /// What the release is called in the journal: `the helper, new shape`.
    var name: String
    /// The table, by the name that this release knows.
    var table: TableName
    var manner: Manner
    /// The columns of the key, by the names of this release.
    var key: [String]
    /// The slots that it writes and reads.
    var slots: [Int]
    /// The shape that it speaks.
    var shape: DeclaredChange.Side
    /// Whether its values are those of behind the migration where a column keeps its name.
    var writesValuesOfAfter: Bool
    /// Whether the table takes a row of these columns alone.
    var canInsert: Bool
    /// Whether it may insert or update in one statement.
    var canUpsert: Bool
    /// Whether the database says how many rows a statement wrote: SQLite does not count what a view's triggers write.
    var isCounted = true

    var isHelper: Bool {
        if case .helper = manner { true } else { false }
    }

    /// Whether it double-writes by code of its own.
    var isOwnCode: Bool {
        if case .both = manner { true } else { false }
    }
}

/// A column, or those of one change, which one value in the one shape and one in the other belong to.
struct Slot: Sendable {
    /// The columns before the migration; none for one that it adds.
    var old: [String]
    /// The columns behind it; none for one that it drops.
    var new: [String]
    /// Whether they are those of a change that applications declare.
    var isOfChange = false

    /// The columns of one shape.
    func columns(_ shape: DeclaredChange.Side) -> [String] {
        switch shape {
        case .old: old
        case .new: new
        }
    }
}

/// A table that the migration changes, and what the applications do with it.
struct Subject: Sendable {
    /// A row's content, in both shapes.
    struct Entry: Sendable {
        var old: [String: SQLValue]
        var new: [String: SQLValue]
    }

    /// A row's key, in both shapes.
    struct Key: Sendable {
        var old: [SQLValue]
        var new: [SQLValue]

        func values(_ shape: DeclaredChange.Side) -> [SQLValue] {
            switch shape {
            case .old: old
            case .new: new
            }
        }
    }

    /// The table's name, in words.
    var name: String
    var slots: [Slot]
    /// What each release does: the first one is the release before, the last one knows the new shape alone. Several of
    /// one release differ in the shape that they speak. None: the release has no use for the table.
    var releases: [[Speech]]
    /// The rows that there may be.
    var keys: [Key] = []
    /// What a row may hold.
    var entries: [Entry] = []
    /// The entry of each row that is there at the beginning, by the number of its key.
    var present: [Int: Int] = [:]
    /// The entries that may be written.
    var usable: [Int] = []
    /// Whether single columns may be written: nothing is demanded of several together.
    var bearsParts = false
    /// What the changes of several columns may hold when single ones of them are written.
    var mixtures: [Mixture] = []
    /// Whether rows may be deleted: nothing points at them.
    var canDelete = true

    /// The values that an entry has in the columns of a slot, for that release.
    func values(_ entry: Int, _ slot: Int, _ speech: Speech) -> [String: SQLValue] {
        let useNew = speech.shape == .new || speech.writesValuesOfAfter
        let values = useNew ? entries[entry].new : entries[entry].old
        return Dictionary(
            uniqueKeysWithValues: slots[slot].columns(speech.shape).map { ($0, values[$0] ?? .null) })
    }

    /// Whether what a release found in the columns of a slot is that entry.
    func holds(_ found: [String: SQLValue], _ entry: Int, _ slot: Int, _ speech: Speech) -> Bool {
        let columns = slots[slot].columns(speech.shape)
        func isSame(_ values: [String: SQLValue]) -> Bool {
            columns.allSatisfy { (found[$0] ?? .null).isSame(as: values[$0] ?? .null) }
        }
        // The migration may fill in what a column of the same name lacks, or change its type under plain SQL.
        let keepsName = slots[slot].old == slots[slot].new && !(slots[slot].isOfChange && speech.isHelper)
        switch speech.shape {
        case .old: return isSame(entries[entry].old) || keepsName && isSame(entries[entry].new)
        case .new: return isSame(entries[entry].new) || keepsName && isSame(entries[entry].old)
        }
    }
}

extension SQLValue {
    /// Whether an application takes both for the same value: a number is the same as an integer and as a fraction, for
    /// SQLite's columns turn the one into the other, and what `down` computes has been in none.
    func isSame(as other: SQLValue) -> Bool {
        switch (self, other) {
        case (.integer(let integer), .real(let real)), (.real(let real), .integer(let integer)):
            Double(integer) == real
        case (.null, _), (.boolean, _), (.integer, _), (.real, _), (.text, _), (.blob, _): self == other
        }
    }
}
