/// Who stands in the way: a session with an open transaction, or a prepared transaction.
public struct Blocker: Sendable, Hashable {
    /// The server process; `nil` for a prepared transaction, and in SQLite, which does not tell.
    public var processID: Int32?
    /// The role that is connected.
    public var user: String?
    /// What the session calls itself.
    public var application: String?
    /// `active`, `idle in transaction`, `prepared`; `nil` where the role may not see it.
    public var state: String?
    /// How long its transaction is open.
    public var transactionAge: Duration?
    /// What it runs, or ran last; `nil` where the role may not see it.
    public var query: String?
    /// The name of a prepared transaction.
    public var preparedName: String?

    /// Made of these facts.
    public init(
        processID: Int32? = nil, user: String? = nil, application: String? = nil, state: String? = nil,
        transactionAge: Duration? = nil, query: String? = nil, preparedName: String? = nil
    ) {
        self.processID = processID
        self.user = user
        self.application = application
        self.state = state
        self.transactionAge = transactionAge
        self.query = query
        self.preparedName = preparedName
    }
}

extension Blocker: CustomStringConvertible {
    /// `process 4711 (user api, application worker), idle in transaction for 12 s: UPDATE animals ...`.
    public var description: String {
        if let preparedName {
            return "prepared transaction '\(preparedName)'" + details
        }
        return (processID.map { "process \($0)" } ?? "another process") + details
    }

    private var details: String {
        let who = [user.map { "user \($0)" }, application.map { "application \($0)" }].compactMap { $0 }
        var text = who.isEmpty ? "" : " (\(who.joined(separator: ", ")))"
        if let state { text += ", \(state)" }
        if let transactionAge { text += " for \(transactionAge.inWords)" }
        if let query, !query.isEmpty { text += ": \(query.oneLine(atMost: 120))" }
        return text
    }
}

extension Duration {
    /// `350 ms`, `12 s`, `5 min`, `3 h 20 min`, `2 d 4 h`.
    var inWords: String {
        let milliseconds = inMilliseconds
        let seconds = milliseconds / 1000
        return switch seconds {
        case ..<1: "\(milliseconds) ms"
        case ..<120: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<86400: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: "\(seconds / 86400) d \(seconds % 86400 / 3600) h"
        }
    }
}

extension String {
    /// The text on one line, cut with an ellipsis where it is longer than `limit` characters.
    func oneLine(atMost limit: Int) -> String {
        let line = split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > limit ? line.prefix(limit - 1) + "…" : line
    }
}
