internal import DoubleWrite
internal import MigrationCore

/// Learns from a database before the migration, and from one behind it, what each row is in either shape.
struct RowReader {
    let table: ChangedTable
    let before: Session
    let after: Session
    let options: RehearsalOptions

    private var dialect: Dialect { table.dialect }

    func subject() throws -> Subject {
        var subject = table.subject()
        let behind = try rowsBehind(subject)
        guard let first = table.before else {
            try fillNew(&subject)
            return subject
        }
        let old = subject.slots.flatMap(\.old)
        let keys = table.key.old.map(dialect.quote) + table.key.old.map(newKey)
        let rows = try before.run(
            "SELECT \((keys + old.map(dialect.quote)).joined(separator: ", ")) FROM \(dialect.quote(first.name)) "
                + "ORDER BY \(dialect.quote(table.key.old)) LIMIT \(Self.limit)"
        ).rows
        let width = table.key.old.count
        for row in rows {
            let key = Subject.Key(old: Array(row[..<width]), new: Array(row[width..<(2 * width)]))
            let new = behind[key.new]
            guard table.after == nil || new != nil else { continue }
            let values = Dictionary(uniqueKeysWithValues: zip(old, row[(2 * width)...]))
            subject.present[subject.keys.count] = subject.entries.count
            subject.keys.append(key)
            subject.entries.append(Subject.Entry(old: values, new: new ?? [:]))
        }
        return subject
    }

    /// More than that many rows are left alone.
    private static var limit: Int { 400 }

    private func rowsBehind(_ subject: Subject) throws -> [[SQLValue]: [String: SQLValue]] {
        guard let last = table.after else { return [:] }
        let new = subject.slots.flatMap(\.new)
        let rows = try after.run(
            "SELECT \(dialect.quote(table.key.new + new)) FROM \(dialect.quote(last.name))"
        ).rows
        let width = table.key.new.count
        return Dictionary(
            rows.map { row in
                (Array(row[..<width]), Dictionary(uniqueKeysWithValues: zip(new, row[width...])))
            }
        ) { first, _ in first }
    }

    /// A table that the migration makes has rows of its own only behind it.
    private func fillNew(_ subject: inout Subject) throws {
        guard let last = table.after else { return }
        // Rows that the migration itself makes are nobody's here.
        let own = try rowsBehind(subject)
        var maker = RowMaker(after, try after.introspect(), options)
        maker.isNew = true
        try maker.fill([last], count: options.rows * 2)
        // In the order of the keys, whatever the hashes are in this process.
        let made = try rowsBehind(subject).filter { own[$0.key] == nil }
        for (key, values) in made.sorted(by: { "\($0.key)" < "\($1.key)" }) {
            subject.keys.append(Subject.Key(old: [], new: key))
            subject.entries.append(Subject.Entry(old: [:], new: values))
        }
    }

    /// SQL for what a column of the key becomes.
    private func newKey(_ column: String) -> String {
        let quoted = dialect.quote(column)
        guard let change = table.changes.first(where: { $0.old.contains { $0.name == column } }),
            change.new.count == 1, let new = change.new.first, let up = new.expression
        else { return quoted }
        let names = change.old.map { (name: $0.name, sql: dialect.quote($0.name)) }
        let sql = ScopedExpression.sql(up[dialect], over: names, dialect)
        return new.type.map { "CAST(\(sql) AS \($0[dialect]))" } ?? sql
    }
}
