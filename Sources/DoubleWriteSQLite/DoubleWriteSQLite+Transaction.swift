internal import DoubleWrite
internal import SQLiteDriver

extension DoubleWriteSQLite {
    /// Runs `body` in a transaction: commits when it returns, rolls back when it throws.
    ///
    /// - Parameters:
    ///   - begin: The statement that begins it. `BEGIN IMMEDIATE` takes the lock for writing at once; a transaction
    ///     that takes it later fails where another connection wrote in between, however long it waits
    ///     (<https://www.sqlite.org/rescode.html#busy_snapshot>).
    ///   - attempts: How often the whole transaction is run at most, where it fails with an error that may be
    ///     retried. With more than one, `body` must have no effect outside the database.
    /// - Throws: What `body` throws, or ``DoubleWriteError`` where the transaction does not begin or commit.
    @discardableResult
    public func transaction<Value>(
        _ begin: String = "BEGIN IMMEDIATE", attempts: Int = 1, _ body: () throws -> Value
    ) throws -> Value {
        var attempt = 1
        while true {
            do {
                return try transactOnce(begin, body)
            } catch let error as DoubleWriteError where error.isRetryable && attempt < attempts {
                attempt += 1
            } catch let error as SQLiteError where error.failure == .conflict && attempt < attempts {
                attempt += 1
            }
        }
    }

    private func transactOnce<Value>(_ begin: String, _ body: () throws -> Value) throws -> Value {
        guard !connection.isInTransaction else {
            throw DoubleWriteError(.badRequest("a transaction is open already; end it first"), table: nil)
        }
        try control(begin)
        do {
            let value = try body()
            // Some errors roll the transaction back by themselves (https://www.sqlite.org/lang_transaction.html).
            guard connection.isInTransaction else { throw DoubleWriteError(.transactionFailed, table: nil) }
            try control("COMMIT")
            return value
        } catch {
            if connection.isInTransaction { try? connection.execute("ROLLBACK") }
            throw error
        }
    }

    private func control(_ sql: String) throws(DoubleWriteError) {
        do throws(SQLiteError) {
            try connection.execute(sql)
        } catch {
            throw DoubleWriteError(.database(error.failure), table: nil, underlying: error)
        }
    }
}
