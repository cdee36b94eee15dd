internal import DoubleWrite
internal import MigrationCore
internal import SQLiteDriver

/// SQLite's own table of what there is, read and written (<https://www.sqlite.org/schematab.html>).
///
/// It is written as <https://www.sqlite.org/lang_altertable.html#otheralter> says, always in the transaction of a step: so
/// every other connection sees all of it or nothing.
struct SQLiteCatalogue {
    let session: SQLiteSession

    /// A view or a trigger.
    struct Program: Sendable, Hashable {
        var type: String
        var name: String
        var sql: String
    }

    /// The stored text of an object; `nil` where there is none of that name.
    func sql(of type: String, _ name: String) throws -> String? {
        try session.query(
            "SELECT sql FROM main.sqlite_schema WHERE type = ?1 AND name = ?2 COLLATE NOCASE",
            [.text(type), .text(name)]
        ).scalar?.text
    }

    /// The views and triggers whose text mentions one of the names, in the order in which they were made.
    func programs(mentioning names: [String]) throws -> [Program] {
        let rows = try session.query(
            "SELECT type, name, sql FROM main.sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY rowid"
        ).rows
        return rows.compactMap { row in
            guard let type = row[0].text, let name = row[1].text, let sql = row[2].text,
                Self.mentions(sql, names)
            else { return nil }
            return Program(type: type, name: name, sql: sql)
        }
    }

    /// What else has the name in its text: nobody may, of a retired table.
    func mentions(of name: String, besides table: String) throws -> [String] {
        try session.query(
            "SELECT name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND tbl_name <> ?1 COLLATE NOCASE",
            [.text(table)]
        ).rows.compactMap { row in
            guard let object = row[0].text, let sql = row[1].text, Self.mentions(sql, [name]) else {
                return nil
            }
            return object
        }
    }

    private static func mentions(_ sql: String, _ names: [String]) -> Bool {
        let folded = Set(names.map(\.asciiFolded))
        return SQLTokens(sql).contains { token in
            (token.kind == .string ? token.unquoted : token.name).map { folded.contains($0.asciiFolded) }
                ?? false
        }
    }

    /// Runs `body`, which writes the catalogue, inside a transaction, and has SQLite read it anew.
    ///
    /// - Throws: Whatever keeps the catalogue from being written, and what SQLite says of a text that it cannot read.
    func writing(_ body: () throws -> Void) throws {
        precondition(session.isInTransaction, "the catalogue is written outside of a transaction")
        try session.execute("PRAGMA main.writable_schema = ON")
        do {
            try body()
            let version = try session.query("PRAGMA main.schema_version").scalar?.integer ?? 0
            try session.execute("PRAGMA main.schema_version = \(version &+ 1)")
            try reset()
            // What cannot be read is an error here and not at the next start of an application.
            _ = try session.query("SELECT count(*) FROM main.sqlite_schema")
        } catch {
            try? reset()
            throw error
        }
    }

    /// Turns writing off, and forgets what was read.
    func reset() throws { try session.execute("PRAGMA main.writable_schema = RESET") }

    /// Puts another text in the place of just this one.
    ///
    /// - Parameter newName: Another name for the object, which the text must have as well.
    func replace(_ type: String, _ name: String, _ old: String, by new: String, named newName: String? = nil)
        throws
    {
        let result = try session.query(
            "UPDATE main.sqlite_schema SET sql = ?1, name = ?2 WHERE type = ?3 AND name = ?4 COLLATE NOCASE AND sql = ?5",
            [.text(new), .text(newName ?? name), .text(type), .text(name), .text(old)])
        guard result.affectedRows == 1 else {
            throw DatabaseFailure(
                kind: .other, code: nil,
                message:
                    "the stored text of the \(type) '\(name)' is not what it was when it was read; nothing was written"
            )
        }
    }
}

extension SQLiteDatabase {
    var catalogue: SQLiteCatalogue { SQLiteCatalogue(session: main) }

    /// Runs `body` while the connection may write SQLite's own tables and reads stored texts as they were written.
    ///
    /// - Parameter rowsOnly: Whether foreign keys and CHECKs are not enforced and no trigger fires meanwhile: for statements that
    ///   leave every value as it is. None of this can be set inside of a transaction.
    func unlocked<Result>(rowsOnly: Bool = false, _ body: () throws -> Result) throws -> Result {
        precondition(!main.isInTransaction, "options are set outside of a transaction")
        defer { try? restoreOptions() }
        try setting { () throws(SQLiteError) in
            try main.connection.set(.defensive, false)
            try main.connection.set(.stringsInDefinitions, true)
            if rowsOnly { try main.connection.set(.triggers, false) }
        }
        if rowsOnly {
            try main.execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
            guard try main.query("PRAGMA foreign_keys").scalar == 0 else {
                throw DatabaseFailure(
                    kind: .other, code: nil,
                    message: "foreign keys could not be turned off, and rows might be deleted by them")
            }
        }
        return try body()
    }

    private func restoreOptions() throws {
        try main.execute(
            """
            PRAGMA main.writable_schema = RESET; PRAGMA legacy_alter_table = OFF; PRAGMA ignore_check_constraints = OFF;
            PRAGMA foreign_keys = ON
            """)
        try setting { () throws(SQLiteError) in
            try main.connection.set(.triggers, true)
            try main.connection.set(.stringsInDefinitions, false)
        }
    }

    private func setting(_ body: () throws(SQLiteError) -> Void) throws {
        do {
            try body()
        } catch {
            throw DatabaseFailure(error)
        }
    }
}
