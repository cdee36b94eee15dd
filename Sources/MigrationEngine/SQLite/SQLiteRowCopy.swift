internal import DoubleWrite
internal import MigrationCore
internal import SQLiteDriver

extension SQLiteDatabase {
    /// Copies the next range of rows to the shadow, inside an open transaction.
    func batch(_ copy: RowCopy, _ cursor: inout BackfillCursor) throws -> BatchResult {
        try inRange(copy.table, copy.key, &cursor) { condition, values in
            Int64(try main.query(copy.insertion(condition), values).affectedRows)
        }
    }

    /// Counts the differences in the next range of keys.
    func compare(_ copy: RowCopy, _ cursor: inout BackfillCursor) throws -> BatchResult {
        try inRange(copy.table, copy.key, &cursor) { condition, values in
            try main.query(copy.differences(in: condition), values).scalar?.integer ?? 0
        }
    }

    /// Forgets which keys were written: what is written from here on is written after the rows were compared.
    func forgetWritten(_ copy: RowCopy) throws {
        try main.execute("DELETE FROM \(Dialect.sqlite.quote(copy.written))")
    }

    func differencesAmongWritten(_ copy: RowCopy) throws -> Int64 {
        try main.query(copy.differencesAmongWritten).scalar?.integer ?? 0
    }

    func hasWritten(_ copy: RowCopy, moreThan few: Int) throws -> Bool {
        try main.query(
            "SELECT 1 FROM \(Dialect.sqlite.quote(copy.written)) LIMIT 1 OFFSET ?1", [.integer(Int64(few))]
        ).scalar != nil
    }

    /// Compares the rows under the first keys that were written, and forgets those keys where they are the same.
    ///
    /// - Returns: The differences.
    func settleWritten(_ copy: RowCopy, first limit: Int) throws -> Int64 {
        let differences =
            try main.query(copy.differencesAmongWritten(first: limit)).scalar?.integer ?? 0
        if differences == 0 { _ = try main.query(copy.forgetting(first: limit)) }
        return differences
    }

    /// Deletes the next range of a retired table's rows, where there still is one.
    func delete(_ rows: RetiredRows, _ cursor: inout BackfillCursor) throws -> BatchResult {
        guard try catalogue.sql(of: "table", rows.retired) != nil else {
            return BatchResult(rows: 0, isPassComplete: true, fraction: 1, rowsTotal: 0)
        }
        return try inRange(TableName(rows.retired), rows.key, &cursor) { condition, values in
            Int64(try main.query(rows.deletion(condition), values).affectedRows)
        }
    }
}
