internal import DoubleWrite

/// One connection to either database, in the few words that the engine needs. Not Sendable: it stays on its
/// thread.
protocol SQLSession: AnyObject {
    var dialect: Dialect { get }

    /// Runs one statement.
    ///
    /// - Throws: ``DatabaseFailure``.
    func query(_ sql: String, _ parameters: [SQLValue]) throws -> ResultSet

    /// Runs one or several statements without parameters.
    ///
    /// - Throws: ``DatabaseFailure``.
    func execute(_ script: String) throws

    var isInTransaction: Bool { get }

    func close()
}

extension SQLSession {
    func query(_ sql: String) throws -> ResultSet { try query(sql, []) }
}
