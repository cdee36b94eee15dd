public import DoubleWrite

extension SQLiteConnection {
    /// What a pragma answers: `pragma("journal_mode")` is `wal`. `nil` where it answers nothing.
    ///
    /// - Parameter name: A pragma's name in the program's own text, never a user's.
    public func pragma(_ name: String) throws(SQLiteError) -> SQLValue? {
        try query("PRAGMA \(Self.checked(name))").scalar
    }

    /// Sets a pragma, and returns what it answers: `setPragma("journal_mode", "wal")` the mode there is then.
    ///
    /// Some pragmas do nothing in a transaction, and say so only by their answer or not at all.
    ///
    /// - Parameters:
    ///   - name: A pragma's name in the program's own text, never a user's.
    ///   - value: A text, an integer or a boolean.
    @discardableResult
    public func setPragma(_ name: String, _ value: SQLValue) throws(SQLiteError) -> SQLValue? {
        let text: String
        switch value {
        case .text(let word): text = Dialect.sqlite.literal(word)
        case .integer(let number): text = String(number)
        case .boolean(let isOn): text = isOn ? "1" : "0"
        case .null, .real, .blob: preconditionFailure("a pragma takes a text, an integer or a boolean")
        }
        return try query("PRAGMA \(Self.checked(name)) = \(text)").scalar
    }

    /// The number that every change of the schema advances.
    ///
    /// Statements that must not run over another schema carry
    /// `(SELECT schema_version FROM pragma_schema_version) = ?`.
    public var schemaVersion: Int {
        get throws(SQLiteError) { try Int(pragma("schema_version")?.integer ?? 0) }
    }

    private static func checked(_ name: String) -> String {
        precondition(
            name.utf8.allSatisfy { (97...122).contains($0) || $0 == 95 },
            "a pragma's name is small letters and _")
        return name
    }
}
