import DoubleWrite

/// Why a statement cannot stand in a list of `sql`, which runs in one transaction that is opened and committed for it.
struct RawSQLRefusal {
    let dialect: Dialect

    /// The first reason, in the order of the statements; `nil` where there is none.
    func reason(against text: String) -> String? {
        let statements = SQLStatements.split(text, dialect)
        if statements.isEmpty { return "the statement is empty" }
        return statements.lazy.compactMap(reason).first
    }

    private func reason(against statement: [SQLToken]) -> String? {
        let words = statement.prefix(4).prefix { $0.kind == .word }.map(\.text.asciiFolded)
        guard let first = words.first else { return nil }
        if Self.transactionWords.contains(first) || words.starts(with: ["prepare", "transaction"]) {
            return
                "'\(first.uppercased())' cannot stand here: the list runs in one transaction, which is opened and "
                + "committed for it"
        }
        switch dialect {
        case .postgres: return postgresReason(statement, words)
        case .sqlite: return sqliteReason(statement, first)
        }
    }

    private func postgresReason(_ statement: [SQLToken], _ words: [String]) -> String? {
        let isConcurrent =
            ["create", "drop", "reindex", "alter"].contains(words[0])
            && statement.contains { $0.isKeyword("CONCURRENTLY") }
        if isConcurrent {
            return
                "CONCURRENTLY does not work in a transaction, and the list runs in one; use create_index or "
                + "drop_index, which build and drop beside the writers"
        }
        guard let alone = Self.alone.first(where: { words.starts(with: $0) }) else { return nil }
        let name = alone.map { $0.uppercased() }.joined(separator: " ")
        return
            "PostgreSQL runs '\(name)' in no transaction, and the list runs in one; run it by hand, outside of the "
            + "migrations"
    }

    private func sqliteReason(_ statement: [SQLToken], _ first: String) -> String? {
        switch first {
        case "attach", "detach", "vacuum":
            return
                "SQLite runs '\(first.uppercased())' in no transaction, and the list runs in one; run it by hand, "
                + "outside of the migrations"
        case "pragma":
            let names = statement.dropFirst().prefix(3).compactMap(\.name?.asciiFolded)
            guard let name = names.first(where: Self.pragmas.contains) else { return nil }
            return "PRAGMA \(name) does nothing in a transaction, and the list runs in one"
        default:
            return nil
        }
    }

    private static let transactionWords: Set<String> = [
        "begin", "start", "commit", "rollback", "end", "abort", "savepoint", "release",
    ]

    private static let pragmas: Set<String> = ["foreign_keys", "journal_mode"]

    /// What begins a statement that PostgreSQL refuses in a transaction.
    private static let alone: [[String]] = [
        ["vacuum"], ["alter", "system"], ["discard", "all"], ["create", "database"], ["drop", "database"],
        ["create", "tablespace"], ["drop", "tablespace"], ["create", "subscription"],
        ["drop", "subscription"],
        ["reindex", "database"], ["reindex", "system"], ["reindex", "schema"],
    ]
}
