/// What a database refused, in the words that both share.
struct DatabaseFailure: Error, Sendable, Hashable {
    /// What the engine makes of it.
    enum Kind: Sendable, Hashable {
        /// Somebody else holds the lock: worth another attempt.
        case lockNotAvailable
        /// A deadlock or a serialization failure: worth another attempt at once.
        case conflict
        /// The connection is gone, or could not be made.
        case connection
        /// The database or the role does not allow writing.
        case readOnly
        /// A name that does not exist (yet, or any more).
        case missingName
        /// A statement was cancelled from outside.
        case cancelled
        /// There is no room left for what the statement writes.
        case diskFull
        case other
    }

    var kind: Kind
    /// The database's own code: `55P03`, `SQLITE_BUSY`.
    var code: String?
    var message: String
    var hint: String?
    /// Whether a connection that there was is gone, rather than none could be made.
    var isLoss = false

    /// The failure as an error of the engine.
    func engineError(doing: String, location: String) -> EngineError {
        switch kind {
        case .connection where isLoss:
            EngineError(.connectionLost(location: location, code: code, message: message))
        case .connection:
            EngineError(.connection(location: location, code: code, message: message))
        case .readOnly:
            EngineError(.readOnly(location: location, message: message))
        case .lockNotAvailable:
            EngineError(.lockTimeout(object: location, attempts: 1, blockers: []))
        case .diskFull:
            EngineError(.database(doing: doing, code: code, message: message, hint: Self.roomHint))
        case .conflict, .missingName, .cancelled, .other:
            EngineError(.database(doing: doing, code: code, message: message, hint: hint))
        }
    }

    private static let roomHint = """
        there is no room for more; nothing is lost, what was not finished was rolled back; make room, and run the same \
        command again
        """
}
