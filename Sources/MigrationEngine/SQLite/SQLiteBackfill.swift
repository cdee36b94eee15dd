internal import DoubleWrite
internal import MigrationCore
internal import SQLiteDriver

extension SQLiteDatabase: KeyedDatabase {
    /// Batches are ranges of the key.
    var batchTarget: BatchTarget {
        BatchTarget(duration: .milliseconds(25), sizes: 16...100_000, firstSize: 500)
    }

    /// A number that changes with every commit of another connection.
    var snapshotName: String { "(SELECT 'data_version ' || data_version FROM pragma_data_version)" }

    /// With a write-ahead log and `synchronous = NORMAL` a commit waits for no disk, and what a power failure takes is the
    /// end of the log (<https://www.sqlite.org/pragma.html#pragma_synchronous>). Without such a log it might take more, so
    /// nothing is changed then.
    func committingLazily<Value>(_ body: () throws -> Value) throws -> Value {
        let mode = try main.query("PRAGMA main.journal_mode", []).scalar
        let (normal, usual) = (Int64(1), try main.query("PRAGMA main.synchronous", []).scalar?.integer ?? 0)
        guard mode == .text("wal"), usual > normal else { return try body() }
        let back = "PRAGMA main.synchronous = \(usual)"
        try main.execute("PRAGMA main.synchronous = \(normal)")
        let value: Value
        do {
            value = try body()
        } catch {
            try? main.execute(back)
            throw error
        }
        try main.execute(back)
        return value
    }

    func batch(_ backfill: Backfill, _ cursor: inout BackfillCursor) throws -> BatchResult {
        try inRange(backfill.table, backfill.key, &cursor) { condition, values in
            var rows = 0
            for statement in backfill.statements(for: "\(condition) AND (\(backfill.mismatch))", dialect) {
                rows += try main.query(statement, values).affectedRows
            }
            return Int64(rows)
        }
    }

    /// Runs `body` for the next range of keys, with the condition on the key and its parameters, and moves the cursor behind it.
    func inRange(
        _ table: TableName, _ key: [String], _ cursor: inout BackfillCursor,
        _ body: (String, [SQLValue]) throws -> Int64
    ) throws -> BatchResult {
        let range = KeyRange(table, key)
        if cursor.keysTotal == nil { cursor.keysTotal = try largest(range) }
        let low = cursor.key?.map(\.value) ?? []
        let last = try main.query(
            range.upperBound(isFirst: low.isEmpty), low + [.integer(Int64(cursor.size - 1))])
        let high = last.rows.first ?? []
        let condition = range.condition(hasLow: !low.isEmpty, hasHigh: !high.isEmpty)
        let rows = try body(condition, low + high)
        cursor.keysSeen += Int64(cursor.size)
        if !high.isEmpty { cursor.key = high.map(StoredValue.init) }
        return BatchResult(
            rows: rows, isPassComplete: high.isEmpty, fraction: high.isEmpty ? 1 : cursor.keyFraction,
            rowsTotal: cursor.keysTotal)
    }

    /// The largest key, where it is one integer: about as many rows as there are, and found without counting
    /// them.
    private func largest(_ range: KeyRange) throws -> Int64? {
        guard range.key.count == 1 else { return nil }
        return try main.query("SELECT max(\(range.key[0])) FROM \(range.table)").scalar?.integer
    }
}

extension BackfillCursor {
    /// The part of the keys that was looked at, as far as that can be told.
    fileprivate var keyFraction: Double {
        guard let keysTotal, keysTotal > 0, case .integer(let last)? = key?.first else {
            return Double(keysSeen) / Double(keysSeen + 10 * Int64(size))
        }
        return min(0.99, max(0, Double(last) / Double(keysTotal)))
    }
}

/// Ranges over a table's key, which may be of several columns: SQLite compares row values
/// (<https://www.sqlite.org/rowvalue.html>).
private struct KeyRange {
    let table: String
    let key: [String]

    init(_ table: TableName, _ key: [String]) {
        precondition(!key.isEmpty, "a backfill without a key")
        self.table = Dialect.sqlite.quote(table)
        self.key = key.map { Dialect.sqlite.quote($0) }
    }

    /// The last key of the next batch; no row where fewer keys are left. Parameters: the low key, if any, and
    /// the batch's size minus one.
    func upperBound(isFirst: Bool) -> String {
        // `(2, NULL) > (1, 5)` is true: a row whose key is NULL in part may follow, and may not be a bound.
        let known = key.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
        let low = isFirst ? known : "\(row) > \(parameters(from: 1)) AND \(known)"
        let columns = key.joined(separator: ", ")
        return """
            SELECT \(columns) FROM \(table) WHERE \(low) ORDER BY \(columns) \
            LIMIT 1 OFFSET ?\(isFirst ? 1 : key.count + 1)
            """
    }

    /// The rows of one batch. Parameters: the low key, if any, and the high one, if any.
    ///
    /// The first batch has the rows whose key is NULL in part, too: SQLite allows that in any primary key but
    /// `INTEGER PRIMARY KEY` (<https://www.sqlite.org/quirks.html>), and no comparison would ever find them.
    func condition(hasLow: Bool, hasHigh: Bool) -> String {
        guard hasLow else {
            guard hasHigh else { return "true" }
            let unknown = key.map { "\($0) IS NULL" }.joined(separator: " OR ")
            return "(\(row) <= \(parameters(from: 1)) OR \(unknown))"
        }
        let low = "\(row) > \(parameters(from: 1))"
        return hasHigh ? "\(low) AND \(row) <= \(parameters(from: key.count + 1))" : low
    }

    private var row: String { key.count == 1 ? key[0] : "(\(key.joined(separator: ", ")))" }

    private func parameters(from first: Int) -> String {
        let list = (first..<first + key.count).map { "?\($0)" }.joined(separator: ", ")
        return key.count == 1 ? list : "(\(list))"
    }
}
