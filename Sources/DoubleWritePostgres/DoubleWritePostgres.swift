public import DoubleWrite
public import PostgresDriver

/// Writes and reads tables of a PostgreSQL database in their new shape, over the application's own connection.
///
/// The application may use the connection for anything else as well, transactions included: what the helper has
/// to know of them it learns from the connection. One of these belongs to one connection, for as long as that lives.
///
/// The role needs what its statements need, and inside a transaction, or where a change is just being flipped, the
/// privilege of `LOCK TABLE` as well: SELECT on the table to read it; INSERT, UPDATE or DELETE to write it. Privileges on
/// single columns do not give that. The sequence of an identity column that changes is open to everyone meanwhile.
///
///     let db = DoubleWritePostgres(connection)
///     try db.insert(into: animals, ["name": "Rex", "species": "dog"], returning: ["id"])
public final class DoubleWritePostgres: DoubleWriting {
    /// The connection.
    public let connection: PostgresConnection

    private var preparesStatements: Bool
    private var memory = Memory()
    /// The names of the statements that were sent.
    private var seenStatements: Set<String> = []

    /// How many are remembered: at the next one all are forgotten, for those of former stages never come again.
    private static let preparedLimit = 256

    /// A helper for this connection.
    ///
    /// - Parameter preparesStatements: Whether a statement that comes again is prepared by name. Switch it off where
    ///   a pooler in transaction mode stands in front of the server: there a statement is not where it was prepared. The
    ///   helper notices, and prepares nothing any more on this connection; but the first such error costs an open
    ///   transaction, which the application has to run again.
    public init(_ connection: PostgresConnection, preparesStatements: Bool = true) {
        self.connection = connection
        self.preparesStatements = preparesStatements
    }

    /// Carries out one request.
    public func run(_ request: Request) throws(DoubleWriteError) -> ResultSet {
        var conversation = Conversation(
            request, dialect: .postgres, memory: memory,
            transaction: connection.isInTransaction ? connection.transactionNumber : nil)
        // The conversation alone holds it now, so that changing it copies nothing.
        memory = Memory()
        defer { memory = conversation.memory }
        var lastError: PostgresError?
        let isInside = connection.isInTransaction
        var action = conversation.start()
        while true {
            let outcome: Result<ResultSet, PostgresError>
            switch action {
            case .send(let statement): outcome = attempt { () throws(PostgresError) in try send(statement) }
            case .lookUp(let sql):
                outcome = attempt { () throws(PostgresError) in
                    try connection.execute(sql).last ?? ResultSet()
                }
            case .finish(let answer): return answer
            case .fail(let reason):
                throw DoubleWriteError(reason, table: request.table, underlying: lastError)
            case .rethrow(let failure):
                throw DoubleWriteError(.database(failure), table: request.table, underlying: lastError)
            }
            switch outcome {
            case .success(let answer): action = conversation.receive(.answered(answer))
            case .failure(let error):
                if error.isConnectionLost {
                    // An open transaction is rolled back.
                    let isUndecided = !isInside && !request.isRepeatable
                    throw DoubleWriteError(
                        .connectionLost(isUndecided: isUndecided), table: request.table, underlying: error)
                }
                lastError = error
                action = conversation.receive(.failed(error.failure))
            }
        }
    }

    private func attempt(_ body: () throws(PostgresError) -> ResultSet) -> Result<ResultSet, PostgresError> {
        do throws(PostgresError) { return .success(try body()) } catch { return .failure(error) }
    }

    /// Sends a statement, by name from its second time on: preparing one costs a message of its own.
    private func send(_ statement: Conversation.Statement) throws(PostgresError) -> ResultSet {
        let isKnown = preparesStatements && seenStatements.contains(statement.name)
        if preparesStatements, !isKnown { try remember(statement) }
        guard isKnown else { return try connection.query(statement.sql, statement.parameters) }
        do throws(PostgresError) {
            return try connection.query(
                prepared: statement.name, sql: statement.sql, statement.parameters)
        } catch {
            if error.isStatementElsewhere { preparesStatements = false }
            if error.isStatementStale { try connection.forgetPrepared() }
            throw error
        }
    }
}

extension DoubleWritePostgres {
    private func remember(_ statement: Conversation.Statement) throws(PostgresError) {
        if seenStatements.count >= Self.preparedLimit, !connection.isTransactionFailed {
            try connection.forgetPrepared()
            seenStatements = []
        }
        seenStatements.insert(statement.name)
    }
}

extension PostgresError {
    /// Whether the session does not have what was prepared, or has what was not: it is another one.
    fileprivate var isStatementElsewhere: Bool {
        sqlState == SQLState.invalidSQLStatementName || sqlState == SQLState.duplicatePreparedStatement
    }

    /// What this means for a conversation.
    package var failure: Conversation.Failure {
        switch sqlState {
        case SQLState.undefinedColumn, SQLState.undefinedTable, SQLState.undefinedObject,
            SQLState.undefinedSchema:
            .missingObject
        // The column of that name may have become another one, of another type.
        case SQLState.datatypeMismatch, SQLState.undefinedFunction, SQLState.ambiguousFunction,
            SQLState.cannotCoerce:
            .missingObject
        case SQLState.uniqueViolation: .duplicateKey
        case SQLState.foreignKeyViolation: .brokenReference
        case SQLState.serializationFailure, SQLState.deadlockDetected: .conflict
        case SQLState.invalidArgumentForWidthBucket: .valueRefused
        case _ where isStatementStale: .stalePlan
        default: .other
        }
    }
}
