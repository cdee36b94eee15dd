import DoubleWrite

/// The triggers by which SQLite keeps both shapes of a change in step, in the very statement that writes.
///
/// A SQLite trigger cannot change the row that is about to be stored; these write it once more behind the statement, in the
/// same transaction, found by its key. What they write makes the shapes agree, and rows whose shapes agree are left
/// alone: so they end, whether the connection's `recursive_triggers` is on or off. Where the statement's own conflict
/// clause (`UPDATE OR IGNORE`) takes their write away, the last statement of each notices and fails.
struct SQLiteSyncTrigger {
    let sync: SyncTrigger
    private let dialect = Dialect.sqlite

    init(_ sync: SyncTrigger) { self.sync = sync }

    /// How the names of all such triggers begin.
    static let prefix = "bellows_sync:"

    private enum Event: String, CaseIterable {
        case insert, update
    }

    /// What a write says: one side, or both.
    private enum Shape: String, CaseIterable {
        case old, new, both
    }

    private func name(_ event: Event, _ shape: Shape) -> String {
        dialect.quote("\(Self.prefix)\(sync.change.id.name):\(event.rawValue)-\(shape.rawValue)")
    }

    /// Inside of a trigger a table's name takes no schema; it is of the trigger's own.
    var table: String { dialect.quote(sync.change.table.name.name) }
    var schema: String {
        dialect.quote(sync.change.table.name.schema ?? dialect.defaultSchema)
    }
}

// MARK: - Statements

extension SQLiteSyncTrigger {
    /// Makes the triggers.
    var creation: [String] {
        Event.allCases.flatMap { event in Shape.allCases.map { create(event, $0) } }
    }

    var removal: [String] {
        Event.allCases.flatMap { event in Shape.allCases.map { "DROP TRIGGER \(schema).\(name(event, $0))" } }
    }

    private func create(_ event: Event, _ shape: Shape) -> String {
        let body = statements(event, shape).map { "    \($0);" }.joined(separator: "\n")
        return """
            CREATE TRIGGER \(schema).\(name(event, shape)) AFTER \(event.rawValue.uppercased()) ON \(table) FOR EACH ROW
            WHEN \(condition(event, shape))
            BEGIN
            \(body)
            END
            """
    }

    private func condition(_ event: Event, _ shape: Shape) -> String {
        let old: String
        let new: String
        switch event {
        case .insert: (old, new) = (sync.isGiven(.old), sync.isGiven(.new))
        case .update: (old, new) = (sync.isChanged(.old), sync.isChanged(.new))
        }
        let isAssumed = event == .insert && shape.rawValue == (sync.assumed == .old ? "old" : "new")
        switch shape {
        case .both: return "\(old) AND \(new)"
        case .new: return "\(isAssumed ? "" : "\(new) AND ")NOT \(old)" + unlessFilled(event, .new)
        case .old: return "\(isAssumed ? "" : "\(old) AND ")NOT \(new)" + unlessFilled(event, .old)
        }
    }

    /// A row that is being filled, or that the other trigger has just written, agrees already.
    private func unlessFilled(_ event: Event, _ side: SyncTrigger.Side) -> String {
        event == .update && side != sync.truth ? " AND \(strays(side))" : ""
    }
}

// MARK: - What they do

extension SQLiteSyncTrigger {
    private var truth: SyncTrigger.Side { sync.truth }
    private var derived: SyncTrigger.Side { truth.other }

    private func statements(_ event: Event, _ shape: Shape) -> [String] {
        switch shape {
        case .both: both
        case .old: truth == .old ? truthOnly : derivedOnly(event)
        case .new: truth == .new ? truthOnly : derivedOnly(event)
        }
    }

    /// The derived side becomes what the truth says, if the truth comes back from there.
    private var truthOnly: [String] {
        refusals(ofLost: truth) + [write(derived) + " AND \(strays(derived, of: table))", check]
    }

    /// The truth becomes what the derived side says; what the truth does not keep of that goes from the derived side.
    private func derivedOnly(_ event: Event) -> [String] {
        var statements: [String] = []
        if event == .update, sync.members(derived).count > 1 {
            statements.append(refuse(strays(derived, of: "OLD"), sync.isNotFilled(derived)))
        }
        statements += refusals(ofLost: derived) + [write(truth)]
        if sync.change.isLossyDown {
            statements.append(write(derived, of: table) + " AND \(strays(derived, of: table))")
        }
        return statements + [check]
    }

    private var both: [String] {
        if sync.change.isRename { return [refuse(strays(.old), sync.contradiction)] }
        if sync.mustReturn { return [refuse("\(strays(.old)) OR \(strays(.new))", sync.contradiction)] }
        return [refuse("\(strays(.old)) AND \(strays(.new))", sync.contradiction)] + truthOnly
    }

    func refuse(_ condition: String, _ message: String) -> String {
        "SELECT RAISE(ABORT, \(dialect.literal(message))) WHERE \(condition)"
    }

    private func refusals(ofLost side: SyncTrigger.Side) -> [String] {
        guard sync.mustReturn else { return [] }
        let back = made(side, from: made(side.other, from: row(side, "NEW")))
        return [refuse(differs(side, of: "NEW", from: back), sync.loss(side))]
    }

    /// `UPDATE ... SET (...) = (SELECT ...) WHERE id = NEW.id`.
    private func write(_ side: SyncTrigger.Side, of record: String = "NEW") -> String {
        "UPDATE \(table) SET \(assignments(side, of: record)) WHERE \(isThisRow)"
    }

    /// `title = NEW.name`, or of what has to be computed all columns at once.
    private func assignments(_ side: SyncTrigger.Side, of record: String) -> String {
        let columns = sync.members(side).map { dialect.quote($0.physicalName) }
        if sync.change.isRename {
            let values = sync.values(side.other, of: record).map(\.sql)
            return zip(columns, values).map { "\($0) = \($1)" }.joined(separator: ", ")
        }
        return "(\(columns.joined(separator: ", "))) = (\(made(side, from: row(side.other, record))))"
    }

    var isThisRow: String {
        sync.change.key.map { "\(table).\(dialect.quote($0)) = NEW.\(dialect.quote($0))" }.joined(
            separator: " AND ")
    }

    /// Whether the write was really done.
    private var check: String {
        "SELECT RAISE(ABORT, \(dialect.literal(sync.isLeftBehind))) FROM \(table) "
            + "WHERE \(isThisRow) AND \(strays(derived, of: table))"
    }
}

// MARK: - Values, each step of the way in a sub-select of its own: SQLite's parser goes only so deep

extension SQLiteSyncTrigger {
    /// The side's values as `record` (NEW, OLD, the table) has them, under the names that the user's expressions use.
    func row(_ side: SyncTrigger.Side, _ record: String) -> String {
        let columns = sync.members(side).map {
            "\(record).\(dialect.quote($0.physicalName)) AS \(dialect.quote($0.column.name))"
        }
        return "SELECT \(columns.joined(separator: ", "))"
    }

    /// The side made of the other one, which `source` gives.
    func made(_ side: SyncTrigger.Side, from source: String) -> String {
        let members = sync.members(side)
        let scope = " FROM (\(source)) AS \(dialect.quote("row"))"
        let bare = members.map { "\(expression(side, $0)) AS \(dialect.quote($0.column.name))" }
        let values = "SELECT \(bare.joined(separator: ", "))\(scope)"
        guard members.contains(where: { isConverted(side, $0) }) else { return values }
        let stored = members.map { member in
            let name = dialect.quote(member.column.name)
            let value = isConverted(side, member) ? dialect.stored(name, in: member.column) : name
            return "\(value) AS \(name)"
        }
        return "SELECT \(stored.joined(separator: ", ")) FROM (\(values))"
    }

    private func expression(_ side: SyncTrigger.Side, _ member: SyncTrigger.Member) -> String {
        switch sync.derivation(side, member.index) {
        case .identity(let name): dialect.quote(name)
        case .cast(let name): dialect.stored(dialect.quote(name), in: member.column, isCast: true)
        case .expression(let text): ScopedExpression.parenthesized(text)
        case .lookup: preconditionFailure("no trigger extracts a table")
        }
    }

    /// Whether the column may hold something else than the expression gives.
    private func isConverted(_ side: SyncTrigger.Side, _ member: SyncTrigger.Member) -> Bool {
        switch sync.derivation(side, member.index) {
        case .identity, .cast, .lookup: false
        case .expression: SQLiteAffinity(member.column.type) != .blob
        }
    }

    /// True where the side, as `record` has it, is not what `source` gives.
    func differs(_ side: SyncTrigger.Side, of record: String, from source: String) -> String {
        let made = dialect.quote("made")
        let conditions = sync.members(side).map {
            sync.differs(sync.value($0, of: record), "\(made).\(dialect.quote($0.column.name))", $0)
        }
        return "EXISTS (SELECT 1 FROM (\(source)) AS \(made) WHERE \(sync.any(conditions)))"
    }

    /// True where the side is not what the other one makes of it, both as `record` has them.
    func strays(_ side: SyncTrigger.Side, of record: String = "NEW") -> String {
        sync.change.isRename
            ? sync.strays(side, of: record)
            : differs(side, of: record, from: made(side, from: row(side.other, record)))
    }
}

// MARK: - Rows at rest

extension SQLiteSyncTrigger {
    /// What follows SET where a side is made of the other one, in an UPDATE of the table.
    func assignments(_ side: SyncTrigger.Side) -> String { assignments(side, of: table) }

    /// True for a row of the table in which the side is not what the other one makes of it.
    func straysAtRest(_ side: SyncTrigger.Side) -> String { strays(side, of: table) }

    /// True for a row of the table whose new values do not survive the way to the old shape and back.
    var losesNew: String {
        differs(.new, of: table, from: made(.new, from: made(.old, from: row(.new, table))))
    }
}
