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

extension SyncTrigger.Usual {
    init(of column: Column, _ dialect: Dialect) {
        guard let value = column.defaultValue, !SQLiteLiteral.isNull(value) else {
            self = .null
            return
        }
        let isConstant =
            switch dialect {
            case .postgres: !column.isDefaultVolatile
            case .sqlite: SQLiteLiteral.isConstant(value)
            }
        self = isConstant ? .constant(value) : .varying
    }
}

extension ShapeChange {
    /// Whether a row of the old shape has to give a value, so that one without any is of the new shape.
    var needsOldValue: Bool {
        olds.contains { !$0.column.isNullable && SyncTrigger.Usual(of: $0.column, dialect) == .null }
    }

    /// The default of a new column that stands beside those of the old ones: one that gives every row the same value, if
    /// theirs do. A plan asks the database whether they agree.
    func agreedDefault(of new: New) -> String? {
        guard !olds.contains(where: { SyncTrigger.Usual(of: $0.column, dialect) == .varying }),
            case .constant(let value) = SyncTrigger.Usual(of: new.column, dialect)
        else { return nil }
        return value
    }
}

// MARK: - Columns and values

extension SyncTrigger {
    func members(_ side: Side) -> [Member] {
        switch side {
        case .old:
            change.olds.enumerated().map { index, old in
                let usual = Usual(of: old.column, dialect)
                return Member(
                    index: index, column: old.column, physicalName: physicalName(of: old.column),
                    // A default that differs from row to row goes with the name.
                    usual: isSwapped && usual == .varying ? .null : usual)
            }
        case .new:
            change.news.enumerated().map { index, new in
                let agreed = change.agreedDefault(of: new).map(Usual.constant) ?? .null
                return Member(
                    index: index, column: new.column,
                    physicalName: isSwapped ? new.column.name : new.physicalName,
                    usual: isSwapped ? Usual(of: new.column, dialect) : agreed)
            }
        }
    }

    /// What an old column is called.
    func physicalName(of old: Column) -> String { isSwapped ? dialect.retiredName(of: old.name) : old.name }

    /// `NEW."kind"`; without a row the column of the table itself.
    func value(_ member: Member, of row: String? = "NEW") -> String {
        (row.map { $0 + "." } ?? "") + dialect.quote(member.physicalName)
    }

    /// The side's values under the names by which the user's expressions know them.
    func values(_ side: Side, of row: String? = "NEW") -> [(name: String, sql: String)] {
        members(side).map { ($0.column.name, value($0, of: row)) }
    }

    func derivation(_ side: Side, _ index: Int) -> ShapeChange.Derivation {
        switch side {
        case .old: change.olds[index].down
        case .new: change.news[index].up
        }
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
    func strays(_ side: Side, of row: String? = "NEW") -> String {
        let source = values(side.other, of: row)
        return any(
            members(side).map { differs(value($0, of: row), derived(side, $0.index, from: source), $0) })
    }

    /// True where the side's values come back from the other side as others, as `row` has them.
    func comesBackChanged(_ side: Side, of row: String? = "NEW") -> String {
        let there = derived(side.other, from: values(side, of: row))
        return any(
            members(side).map { differs(value($0, of: row), derived(side, $0.index, from: there), $0) })
    }

    /// Whether every value has to survive the way to the other side and back.
    var mustReturn: Bool { !change.isLossyDown && !change.isRename }

    /// The side that a row says from which everything is left out: the one that everyone knows, if it can be said so.
    var assumed: Side { isSwapped || change.needsOldValue ? .new : .old }
}

// MARK: - Rows at rest

extension SyncTrigger {
    /// Both sides' columns as they are called now.
    var physicalNames: [String] { (members(.old) + members(.new)).map(\.physicalName) }

    /// What follows SET where a side is made of the other one, in the table's own scope (PostgreSQL).
    func assignments(_ side: Side) -> String {
        let source = values(side.other, of: nil)
        return members(side).map {
            "\(value($0, of: nil)) = \(derived(side, $0.index, from: source))"
        }.joined(separator: ", ")
    }

    /// What is true of every row while the sides are kept in step; `strays` says in SQL where a side is not.
    func agreement(_ strays: (Side) -> String) -> [Verification.Invariant] {
        let new = Verification.Invariant(name: equation(.new), violation: strays(.new))
        let old = Verification.Invariant(name: equation(.old), violation: strays(.old))
        guard change.isLossyDown else { return [new, old] }
        guard truth == .new else { return [new] }
        // An old value that gives the new one may hold more than what is made of that.
        return [.init(name: equation(.old), violation: "(\(old.violation)) AND (\(new.violation))")]
    }

    /// `species = kind`, `given, family = up(name)`.
    private func equation(_ side: Side) -> String {
        func list(_ side: Side) -> String {
            let names = members(side).map(\.column.name).joined(separator: ", ")
            return change.keepsName ? "\(side == .old ? "old" : "new") \(names)" : names
        }
        let source = list(side.other)
        return "\(list(side)) = " + (change.isRename ? source : "\(side == .new ? "up" : "down")(\(source))")
    }
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
