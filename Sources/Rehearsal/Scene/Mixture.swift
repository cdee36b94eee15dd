internal import DoubleWrite
internal import MigrationCore

/// What a change of several columns may hold when single ones of them are written: every mixture of what some entries hold
/// in them, with its value in the other shape.
struct Mixture: Sendable {
    /// The slot with the change.
    var slot: Int
    /// The shape that has several columns.
    var side: DeclaredChange.Side
    /// Those columns.
    var parts: [String]
    /// The entry of each mixture, by the entries that its columns were taken from.
    private(set) var entries: [[Int]: Int] = [:]
    private var origins: [Int: [Int]] = [:]

    init(slot: Int, side: DeclaredChange.Side, parts: [String]) {
        self.slot = slot
        self.side = side
        self.parts = parts
    }

    /// The entries that its columns were taken from; `nil` for one that is no mixture of this kind.
    func origin(of entry: Int) -> [Int]? { origins[entry] }

    /// The entries that columns are taken from.
    var donors: [Int] { entries.filter { Set($0.key).count == 1 }.map(\.value).sorted() }

    mutating func add(_ origin: [Int], as entry: Int) {
        entries[origin] = entry
        origins[entry] = origin
    }
}

/// Makes the mixtures of a table: the database itself says what each is in the other shape, and which it takes.
struct MixtureMaker {
    let table: ChangedTable
    let before: Session
    let after: Session

    private var dialect: Dialect { table.dialect }

    /// As many entries give their columns: their number is raised to that of the columns.
    private static func width(_ parts: Int) -> Int { parts == 2 ? 7 : 4 }

    func make(_ subject: inout Subject) throws {
        for slot in subject.slots.indices
        where subject.slots[slot].isOfChange && table.bearsMixtures(subject.slots[slot]) {
            let columns = subject.slots[slot]
            let side: DeclaredChange.Side = columns.new.count > 1 ? .new : .old
            guard columns.old.count != columns.new.count, !columns.old.isEmpty, !columns.new.isEmpty,
                let change = table.changes.first(where: { $0.old.map(\.name) == columns.old })
            else { continue }
            var mixture = Mixture(slot: slot, side: side, parts: columns.columns(side))
            try fill(&mixture, change, &subject)
            if mixture.entries.count > 1 { subject.mixtures.append(mixture) }
        }
    }

    private func fill(_ mixture: inout Mixture, _ change: DeclaredChange, _ subject: inout Subject) throws {
        let count = mixture.parts.count
        let axis = Array(subject.usable.prefix(Self.width(count)))
        for origin in Self.tuples(of: axis, count) {
            if Set(origin).count == 1, let entry = origin.first {
                mixture.add(origin, as: entry)
                continue
            }
            let values = zip(mixture.parts, origin).map { part, entry in
                let values = subject.entries[entry]
                return (mixture.side == .new ? values.new : values.old)[part] ?? .null
            }
            guard let other = try counterpart(of: values, mixture, change) else { continue }
            let mixed = Dictionary(uniqueKeysWithValues: zip(mixture.parts, values))
            let entry =
                mixture.side == .new
                ? Subject.Entry(old: other, new: mixed) : Subject.Entry(old: mixed, new: other)
            guard try isTaken(entry, subject) else { continue }
            mixture.add(origin, as: subject.entries.count)
            subject.entries.append(entry)
        }
    }

    private static func tuples(of axis: [Int], _ count: Int) -> [[Int]] {
        (0..<count).reduce([[]]) { tuples, _ in tuples.flatMap { tuple in axis.map { tuple + [$0] } } }
    }

    /// The values of the other shape; `nil` where they would not give these ones back.
    private func counterpart(
        of values: [SQLValue], _ mixture: Mixture, _ change: DeclaredChange
    ) throws -> [String: SQLValue]? {
        let (own, other) = mixture.side == .new ? (change.new, change.old) : (change.old, change.new)
        let given = own.enumerated().map { index, column in
            "\(cast(dialect.parameter(index + 1), column)) AS \(dialect.quote("m_" + column.name))"
        }
        let there = other.map { column in
            "\(made(column, of: own, "m_")) AS \(dialect.quote("o_" + column.name))"
        }
        let back = own.map { made($0, of: other, "o_") }
        let names = other.map { dialect.quote("o_" + $0.name) }
        let sql =
            "SELECT \((names + back).joined(separator: ", ")) FROM (SELECT \(there.joined(separator: ", ")) FROM "
            + "(SELECT \(given.joined(separator: ", "))) AS \(dialect.quote("given"))) AS \(dialect.quote("there"))"
        guard let row = try before.trying({ try before.run(sql, values).rows.first }) ?? nil else {
            return nil
        }
        guard zip(row.dropFirst(other.count), values).allSatisfy({ $0.isSame(as: $1) }) else { return nil }
        return Dictionary(uniqueKeysWithValues: zip(other.map(\.name), row))
    }

    private func made(_ column: DeclaredChange.Column, of others: [DeclaredChange.Column], _ prefix: String)
        -> String
    {
        let names = others.map { (name: $0.name, sql: dialect.quote(prefix + $0.name)) }
        let sql =
            column.expression.map { ScopedExpression.sql($0[dialect], over: names, dialect) }
            ?? names.first?.sql ?? "NULL"
        return cast(sql, column)
    }

    private func cast(_ sql: String, _ column: DeclaredChange.Column) -> String {
        column.type.map { "CAST(\(sql) AS \($0[dialect]))" } ?? sql
    }

    /// Whether a row takes it in either shape.
    private func isTaken(_ entry: Subject.Entry, _ subject: Subject) throws -> Bool {
        func takes(
            _ session: Session, _ table: Table?, _ values: [String: SQLValue], _ key: [String],
            _ row: [SQLValue]?
        )
            throws -> Bool
        {
            guard let table, let row else { return true }
            let columns = values.keys.sorted()
            let update = Statements.update(table.name, columns, key: key, dialect)
            return try session.trying { try session.run(update, columns.map { values[$0] ?? .null } + row) }
                != nil
        }
        let row = subject.present.keys.min().map { subject.keys[$0] }
        return try takes(before, table.before, entry.old, table.key.old, row?.old)
            && takes(after, table.after, entry.new, table.key.new, row?.new)
    }
}

extension ChangedTable {
    /// Whether each column may be written without the others: nothing is demanded of several together, and none is unique.
    var bearsParts: Bool {
        [before, after].compactMap(\.self).allSatisfy { table in
            table.checks.allSatisfy { $0.columns.count <= 1 }
                && table.foreignKeys.allSatisfy { $0.columns.count == 1 }
                && table.columns.allSatisfy { $0.generated == nil }
                && table.uniqueConstraints.allSatisfy { $0.columns.count == 1 }
                && table.indexes.allSatisfy { !$0.isUnique || $0.isSimple && $0.columns.count == 1 }
                && table.extras?.isEmpty != false
        }
    }

    /// Columns that are unique by themselves.
    private var uniqueColumns: Set<String> {
        Set(
            [before, after].compactMap(\.self).flatMap { table in
                table.uniqueConstraints.flatMap(\.columns)
                    + table.indexes.filter(\.isUnique).flatMap(\.columns)
            })
    }

    /// Whether the columns of a slot may hold a mixture: the same part may then be in several rows.
    func bearsMixtures(_ slot: Slot) -> Bool {
        bearsParts && uniqueColumns.isDisjoint(with: slot.old + slot.new)
    }
}
