public import DoubleWrite
public import MigrationCore

/// Reads a schema that is given as SQL by running it on a scratch database: only the database itself reads its language
/// rightly.
public enum ScratchSchema {
    /// The schema that these statements make.
    ///
    /// For SQLite a file in a temporary folder will do; for PostgreSQL a server is started, whose programs must be
    /// installed, unless one is named.
    ///
    /// - Parameters:
    ///   - sql: What `pg_dump --schema-only` or SQLite's `.schema` writes, or statements of one's own.
    ///   - server: The address of a PostgreSQL server.
    /// - Throws: ``RehearsalError`` for a statement that the database refuses; an error where there is no place to run it.
    public static func read(_ sql: String, _ dialect: Dialect, server: String? = nil) throws -> Schema {
        let place = try ScratchPlace(dialect, server: server)
        let location = try place.make()
        defer { place.drop(location) }
        let session = try Session(location, patience: .seconds(5))
        defer { session.close() }
        try session.runSchema(sql)
        let schema = try session.introspect()
        let tables = schema.tables.map(\.name)
        return tables.isEmpty ? schema : try session.introspect(tables)
    }
}

extension Session {
    /// Runs the SQL of a schema.
    ///
    /// - Throws: ``RehearsalError`` for a statement that the database refuses.
    func runSchema(_ sql: String) throws {
        do {
            try runScript(Self.withoutCommands(sql))
            // A dump leaves the search path empty, which is nobody's business behind it.
            if isPostgres { try run("RESET search_path") }
        } catch let error where Setback(error).isAnswer {
            let advice =
                isPostgres
                ? "a dump needs no owners and no rights here: pg_dump --schema-only --no-owner --no-privileges"
                : "sqlite3 FILE .schema writes what can be read here"
            throw RehearsalError("cannot make the schema: \(error); \(advice)")
        }
    }

    /// Without the lines that are not for running: those by which `pg_dump` speaks to `psql`, and the tables that SQLite
    /// makes itself, which `.schema` shows as well.
    private static func withoutCommands(_ sql: String) -> String {
        let others = [
            "\\restrict ", "\\unrestrict ", "CREATE TABLE sqlite_sequence(", "CREATE TABLE sqlite_stat1(",
            "CREATE TABLE sqlite_stat4(",
        ]
        return sql.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            !others.contains(where: line.hasPrefix)
        }.joined(separator: "\n")
    }
}
