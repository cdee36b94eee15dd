public import DoubleWrite
public import SQLiteDriver

/// Writes and reads tables of an SQLite database in their new shape, over the application's own connection.
///
/// The application may use the connection for anything else as well, transactions included. One of these belongs to
/// one connection, for as long as that lives.
///
///     let db = DoubleWriteSQLite(connection)
///     try db.insert(into: animals, ["name": "Rex", "species": "dog"], returning: ["id"])
public final class DoubleWriteSQLite: DoubleWriting {
    /// The connection.
    public let connection: SQLiteConnection

    private var memory = Memory()

    /// The number of the open transaction, and what the connection's ``SQLiteConnection/changeNumber`` was when the last
    /// request in it was carried out: where anything else came between, the transaction counts as another one.
    private var transaction = 0
    private var changeNumber = 0

    /// A helper for this connection.
    public init(_ connection: SQLiteConnection) {
        self.connection = connection
    }

    /// Carries out one request.
    public func run(_ request: Request) throws(DoubleWriteError) -> ResultSet {
        let isInTransaction = connection.isInTransaction
        if !isInTransaction || connection.changeNumber != changeNumber { transaction += 1 }
        var conversation = Conversation(
            request, dialect: .sqlite, memory: memory, transaction: isInTransaction ? transaction : nil)
        // The conversation alone holds it now, so that changing it copies nothing.
        memory = Memory()
        defer {
            memory = conversation.memory
            changeNumber = connection.changeNumber
        }
        var lastError: SQLiteError?
        var action = conversation.start()
        while true {
            let outcome: Result<ResultSet, SQLiteError>
            switch action {
            case .send(let statement): outcome = query(statement.sql, statement.parameters)
            case .lookUp(let sql): outcome = query(sql, [])
            case .finish(let answer): return answer
            case .fail(let reason):
                throw DoubleWriteError(reason, table: request.table, underlying: lastError)
            case .rethrow(let failure):
                throw DoubleWriteError(.database(failure), table: request.table, underlying: lastError)
            }
            switch outcome {
            case .success(let answer): action = conversation.receive(.answered(answer))
            case .failure(let error):
                lastError = error
                action = conversation.receive(.failed(error.failure))
            }
        }
    }

    private func query(_ sql: String, _ parameters: [SQLValue]) -> Result<ResultSet, SQLiteError> {
        do throws(SQLiteError) {
            return .success(try connection.query(sql, parameters))
        } catch {
            return .failure(error)
        }
    }
}

extension SQLiteError {
    /// What this means for a conversation.
    ///
    /// SQLite has no code of its own for a missing column: it is any refusal of a statement.
    package var failure: Conversation.Failure {
        switch code {
        case .error, .schema: .missingObject
        case .busy, .locked: .conflict
        case .constraint where extendedCode == .constraintUnique || extendedCode == .constraintPrimaryKey:
            .duplicateKey
        case .constraint where extendedCode == .constraintForeignKey: .brokenReference
        case .tooBig: .valueRefused
        default: .other
        }
    }
}
