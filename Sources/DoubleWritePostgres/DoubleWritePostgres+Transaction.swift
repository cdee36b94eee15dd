internal import DoubleWrite
internal import PostgresDriver

extension DoubleWritePostgres {
    /// Runs `body` in a transaction: commits when it returns, rolls back when it throws.
    ///
    /// - Parameters:
    ///   - begin: The statement that begins it: `BEGIN ISOLATION LEVEL SERIALIZABLE`.
    ///   - attempts: How often the whole transaction is run at most, where it fails with an error that may be
    ///     retried. With more than one, `body` must have no effect outside the database.
    /// - Throws: What `body` throws, or ``DoubleWriteError`` where the transaction does not begin or commit.
    @discardableResult
    public func transaction<Value>(
        _ begin: String = "BEGIN", attempts: Int = 1, _ body: () throws -> Value
    ) throws -> Value {
        var attempt = 1
        while true {
            do {
                return try transactOnce(begin, body)
            } catch let error as DoubleWriteError
                where error.isRetryable && !error.isConnectionLost && attempt < attempts
            {
                attempt += 1
            } catch let error as PostgresError where error.failure == .conflict && attempt < attempts {
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
            // The server answers the COMMIT of a failed transaction with a ROLLBACK, without an error.
            guard !connection.isTransactionFailed else {
                throw DoubleWriteError(.transactionFailed, table: nil)
            }
            try control("COMMIT")
            return value
        } catch {
            // Where this fails too, the connection is lost and the server rolls back by itself.
            if connection.isInTransaction { _ = try? connection.execute("ROLLBACK") }
            throw error
        }
    }

    private func control(_ sql: String) throws(DoubleWriteError) {
        do throws(PostgresError) {
            _ = try connection.execute(sql)
        } catch  where error.isConnectionLost {
            // The server may have committed before the connection broke.
            throw DoubleWriteError(
                .connectionLost(isUndecided: sql == "COMMIT"), table: nil, underlying: error)
        } catch {
            throw DoubleWriteError(.database(error.failure), table: nil, underlying: error)
        }
    }
}
