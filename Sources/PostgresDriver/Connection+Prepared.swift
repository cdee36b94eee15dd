import CLibpq
public import DoubleWrite

extension PostgresConnection {
    /// Runs a statement that is prepared under a name when it is first used on this connection.
    ///
    /// - Parameters:
    ///   - name: The statement's name. The same name with another text is prepared anew.
    ///   - sql: The statement.
    ///   - parameters: A value for each `$n`.
    /// - Throws: What the server says. ``PostgresError/isStatementStale`` tells of a statement that has to be
    ///   prepared again: ``forgetPrepared()``, and run it once more.
    public func query(
        prepared name: String, sql: String, _ parameters: [SQLValue]
    ) throws(PostgresError) -> ResultSet {
        // A text that is prepared has been looked at.
        let handle = try usable(preparedStatements[name] == sql ? "" : sql)
        let block = try ParameterBlock(parameters)
        if let before = preparedStatements[name], before != sql { try forgetPrepared() }
        let serverName = preparedGeneration == 0 ? name : "\(name)#\(preparedGeneration)"
        if preparedStatements[name] == nil {
            _ = try answer(PQsendPrepare(handle, serverName, sql, 0, nil), to: sql)
            preparedStatements[name] = sql
        }
        let sent = block.withPointers { PQsendQueryPrepared(handle, serverName, $0, $1, nil, nil, 0) }
        return try answer(sent, to: sql, hiding: parameters).first ?? ResultSet()
    }

    /// Forgets every prepared statement, here and, unless a failed transaction is in the way, on the server. The
    /// next use prepares anew, under another name.
    ///
    /// - Throws: The connection is lost.
    public func forgetPrepared() throws(PostgresError) {
        preparedStatements = [:]
        preparedGeneration += 1
        guard !isTransactionFailed else { return }
        _ = try execute("DEALLOCATE ALL")
    }
}

extension PostgresError {
    /// Whether a prepared statement can no longer be used as it is: its result's type changed with the table
    /// (`0A000`), or the server behind a pooler does not know it (`26000`), or knows another (`42P05`).
    public var isStatementStale: Bool {
        switch sqlState {
        case SQLState.featureNotSupported, SQLState.invalidSQLStatementName,
            SQLState.duplicatePreparedStatement:
            true
        default: false
        }
    }
}
