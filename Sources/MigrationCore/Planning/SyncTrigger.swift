import DoubleWrite

/// What the triggers of `sync: trigger` decide by, the same in every dialect: which shape a write says, whether the two
/// shapes agree, and what one of them is made of the other.
///
/// A row that is written says its shape by what is in it. In an UPDATE the columns that change are the ones that are
/// written. In an INSERT those are that do not have their default: the defaults of both sides agree with each other,
/// so that whatever was left out is never mistaken for a value, and NULL stays a value like any other.
struct SyncTrigger {
    /// The columns before the change, or those after it.
    enum Side: Hashable {
        case old, new

        var other: Side { self == .old ? .new : .old }
    }

    /// A column of one side, under the name that it has in the table now.
    struct Member {
        let index: Int
        let column: Column
        let physicalName: String
        let usual: Usual
    }

    /// What a column holds that an INSERT leaves out.
    enum Usual: Hashable {
        case null
        case constant(String)
        /// Another value each time, so that nobody can tell it from one that was given.
        case varying
    }

    let change: ShapeChange
    /// The side that is right where the other one is not what it says, as in a row that is not filled yet. Where
    /// something is forgotten on the way (`lossy_down`), it is the other side that is rounded.
    let truth: Side
    /// Whether the new columns bear the old ones' names already.
    let isSwapped: Bool

    init(_ change: ShapeChange, truth: Side, isSwapped: Bool = false) {
        self.change = change
        self.truth = truth
        self.isSwapped = isSwapped
    }

    var dialect: Dialect { change.dialect }
}

// MARK: - Columns and values

extension SyncTrigger {
    func members(_ side: Side) -> [Member] {
        switch side {
        case .old:
            change.olds.enumerated().map { index, old in
                Member(
                    index: index, column: old.column,
                    physicalName: isSwapped ? dialect.retiredName(of: old.column.name) : old.column.name,
                    usual: usual(old.column))
            }
        case .new:
            change.news.enumerated().map { index, new in
                Member(
                    index: index, column: new.column,
                    physicalName: isSwapped ? new.column.name : new.physicalName, usual: usual(new.column))
            }
        }
    }

    /// A default that differs from row to row stands only on the column that everyone knows, one that does not on both.
    private func usual(_ column: Column) -> Usual {
        guard let value = column.defaultValue else { return .null }
        switch dialect {
        case .postgres: return column.isDefaultVolatile ? .varying : .constant(value)
        case .sqlite:
            guard SQLiteLiteral.isConstant(value) else { return .varying }
            return SQLiteLiteral.isNull(value) ? .null : .constant(value)
        }
    }

    /// `NEW."kind"`.
    func value(_ member: Member, of row: String = "NEW") -> String {
        "\(row).\(dialect.quote(member.physicalName))"
    }

    /// The side's values under the names by which the user's expressions know them.
    func values(_ side: Side, of row: String = "NEW") -> [(name: String, sql: String)] {
        members(side).map { ($0.column.name, value($0, of: row)) }
    }

    /// What a column of `side` is made of, where the other side has `values`.
    func derived(_ side: Side, _ index: Int, from values: [(name: String, sql: String)]) -> String {
        switch side {
        case .old: change.downValue(change.olds[index], over: values)
        case .new: change.upValue(change.news[index], over: values)
        }
    }

    /// All columns of `side`, made of the other side's `values`.
    func derived(_ side: Side, from values: [(name: String, sql: String)]) -> [(name: String, sql: String)] {
        members(side).map { ($0.column.name, derived(side, $0.index, from: values)) }
    }
}

// MARK: - Conditions

extension SyncTrigger {
    func differs(_ left: String, _ right: String, _ member: Member) -> String {
        dialect.differs(left, right, isExact: member.column.hasExactEquality)
    }

    func any(_ conditions: [String]) -> String {
        conditions.count == 1 ? conditions[0] : "(\(conditions.joined(separator: " OR ")))"
    }

    /// True where an UPDATE changes the side.
    func isChanged(_ side: Side) -> String {
        any(members(side).map { differs(value($0), value($0, of: "OLD"), $0) })
    }

    /// True where an INSERT certainly gives the side a value.
    func isGiven(_ side: Side) -> String {
        let conditions = members(side).compactMap { member -> String? in
            switch member.usual {
            case .null:
                dialect == .postgres
                    ? "\(value(member)) IS DISTINCT FROM NULL" : "\(value(member)) IS NOT NULL"
            case .constant(let text):
                differs(value(member), dialect.stored(text.parenthesized, in: member.column), member)
            case .varying: nil
            }
        }
        return conditions.isEmpty ? (dialect == .postgres ? "false" : "0") : any(conditions)
    }

    /// True where the side is not what the other one makes of it, both as `row` has them.
    func strays(_ side: Side, of row: String = "NEW") -> String {
        let source = values(side.other, of: row)
        return any(
            members(side).map { differs(value($0, of: row), derived(side, $0.index, from: source), $0) })
    }

    /// True where the side's values do not come back from the way to the other side; `nil` where they need not.
    func isLost(_ side: Side) -> String? {
        guard mustReturn else { return nil }
        let there = derived(side.other, from: values(side))
        return any(members(side).map { differs(value($0), derived(side, $0.index, from: there), $0) })
    }

    /// Whether every value has to survive the way to the other side and back.
    var mustReturn: Bool { !change.isLossyDown && !change.isRename }

    /// The side that a row says from which everything is left out: the one that is there for everyone.
    var assumed: Side { isSwapped ? .new : .old }
}

// MARK: - Words

extension SyncTrigger {
    func names(_ side: Side) -> String {
        let names = change.table.name.name
        let list = members(side).map { "'\($0.physicalName)'" }.joined(separator: ", ")
        return "\(list) of '\(names)'"
    }

    /// Said to a write that gives both sides values that do not agree.
    var contradiction: String {
        "\(names(.old)) and \(members(.new).map { "'\($0.physicalName)'" }.joined(separator: ", ")) are written at once and "
            + "do not agree; the change '\(change.id)' keeps them in step: write one side only, or both alike"
    }

    /// Said to an UPDATE of some of the derived columns of a row that is still to be filled.
    func isNotFilled(_ side: Side) -> String {
        "\(names(side)) is not filled in this row yet, and an UPDATE of one column says nothing of the others; "
            + "the change '\(change.id)' is still copying: come back when it has"
    }

    /// Said to a write whose value would not come back.
    func loss(_ side: Side) -> String {
        "\(names(side)) is given a value that \(members(side.other).map { "'\($0.physicalName)'" }.joined(separator: ", ")) "
            + "cannot hold unchanged; until the change '\(change.id)' is finished both shapes must have it"
    }
}
