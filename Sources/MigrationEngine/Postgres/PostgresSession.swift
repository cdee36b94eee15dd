internal import DoubleWrite
internal import PostgresDriver

/// A connection to PostgreSQL in the engine's words.
final class PostgresSession: SQLSession {
    let connection: PostgresConnection
    let dialect = Dialect.postgres

    init(_ location: String, name: String) throws {
        do {
            connection = try PostgresConnection(location, applicationName: name)
        } catch {
            throw DatabaseFailure(error)
        }
    }

    func query(_ sql: String, _ parameters: [SQLValue]) throws -> ResultSet {
        do {
            return try connection.query(sql, parameters)
        } catch {
            throw DatabaseFailure(error)
        }
    }

    func execute(_ script: String) throws {
        do {
            _ = try connection.execute(script)
        } catch {
            throw DatabaseFailure(error)
        }
    }

    var isInTransaction: Bool { connection.isInTransaction }

    func close() { connection.close() }
}

extension DatabaseFailure {
    /// What the engine makes of an error of PostgreSQL's. Its detail is left out: it may quote rows.
    init(_ error: PostgresError) {
        self.init(
            kind: Self.kind(of: error), code: error.sqlState, message: error.message, hint: error.hint)
    }

    private static func kind(of error: PostgresError) -> Kind {
        if error.isConnectionLost { return .connection }
        return switch error.sqlState {
        case SQLState.lockNotAvailable: .lockNotAvailable
        case SQLState.serializationFailure, SQLState.deadlockDetected: .conflict
        case SQLState.unableToConnect, SQLState.connectionFailure, SQLState.cannotConnectNow: .connection
        case SQLState.readOnlySQLTransaction: .readOnly
        case SQLState.undefinedColumn, SQLState.undefinedTable, SQLState.undefinedSchema: .missingName
        case SQLState.queryCanceled: .cancelled
        default: .other
        }
    }
}
