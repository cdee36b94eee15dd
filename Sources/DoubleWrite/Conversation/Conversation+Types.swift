extension Conversation {
    /// A statement to send, with its parameters.
    public struct Statement: Sendable, Hashable {
        /// One statement of SQL, with `$1` or `?1` for the parameters.
        public let sql: String

        /// The parameters, in order.
        public internal(set) var parameters: [SQLValue]

        /// A name to prepare this statement by: the same SQL always has the same one.
        public let name: String

        init(sql: String, parameters: [SQLValue]) {
            self.sql = sql
            self.parameters = parameters
            name = "bellows_" + String(fnv1a(sql), radix: 36)
        }
    }

    /// What to do next.
    public enum Action: Sendable, Hashable {
        /// Send this one statement, and report its outcome. It may be prepared by name.
        case send(Statement)

        /// Send this SQL in one message that may hold several statements without parameters, and report the last
        /// one's outcome.
        case lookUp(String)

        /// Done: this is the answer.
        case finish(ResultSet)

        /// The helper gives up; nothing was written, unless this is inside a transaction, which has to be rolled back.
        case fail(DoubleWriteError.Reason)

        /// The database's last error stands, and this is what it means.
        case rethrow(Failure)
    }

    /// What the database answered.
    public enum Outcome: Sendable, Hashable {
        /// It did what it was told.
        case answered(ResultSet)

        /// It refused.
        case failed(Failure)
    }

    /// What a database's error means here. It is told by its code, never by its message.
    public enum Failure: Sendable, Hashable, CaseIterable {
        /// A column or a table is missing (42703, 42P01, 42704) or of another type (42804, 42883), or may be (any
        /// `SQLITE_ERROR`, `SQLITE_SCHEMA`).
        case missingObject

        /// A prepared statement no longer fits the schema (0A000) or is lost (26000): prepare it anew from now on.
        case stalePlan

        /// Another row has the same key (23505).
        case duplicateKey

        /// A row points at one that is not there, or is pointed at and cannot go (23503).
        case brokenReference

        /// Somebody else was in the way (40001, 40P01, `SQLITE_BUSY`): repeating is right.
        case conflict

        /// What the helper's own check raises for a value that does not survive (2201G, `SQLITE_TOOBIG`), or an
        /// application's mistake that has the same code.
        case valueRefused

        /// Anything else.
        case other
    }
}

// How far a conversation is.
extension Conversation {
    /// Why the database is looked at.
    enum Cause {
        /// Nothing that can be relied on is known, as at the beginning, or when rows came with the news that they
        /// are no longer right.
        case ignorance
        /// The statement did nothing, because of its guard or because there was nothing to do.
        case nothingDone(ResultSet, TableKnowledge)
        /// The statement named something that is not there.
        case missingObject(TableKnowledge)
        /// The statement's own check refused a value.
        case valueRefused(TableKnowledge)
        /// What was seen fits no stage, which a second look may explain.
        case unclear(TableKnowledge)
    }

    struct Sent {
        var statement: Statement
        var composition: Composition
        /// What gives every value its row in a lookup table; each is sent before.
        var lookups: [Statement]
    }
}
