@testable import DoubleWrite

/// What a database and the caller know behind each outcome of a conversation, and what must never be.
struct OutcomeLedger {
    let dialect: Dialect
    /// Whether the conversation is inside of the caller's own transaction.
    let isInside: Bool
    /// Whether it has begun a transaction of its own that is still open.
    private(set) var isOpen = false
    /// Whether an error has ended the open transaction, so that nothing but taking it back is heard any more
    /// (PostgreSQL).
    private(set) var isAborted = false
    /// Whether the connection is gone.
    private(set) var isLost = false
    /// The rows that were answered and not taken back: by statements, and in a transaction that is to be committed.
    private(set) var hasAnswer = false
    private var isWritten = false
    private var awaitsCommit = false

    /// Whether the rows are locked before they are written, so that every one that is found is written.
    private let locksRows: Bool

    init(_ dialect: Dialect, isInside: Bool, locksRows: Bool = false) {
        self.locksRows = locksRows
        self.dialect = dialect
        self.isInside = isInside
    }

    private func sql(_ action: Conversation.Action) -> String? {
        switch action {
        case .send(let statement): statement.sql
        case .lookUp(let sql): sql
        case .finish, .fail, .rethrow: nil
        }
    }

    private func takesBack(_ action: Conversation.Action) -> Bool {
        sql(action)?.hasPrefix("ROLLBACK") == true
    }

    /// Whether the database cannot refuse it.
    func isSure(_ action: Conversation.Action) -> Bool {
        takesBack(action) || dialect == .sqlite && !awaitsCommit && sql(action)?.hasPrefix("RELEASE") == true
    }

    /// Notes what came of an action.
    mutating func note(_ outcome: Conversation.Outcome, of action: Conversation.Action) {
        guard let sql = sql(action) else { return }
        let begins = sql.hasPrefix("BEGIN") || sql.hasPrefix("SAVEPOINT")
        // What begins and fails in one message has begun; SQLite's is a message of its own.
        if begins, dialect == .postgres || outcome.isAnswered { isOpen = true }
        if takesBack(action) {
            (hasAnswer, isWritten, isAborted) = (false, false, false)
            if dialect == .postgres { isOpen = false }
        }
        switch outcome {
        case .failed(let failure):
            if failure == .other {
                isLost = true
            } else if dialect == .postgres, isInside || isOpen {
                isAborted = true
            }
            // An error that ends a statement takes back what that statement did.
            if !isInside, !isOpen { isWritten = false }
        case .answered(let answer):
            if sql.hasPrefix("COMMIT") || sql.hasPrefix("RELEASE") { isOpen = false }
            if case .send = action {
                hasAnswer = true
                // A write of two tables finds its rows, locks them, and reports how many they are.
                if answer.affectedRows > 0 || locksRows && !answer.rows.isEmpty { isWritten = true }
            }
        }
    }

    /// What is wrong with going on like this; `nil` where nothing is.
    func objection(to action: Conversation.Action) -> String? {
        switch action {
        case .send, .lookUp:
            if isAborted, isInside { return "it goes on in a transaction that an error has ended" }
            if isAborted, !takesBack(action) {
                return "it goes on in its own transaction that an error has ended"
            }
            return nil
        case .finish(let answer):
            if isAborted { return "it reports success in a transaction that an error has ended" }
            if isOpen { return "it reports success and leaves its own transaction open" }
            if !hasAnswer { return "it reports success, and nothing was answered" }
            if answer.affectedRows > 0, !isWritten { return "it reports a write that did not happen" }
            return nil
        case .fail, .rethrow:
            return isOpen && !isLost ? "it gives up and leaves its own transaction open" : nil
        }
    }
}

extension Conversation.Outcome {
    fileprivate var isAnswered: Bool { if case .answered = self { true } else { false } }
}
