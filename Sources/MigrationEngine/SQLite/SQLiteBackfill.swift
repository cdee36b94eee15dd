internal import DoubleWrite
internal import MigrationCore
internal import SQLiteDriver

extension SQLiteDatabase {
    /// Batches are ranges of the key. SQLite's lock is not fair: whoever waits polls, so others get in only in a pause.
    var batchTarget: BatchTarget {
        BatchTarget(duration: .milliseconds(25), sizes: 16...20_000, firstSize: 500, rest: 0.5)
    }

    /// A number that changes with every commit of another connection.
    var snapshotName: String { "(SELECT 'data_version ' || data_version FROM pragma_data_version)" }

    func batch(
        _ backfill: Backfill, _ cursor: inout BackfillCursor, skippingLocked: Bool
    ) throws -> BatchResult {
        let range = KeyRange(backfill.table, backfill.key)
        if cursor.keysTotal == nil {
            cursor.keysTotal = try main.query("SELECT count(*) FROM \(range.table)").scalar?.integer
        }
        let low = cursor.key?.map(\.value) ?? []
        let high = try main.query(
            range.upperBound(isFirst: low.isEmpty), low + [.integer(Int64(cursor.size - 1))])
        let bound = high.rows.first ?? []
        let condition = range.condition(hasLow: !low.isEmpty, hasHigh: !bound.isEmpty)
        let rows = try main.query(
            "UPDATE \(range.table) SET \(backfill.assignments) WHERE \(condition) AND (\(backfill.mismatch))",
            low + bound
        ).affectedRows
        cursor.key = bound.isEmpty ? cursor.key : bound.map(StoredValue.init)
        cursor.keysSeen += Int64(cursor.size)
        let total = max(1, cursor.keysTotal ?? 1)
        return BatchResult(
            rows: Int64(rows), isPassComplete: bound.isEmpty,
            fraction: bound.isEmpty ? 1 : min(0.99, Double(cursor.keysSeen) / Double(total)), rowsTotal: total
        )
    }
}

/// Ranges over a table's key, which may be of several columns: SQLite compares row values
/// (<https://www.sqlite.org/rowvalue.html>).
private struct KeyRange {
    let table: String
    private let key: [String]

    init(_ table: TableName, _ key: [String]) {
        precondition(!key.isEmpty, "a backfill without a key")
        self.table = Dialect.sqlite.quote(table)
        self.key = key.map { Dialect.sqlite.quote($0) }
    }

    /// The last key of the next batch; no row where fewer keys are left. Parameters: the low key, if any, and the
    /// batch's size minus one.
    func upperBound(isFirst: Bool) -> String {
        let low = isFirst ? "" : " WHERE \(row) > \(parameters(from: 1))"
        let columns = key.joined(separator: ", ")
        return """
            SELECT \(columns) FROM \(table)\(low) ORDER BY \(columns) \
            LIMIT 1 OFFSET ?\(isFirst ? 1 : key.count + 1)
            """
    }

    /// Parameters: the low key, if any, and the high one, if any.
    func condition(hasLow: Bool, hasHigh: Bool) -> String {
        var conditions: [String] = []
        if hasLow { conditions.append("\(row) > \(parameters(from: 1))") }
        if hasHigh { conditions.append("\(row) <= \(parameters(from: hasLow ? key.count + 1 : 1))") }
        return conditions.isEmpty ? "true" : conditions.joined(separator: " AND ")
    }

    private var row: String { key.count == 1 ? key[0] : "(\(key.joined(separator: ", ")))" }

    private func parameters(from first: Int) -> String {
        let list = (first..<first + key.count).map { "?\($0)" }.joined(separator: ", ")
        return key.count == 1 ? list : "(\(list))"
    }
}
