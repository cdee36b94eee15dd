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

    func countWritten(_ copy: RowCopy) throws -> Int64 {
        try main.query("SELECT count(*) FROM \(Dialect.sqlite.quote(copy.written))").scalar?.integer ?? 0
    }

    /// Compares the rows whose keys were written, and forgets those keys where they are the same, so that few are left.
    ///
    /// - Returns: The differences.
    func settleWritten(_ copy: RowCopy) throws -> Int64 {
        let differences = try differencesAmongWritten(copy)
        if differences == 0 { try forgetWritten(copy) }
        return differences
    }
}
