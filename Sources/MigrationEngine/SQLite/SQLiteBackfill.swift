internal import DoubleWrite
internal import MigrationCore
internal import SQLiteDriver

extension SQLiteDatabase: KeyedDatabase {
    /// Batches are ranges of the key.
    var batchTarget: BatchTarget {
        BatchTarget(
            duration: .milliseconds(25), besideOthers: .milliseconds(10), sizes: 16...100_000, firstSize: 500)
    }

    /// A number that changes with every commit of another connection.
    var snapshotName: String { "(SELECT 'data_version ' || data_version FROM pragma_data_version)" }

    /// With a write-ahead log and `synchronous = NORMAL` a commit waits for no disk, and what a power failure takes is the
    /// end of the log (<https://www.sqlite.org/pragma.html#pragma_synchronous>). Without such a log it might take more, so
    /// nothing is changed then.
    ///
    /// What does wait for the disk is to move the log's pages to the file, after a commit; that is done after 16 MiB instead
    /// of 4 MiB.
    func committingLazily<Value>(_ body: () throws -> Value) throws -> Value {
        let normal: Int64 = 1
        func setting(_ name: String) throws -> SQLValue? { try main.query("PRAGMA main.\(name)", []).scalar }
        guard try setting("journal_mode") == .text("wal"), let usual = try setting("synchronous")?.integer,
            let pages = try setting("wal_autocheckpoint")?.integer
        else { return try body() }
        let level = min(usual, normal)
        func set(_ level: Int64, _ pages: Int64) throws {
            try main.execute("PRAGMA main.synchronous = \(level); PRAGMA wal_autocheckpoint = \(pages)")
        }
        // A size that somebody has chosen, or none, stays.
        try set(level, pages == Self.usualLog ? 4 * pages : pages)
        let value: Value
        do {
            value = try body()
        } catch {
            try? set(usual, pages)
            throw error
        }
        try set(usual, pages)
        return value
    }

    /// After so many pages in the log SQLite moves them to the file
    /// (<https://www.sqlite.org/pragma.html#pragma_wal_autocheckpoint>).
    private static let usualLog: Int64 = 1000

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
        let high = try cursor.likelyEnd ?? end(of: range, after: low, size: cursor.size)
        let hasUnknown = try low.isEmpty && main.query(range.anyUnknown).scalar != nil
        let condition = range.condition(hasLow: !low.isEmpty, hasHigh: !high.isEmpty, hasUnknown: hasUnknown)
        let rows = try body(condition, low + high)
        let size = Int64(cursor.size)
        cursor.isDense = rows <= size && rows * 2 >= size
        cursor.keysSeen += size
        if !high.isEmpty { cursor.key = high.map(StoredValue.init) }
        return BatchResult(
            rows: rows, isPassComplete: high.isEmpty, fraction: high.isEmpty ? 1 : cursor.keyFraction,
            rowsTotal: cursor.keysTotal)
    }

    /// The last key of the batch, by counting; none where fewer keys are left.
    private func end(of range: KeyRange, after low: [SQLValue], size: Int) throws -> [SQLValue] {
        try main.query(range.upperBound(isFirst: low.isEmpty), low + [.integer(Int64(size - 1))]).rows.first
            ?? []
    }

    /// The largest key, where it is one integer: about as many rows as there are, and found without counting
    /// them.
    private func largest(_ range: KeyRange) throws -> Int64? {
        guard range.key.count == 1 else { return nil }
        return try main.query("SELECT max(\(range.key[0])) FROM \(range.table)").scalar?.integer
    }
}

extension BackfillCursor {
    /// The last key of the next batch where keys are numbers without many gaps: it need not be looked for then. `nil` where
    /// they may not be, and close to the end of the table.
    fileprivate var likelyEnd: [SQLValue]? {
        guard isDense == true, let key, key.count == 1, case .integer(let last) = key[0], let keysTotal else {
            return nil
        }
        let (end, isBeyond) = last.addingReportingOverflow(Int64(size))
        return !isBeyond && end < keysTotal ? [.integer(end)] : nil
    }

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
struct KeyRange {
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

    /// A row where any key is NULL in part: SQLite allows that in any primary key but `INTEGER PRIMARY KEY`
    /// (<https://www.sqlite.org/quirks.html>). No comparison would ever find those keys.
    var anyUnknown: String { "SELECT 1 FROM \(table) WHERE \(isUnknown) LIMIT 1" }

    /// The rows of one batch. Parameters: the low key, if any, and the high one, if any.
    ///
    /// - Parameter hasUnknown: Whether keys are NULL in part: the first batch has their rows, too, and looks through the whole
    ///   table for them.
    func condition(hasLow: Bool, hasHigh: Bool, hasUnknown: Bool) -> String {
        guard hasLow else {
            guard hasHigh else { return "true" }
            let isFirst = "\(row) <= \(parameters(from: 1))"
            return hasUnknown ? "(\(isFirst) OR \(isUnknown))" : isFirst
        }
        let low = "\(row) > \(parameters(from: 1))"
        return hasHigh ? "\(low) AND \(row) <= \(parameters(from: key.count + 1))" : low
    }

    private var isUnknown: String { key.map { "\($0) IS NULL" }.joined(separator: " OR ") }

    private var row: String { key.count == 1 ? key[0] : "(\(key.joined(separator: ", ")))" }

    private func parameters(from first: Int) -> String {
        let list = (first..<first + key.count).map { "?\($0)" }.joined(separator: ", ")
        return key.count == 1 ? list : "(\(list))"
    }
}
