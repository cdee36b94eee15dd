internal import CSQLite

extension SQLiteConnection {
    /// What a connection does or leaves, and can be told to do otherwise for a while.
    public enum Option: Sendable, Hashable, CaseIterable {
        /// Whether SQLite's own tables are kept from being written, also with `writable_schema`.
        case defensive
        /// Whether triggers fire.
        case triggers
        /// Whether a double-quoted name that is none is read as a string in definitions, as most programs that make tables
        /// have it read.
        case stringsInDefinitions
    }

    /// Lets a statement wait that long for another connection's lock, from here on; to the millisecond.
    public func setBusyTimeout(_ timeout: Duration) {
        guard let handle = openHandle else { return }
        sqlite3_busy_timeout(handle, Self.milliseconds(timeout))
    }

    /// Turns an option on or off for this connection alone.
    ///
    /// - Throws: ``SQLiteError`` where this build of SQLite keeps it as it is.
    public func set(_ option: Option, _ isOn: Bool) throws(SQLiteError) {
        guard let handle = openHandle else {
            throw SQLiteError(
                action: "cannot set an option", code: .misuse, message: "the connection is closed")
        }
        try Self.set(option.code, to: isOn ? 1 : 0, named: option.words, on: handle)
    }
}

extension SQLiteConnection.Option {
    fileprivate var code: Int32 {
        switch self {
        case .defensive: SQLITE_DBCONFIG_DEFENSIVE
        case .triggers: SQLITE_DBCONFIG_ENABLE_TRIGGER
        case .stringsInDefinitions: SQLITE_DBCONFIG_DQS_DDL
        }
    }

    fileprivate var words: String {
        switch self {
        case .defensive: "the defence of its own tables"
        case .triggers: "triggers"
        case .stringsInDefinitions: "double-quoted strings in definitions"
        }
    }
}
