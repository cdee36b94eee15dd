internal import DoubleWrite

/// Sends what an instance wants of one table, in the manner of its release.
struct Performer {
    let session: Session
    let subject: Subject
    let speech: Speech
    let dialect: Dialect

    /// What is wanted of a row.
    enum Verb: String, Sendable {
        case insert, update, upsert, delete
    }

    /// What is written of a row.
    struct Wish {
        var verb: Verb
        var key: Int
        var entry: Int
        /// The slots that are written; those of the release.
        var slots: [Int]
        /// The columns of them that are written; all of them without.
        var columns: Set<String>?
    }

    /// Writes a whole row.
    func write(_ verb: Verb, key: Int, entry: Int) throws -> Int {
        try write(Wish(verb: verb, key: key, entry: entry, slots: speech.slots))
    }

    /// Writes a row.
    ///
    /// - Returns: How many rows the database says were written.
    func write(_ wish: Wish) throws -> Int {
        let keyValues = subject.keys[wish.key].values(speech.shape)
        var values: [String: SQLValue] = [:]
        for slot in wish.slots {
            values.merge(subject.values(wish.entry, slot, speech)) { first, _ in first }
        }
        if let columns = wish.columns { values = values.filter { columns.contains($0.key) } }
        switch speech.manner {
        case .helper(let declaration): return try help(declaration, wish.verb, keyValues, values)
        case .source(let table, let column, let names):
            let value = values.values.first ?? .null
            let update = Statements.update(table, [column], key: names, dialect)
            return try session.run(update, [value] + keyValues).affectedRows
        case .both: return try session.atomically(speech.table) { try double(wish, values, keyValues) }
        case .plain: return try send(wish.verb, values, keyValues, order: columns(of: wish.slots))
        }
    }

    private func columns(of slots: [Int]) -> [String] {
        slots.flatMap { subject.slots[$0].columns(speech.shape) }
    }

    private func send(
        _ verb: Verb, _ values: [String: SQLValue], _ key: [SQLValue], order: [String]
    ) throws -> Int {
        let columns = order.filter { values[$0] != nil }
        let row = columns.map { values[$0] ?? .null }
        return try session.run(sql(verb, columns), parameters(verb, row, key)).affectedRows
    }

    /// Both shapes, as soon as the new one is there. The table stays as it is until the transaction is over.
    private func double(_ wish: Wish, _ values: [String: SQLValue], _ key: [SQLValue]) throws -> Int {
        var values = values
        let changed = wish.slots.map { subject.slots[$0] }.filter(\.isOfChange)
        let entry = subject.entries[wish.entry]
        for slot in changed {
            for name in slot.old { values[name] = entry.old[name] ?? .null }
            for name in slot.new { values[name] = entry.new[name] ?? .null }
        }
        if let column = changed.first?.new.first, try !session.hasColumn(column, speech.table) {
            for name in changed.flatMap(\.new) { values[name] = nil }
        }
        return try send(wish.verb, values, key, order: values.keys.sorted())
    }

    private func sql(_ verb: Verb, _ columns: [String]) -> String {
        let table = speech.table
        switch verb {
        case .insert: return Statements.insert(table, speech.key + columns, dialect)
        case .upsert: return Statements.insert(table, speech.key + columns, upsertingBy: speech.key, dialect)
        case .update: return Statements.update(table, columns, key: speech.key, dialect)
        case .delete: return Statements.delete(table, key: speech.key, dialect)
        }
    }

    private func parameters(_ verb: Verb, _ row: [SQLValue], _ key: [SQLValue]) -> [SQLValue] {
        switch verb {
        case .insert, .upsert: key + row
        case .update: row + key
        case .delete: key
        }
    }

    private func help(
        _ table: TableDeclaration, _ verb: Verb, _ key: [SQLValue], _ values: [String: SQLValue]
    ) throws -> Int {
        let helper = session.helper
        let keyed = Dictionary(uniqueKeysWithValues: zip(speech.key, key))
        switch verb {
        case .insert: return try helper.insert(into: table, values.merging(keyed) { $1 }).affectedRows
        case .upsert:
            return try helper.upsert(
                into: table, values.merging(keyed) { $1 }, conflict: speech.key, update: values.keys.sorted()
            ).affectedRows
        case .update: return try helper.update(table, set: values, where: condition(key)).affectedRows
        case .delete: return try helper.delete(from: table, where: condition(key)).affectedRows
        }
    }

    private func condition(_ key: [SQLValue]) -> Condition {
        .all(zip(speech.key, key).map { .compare(ColumnReference($0), .equal, $1) })
    }

    /// What a row holds, by slot.
    struct Sight {
        var key: [SQLValue]
        var values: [String: SQLValue]
    }

    /// Reads one row, or all of them.
    func read(key: Int?) throws -> [Sight] {
        let columns = speech.slots.flatMap { subject.slots[$0].columns(speech.shape) }
        let keyValues = key.map { subject.keys[$0].values(speech.shape) }
        let names = speech.key + columns
        let rows: [[SQLValue]]
        switch speech.manner {
        case .helper(let declaration):
            rows = try session.helper.select(
                from: declaration, columns: names, where: keyValues.map(condition)
            ).rows
        case .source(let table, let column, let sourceKey):
            rows = try session.run(
                Statements.select(table, sourceKey + [column], key: key == nil ? nil : sourceKey, dialect),
                keyValues ?? []
            ).rows
        case .plain, .both:
            rows = try session.run(
                Statements.select(speech.table, names, key: key == nil ? nil : speech.key, dialect),
                keyValues ?? []
            ).rows
        }
        let width = speech.key.count
        return rows.map { row in
            Sight(
                key: Array(row[..<width]),
                values: Dictionary(uniqueKeysWithValues: zip(columns, row[width...])))
        }
    }
}
