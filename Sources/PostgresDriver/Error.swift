/// What PostgreSQL, or the way to it, refused.
///
/// Passwords never appear in it, nor do bound values in ``description``.
public struct PostgresError: Error, Sendable, Hashable {
    /// The five characters of ``SQLState``; `nil` where the driver refused before anything was sent.
    public var sqlState: String?
    /// The server's primary message, or the driver's own sentence, without a bound value. Where a value of a row cannot be
    /// converted it quotes that; ``messageWithoutValues`` does not.
    public var message: String
    /// The server's detail. It may hold values of rows (`Key (email)=(...) already exists.`): do not show it
    /// unexamined.
    public var detail: String?
    /// The server's hint.
    public var hint: String?
    /// `ERROR`, `FATAL` or `PANIC`, in English whatever the server speaks.
    public var severity: String
    /// The names that the server says are concerned.
    public var schemaName: String?
    /// See ``schemaName``.
    public var tableName: String?
    /// See ``schemaName``. Empty for a missing column: the server names none there.
    public var columnName: String?
    /// See ``schemaName``.
    public var constraintName: String?
    /// Where in the statement the mistake is, in characters from 1.
    public var position: Int?
    /// Whether the connection is gone with it. What was in flight may or may not have been committed.
    public var isConnectionLost: Bool

    /// An error with the facts given.
    public init(
        sqlState: String? = nil, message: String, detail: String? = nil, hint: String? = nil,
        severity: String = "ERROR", isConnectionLost: Bool = false
    ) {
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.hint = hint
        self.severity = severity
        self.isConnectionLost = isConnectionLost
    }
}

extension PostgresError: CustomStringConvertible {
    /// The error as a sentence, without bound values.
    public var description: String {
        var text = sqlState.map { "PostgreSQL refused [\($0)]: " } ?? ""
        if sqlState == SQLState.unableToConnect { text = "" }
        text += messageWithoutValues
        if let detail, isDetailHarmless { text += "; " + detail }
        if let hint { text += "; " + hint }
        return text
    }

    /// The message with what it quotes of a row or an expression blotted out: `invalid input syntax for type integer:
    /// "***"`. Which constraint, which type and which code stay.
    public var messageWithoutValues: String {
        guard let sqlState, sqlState.hasPrefix("22"), sqlState != SQLState.sequenceGeneratorLimitExceeded
        else { return message }
        return message.blottingQuotes()
    }

    /// Data errors and violated constraints quote the row in their detail; objects in the way do not.
    private var isDetailHarmless: Bool {
        guard let sqlState else { return true }
        return !sqlState.hasPrefix("22") && !sqlState.hasPrefix("23")
    }
}

extension PostgresError {
    /// The error with every text in `secrets` made unreadable.
    func hiding(_ secrets: [String]) -> PostgresError {
        var hidden = self
        for secret in secrets where !secret.isEmpty {
            hidden.message = hidden.message.hiding(secret)
            hidden.hint = hidden.hint?.hiding(secret)
        }
        return hidden
    }
}

extension String {
    /// The marks that servers quote values with, in whatever language they speak.
    private static let quotes: Set<Character> = ["\"", "«", "»", "„", "“", "”", "「", "」"]

    /// The text with everything from its first quotation mark to its last one made unreadable: a value may hold such
    /// marks itself.
    fileprivate func blottingQuotes() -> String {
        guard let first = firstIndex(where: Self.quotes.contains),
            let last = lastIndex(where: Self.quotes.contains), first < last
        else { return self }
        return self[...first] + "***" + self[last...]
    }

    /// Three characters are a word like any other; more, and they are taken out wherever they stand.
    private static let shortestSecret = 4

    /// The text with `secret` replaced by asterisks: wherever it stands, or, where it is too short for that, where
    /// it stands in double quotes, as the server quotes values.
    func hiding(_ secret: String) -> String {
        let quoted = replacing("\"" + secret + "\"", with: "\"***\"")
        return secret.utf8.count < Self.shortestSecret ? quoted : quoted.replacing(secret, with: "***")
    }
}
