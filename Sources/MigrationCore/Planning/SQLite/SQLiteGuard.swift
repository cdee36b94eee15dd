import DoubleWrite

/// The triggers of a guard in SQLite. They cannot change the row that is about to be stored, so they write it once more
/// behind the statement, in the same transaction, found by its key. What they write is no old-only write, so they end.
///
/// NOT NULL is checked before them: where a new column has become NOT NULL, an INSERT of the old shape is refused.
struct SQLiteGuard {
    let rules: ShapeGuard
    private let trigger: SQLiteSyncTrigger
    private let dialect = Dialect.sqlite

    init(_ change: ShapeChange) {
        rules = ShapeGuard(change)
        trigger = SQLiteSyncTrigger(rules.sync)
    }

    /// How the names of all such triggers begin.
    static let prefix = "bellows_guard:"

    private enum Event: String, CaseIterable {
        case insert, update
    }

    private var sync: SyncTrigger { rules.sync }
    private func name(_ event: Event) -> String {
        dialect.quote("\(Self.prefix)\(rules.change.id.name):\(event.rawValue)")
    }
}

// MARK: - Statements

extension SQLiteGuard {
    /// Makes the triggers, and the table that they count in.
    var creation: [String] { rules.countingTable + Event.allCases.map(create) }

    var removal: [String] { Event.allCases.map { "DROP TRIGGER \(trigger.schema).\(name($0))" } }

    private func create(_ event: Event) -> String {
        let body = statements(event).map { "    \($0);" }.joined(separator: "\n")
        return """
            CREATE TRIGGER \(trigger.schema).\(name(event)) AFTER \(event.rawValue.uppercased()) ON \(trigger.table) FOR EACH ROW
            WHEN \(condition(event))
            BEGIN
            \(body)
            END
            """
    }

    /// The cheap ones first: what does not hold ends it.
    private func condition(_ event: Event) -> String {
        switch event {
        case .insert:
            let left = rules.leavesNewOut.map { "\($0) AND " } ?? ""
            return "\(left)\(strays) AND (NOT \(isNew) OR \(rules.givesOld))"
        case .update: return "\(rules.writesOldOnly) AND \(strays)"
        }
    }

    private var isNew: String { "(\(rules.stage)) IS 'new'" }

    /// True where neither side is what the other one says, as `record` has them.
    private var strays: String {
        rules.change.lookup == nil
            ? "\(trigger.strays(.new, of: "NEW")) AND \(trigger.strays(.old, of: "NEW"))" : rules.strays
    }
}

// MARK: - What they do

extension SQLiteGuard {
    private func statements(_ event: Event) -> [String] {
        [rules.count(at: "(\(rules.stage))")] + refused(event) + healed(event) + [check]
    }

    private func refused(_ event: Event) -> [String] {
        guard rules.mustReturn else { return [] }
        let back = trigger.made(.old, from: trigger.made(.new, from: written(event)))
        let isLost = differs(written(event), from: back)
        return [trigger.refuse("\(isNew) AND \(isLost)", rules.loss)]
    }

    private func healed(_ event: Event) -> [String] {
        let table = trigger.table
        let here = "WHERE \(trigger.isThisRow)"
        guard rules.change.lookup == nil else {
            let heal = sync.members(.new).map {
                "\(dialect.quote($0.physicalName)) = \(rules.made(.new, $0))"
            }
            return [rules.insertion].compactMap(\.self)
                + ["UPDATE \(table) SET \(heal.joined(separator: ", ")) \(here)"]
        }
        let heal =
            "UPDATE \(table) SET \(columns(.new)) = (\(trigger.made(.new, from: written(event)))) \(here)"
        var stages = rules.change.isLossyDown ? ["'both-read-new'"] : []
        // What was not written of the old side is not true any more then, and nobody else brings it up.
        if rules.hasParts { stages.append("'new'") }
        guard !stages.isEmpty else { return [heal] }
        let back = trigger.made(.old, from: trigger.row(.new, table))
        let follow = "UPDATE \(table) SET \(columns(.old)) = (\(back)) \(here)"
        return [heal, "\(follow) AND (\(rules.stage)) IN (\(stages.joined(separator: ", ")))"]
    }

    /// Whether the write was really done: the statement's own conflict clause (`OR IGNORE`) may have taken it away.
    private var check: String {
        let table = trigger.table
        let strays =
            rules.change.lookup == nil
            ? "\(trigger.strays(.new, of: table)) AND \(trigger.strays(.old, of: table))"
            : "\(table).\(dialect.quote(rules.change.physicalNames[0])) IS NOT \(rules.made(.new, sync.members(.new)[0]))"
        return "SELECT RAISE(ABORT, \(dialect.literal(sync.isLeftBehind))) FROM \(table) "
            + "WHERE \(trigger.isThisRow) AND \(strays)"
    }

    private func columns(_ side: SyncTrigger.Side) -> String {
        "(\(dialect.quote(sync.members(side).map(\.physicalName))))"
    }

    /// The old side as it was written. At stage `new` the columns that were not are those of the new side.
    private func written(_ event: Event) -> String {
        guard rules.hasParts, event == .update else { return trigger.row(.old, "NEW") }
        let row = dialect.quote("down")
        let columns = sync.members(.old).map { member in
            let name = dialect.quote(member.column.name)
            let isKept = "NOT (\(sync.differs(sync.value(member), sync.value(member, of: "OLD"), member)))"
            return
                "CASE WHEN \(isNew) AND \(isKept) THEN \(row).\(name) ELSE \(sync.value(member)) END AS \(name)"
        }
        let down = trigger.made(.old, from: trigger.row(.new, "NEW"))
        return "SELECT \(columns.joined(separator: ", ")) FROM (\(down)) AS \(row)"
    }

    /// True where the old side that one query gives is not what the other one gives.
    private func differs(_ left: String, from right: String) -> String {
        let (here, there) = (dialect.quote("written"), dialect.quote("made"))
        let conditions = sync.members(.old).map { member in
            let name = dialect.quote(member.column.name)
            return sync.differs("\(here).\(name)", "\(there).\(name)", member)
        }
        return
            "EXISTS (SELECT 1 FROM (\(left)) AS \(here), (\(right)) AS \(there) WHERE \(sync.any(conditions)))"
    }
}
