internal import DoubleWrite
internal import PostgresDriver
internal import SQLiteDriver

/// What an application has to make of an error.
enum Setback {
    /// Somebody holds a lock, or was faster: nothing was written, and the same may be sent again.
    case refused(String)
    /// The connection is gone.
    case lost(String)
    /// Anything else: a statement of an application that has to work did not.
    case broken(String)

    init(_ error: any Error) {
        switch error {
        case let error as DoubleWriteError:
            if let underlying = error.underlying {
                self.init(underlying)
                if case .broken = self, error.isRetryable { self = .refused("\(error)") }
            } else {
                self = error.isRetryable ? .refused("\(error)") : .broken("\(error)")
            }
        case let error as PostgresError: self = Self.of(error)
        case let error as SQLiteError: self = error.isBusy ? .refused(error.message) : .broken("\(error)")
        default: self = .broken("\(error)")
        }
    }

    private static func of(_ error: PostgresError) -> Setback {
        if error.isConnectionLost || error.sqlState == SQLState.adminShutdown { return .lost("\(error)") }
        let passing = [
            SQLState.lockNotAvailable, SQLState.serializationFailure, SQLState.deadlockDetected,
        ]
        return passing.contains(error.sqlState ?? "") ? .refused(error.message) : .broken("\(error)")
    }

    /// Whether it is the database's answer to the statement.
    var isAnswer: Bool {
        if case .broken = self { true } else { false }
    }
}
