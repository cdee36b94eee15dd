/// Why the helper did not do what it was asked to.
///
/// Bound values never appear in it.
public struct DoubleWriteError: Error, Sendable {
    /// The kinds of reasons.
    public enum Reason: Sendable, Hashable {
        /// The database refused; ``DoubleWriteError/underlying`` is its error.
        case database(Conversation.Failure)

        /// The schema changed under the transaction: roll it back and run it again.
        case retryTransaction

        /// A statement of the transaction had failed, so there was nothing to commit; it was rolled back.
        case transactionFailed

        /// The columns and the recorded stage do not fit together, so that it cannot be told which column is right.
        case unclearState

        /// A value does not survive the way to the other shape of one of these changes and back, so undoing the change
        /// would lose it. No part of the statement was carried out.
        case doesNotSurvive([ChangeID])

        /// The row of a value in the lookup table of one of these changes was deleted, each time before the write that
        /// points at it. Nothing was written.
        case valueVanished([ChangeID])

        /// A row that was written in a transaction points at one that is not there: perhaps the row of a value in the lookup
        /// table of one of these changes, which somebody deleted meanwhile. Roll the transaction back and run it again.
        case brokenReference([ChangeID])

        /// The connection is lost. On a new one the same may be done again, unless `isUndecided`: then it is not known
        /// whether the rows of an insertion, or a transaction, are written, and they might be written twice.
        case connectionLost(isUndecided: Bool)

        /// The schema changed again and again while the statement was on its way.
        case unsettled(attempts: Int)

        /// The answer to the look-up is not one.
        case unreadableLookUp

        /// The request makes no sense for the declared table, in words.
        case badRequest(String)
    }

    /// Why.
    public let reason: Reason

    /// The table of the request; `nil` when a transaction as a whole was refused.
    public let table: TableName?

    /// The changes that the table declares.
    public let changes: [DeclaredChange]

    /// The database's own error, where there is one.
    public let underlying: (any Error)?

    /// An error about a request on `table`.
    public init(_ reason: Reason, table: TableDeclaration?, underlying: (any Error)? = nil) {
        self.reason = reason
        self.table = table?.name
        self.changes = table?.changes ?? []
        self.underlying = underlying
    }

    /// Whether doing the same again is right: the statement outside a transaction, or else the whole transaction
    /// after a rollback; where the connection is lost (``isConnectionLost``), on a new one.
    public var isRetryable: Bool {
        switch reason {
        case .retryTransaction, .database(.conflict), .valueVanished, .brokenReference: true
        case .connectionLost(let isUndecided): !isUndecided
        case .database, .transactionFailed, .unclearState, .doesNotSurvive, .unsettled, .unreadableLookUp,
            .badRequest:
            false
        }
    }

    /// Whether the connection is gone with it: nothing can be done on it any more.
    public var isConnectionLost: Bool {
        if case .connectionLost = reason { true } else { false }
    }
}

extension DoubleWriteError: CustomStringConvertible {
    /// The facts in words: what failed, why, and what to do.
    public var description: String {
        switch reason {
        case .database: underlying.map { "\($0)" } ?? "the database refused a statement on \(place)"
        case .retryTransaction:
            "the schema changed under a transaction that uses \(place); roll it back and run it again"
        case .transactionFailed:
            "a statement of the transaction had failed, so nothing was committed; let its error end the transaction"
        case .unclearState:
            """
            cannot tell which column of \(place) is right: what is recorded does not fit its columns; \
            nothing was written; \(changeList); \(advice)
            """
        case .doesNotSurvive(let ids):
            """
            a value for \(place) does not survive \(list(of: ids)): on the way to the other shape and back it becomes \
            another one, which an undo would leave behind; nothing was written; write a value that both shapes hold, or \
            declare the change with `lossy_down`
            """
        case .valueVanished(let ids):
            """
            a value for \(place) has no row in the lookup table of \(list(of: ids)): somebody deleted it before each write that \
            points at it; nothing was written; repeat it
            """
        case .brokenReference(let ids):
            """
            a row of \(place) points at one that is not there\(cause); where that is the row of a value in the lookup table \
            of \(list(of: ids)), somebody deleted it meanwhile; roll the transaction back and run it again
            """
        case .connectionLost(let isUndecided):
            """
            the connection was lost while \(place) was used\(cause); \
            \(isUndecided
                ? "it is not known whether what was sent is written; connect again and look before it is repeated"
                : "connect again and repeat it")
            """
        case .unsettled(let attempts):
            "the schema of \(place) changed \(attempts) times while a statement was on its way; nothing was written"
        case .unreadableLookUp:
            "the database's answer about the state of \(place) cannot be read; \(changeList)"
        case .badRequest(let words): words
        }
    }

    /// The database's own error, behind a colon.
    private var cause: String { underlying.map { ": \($0)" } ?? "" }

    private var place: String { table.map { "table '\($0)'" } ?? "the database" }

    private func list(of ids: [ChangeID]) -> String {
        changes.filter { ids.contains($0.id) }.map { "change \($0)" }.joined(separator: " or ")
    }

    /// What a change that keeps a name needs more than others: the columns look the same before it and after it.
    private var advice: String {
        guard changes.contains(where: \.keepsAName) else { return "run `bellows status`" }
        return """
            a change that keeps a column's name needs its recorded stage before the release that declares it: run \
            `bellows apply`, or `bellows status` where that has been done
            """
    }

    private var changeList: String {
        "declared: " + changes.map(\.description).joined(separator: ", ")
    }
}
