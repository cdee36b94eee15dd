public import DoubleWrite
public import MigrationCore

extension SQLiteConnection {
    /// The tables of the main database as they are now, read in one snapshot.
    ///
    /// SQLite's own tables (`sqlite_*`), Bellows' (`bellows_*`) and those that virtual tables keep are left
    /// out. Names keep the spelling they were made with; SQLite takes names that differ only in the case of
    /// ASCII letters for the same, and so does `tables`.
    ///
    /// What a pragma tells comes from it (<https://www.sqlite.org/pragma.html>); checks, names of constraints
    /// and what views and triggers mention come from the stored texts, read token by token. Where a text does
    /// not say which columns it uses (`SELECT *`), the dependent's columns are empty: it may use any.
    ///
    /// - Parameter tables: The tables to read; `nil` for all. Those that do not exist are left out.
    public func introspect(_ tables: [TableName]? = nil) throws(SQLiteError) -> Schema {
        guard !isInTransaction else { return try Introspection(self).schema(tables) }
        try query("BEGIN")
        defer { _ = try? query("ROLLBACK") }
        return try Introspection(self).schema(tables)
    }
}

/// Reads the schema of one connection, once.
struct Introspection {
    let connection: SQLiteConnection
    /// The stored texts of the tables and indexes, by their folded names.
    let storedSQL: [String: String]
    let programs: [StoredProgram]
    /// The names of the ordinary and virtual tables that are nobody's own.
    let tableNames: [String]
    let storedTables: [String: StoredTable]

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        self.connection = connection
        var storedSQL: [String: String] = [:]
        var programs: [StoredProgram] = []
        var names: [String] = []
        let shadows = try Self.shadowTables(connection)
        let stored = try connection.query("SELECT type, name, sql FROM main.sqlite_schema ORDER BY name").rows
        for row in stored {
            guard let type = row[0].text, let name = row[1].text, let sql = row[2].text else { continue }
            switch type {
            case "table":
                storedSQL[name.asciiFolded] = sql
                if !Self.isInternal(name), !shadows.contains(name) { names.append(name) }
            case "index":
                storedSQL[name.asciiFolded] = sql
            default:
                // Our own triggers go by themselves.
                guard !Self.isInternal(name) else { continue }
                programs.append(StoredProgram(isView: type == "view", name: name, sql: sql))
            }
        }
        self.storedSQL = storedSQL
        self.programs = programs
        tableNames = names
        storedTables = Dictionary(
            names.map { ($0.asciiFolded, StoredTable(storedSQL[$0.asciiFolded] ?? "")) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The schema of these tables.
    func schema(_ wanted: [TableName]?) throws(SQLiteError) -> Schema {
        var tables: [Table] = []
        for name in tableNames { tables.append(try bareTable(name)) }
        try addIndexes(to: &tables)
        try addForeignKeys(to: &tables)
        addDependents(to: &tables)
        try addEstimates(to: &tables)
        let chosen = wanted.map { Set($0.filter(Self.isInMain).map(\.name.asciiFolded)) }
        return Schema(
            dialect: .sqlite, tables: tables.filter { chosen?.contains($0.name.name.asciiFolded) ?? true })
    }

    /// Whether the table belongs to SQLite or to Bellows.
    private static func isInternal(_ name: String) -> Bool {
        let folded = name.asciiFolded
        return folded.hasPrefix("sqlite_") || folded.hasPrefix("bellows_")
    }

    private static func isInMain(_ table: TableName) -> Bool {
        table.schema == nil || table.schema?.asciiFolded == "main"
    }

    /// The tables in which virtual tables keep their content. Before 3.37 they cannot be told from ordinary
    /// ones.
    private static func shadowTables(_ connection: SQLiteConnection) throws(SQLiteError) -> Set<String> {
        guard connection.libraryVersion >= 3_037_000 else { return [] }
        let list = try connection.query("PRAGMA main.table_list")
        guard let name = list.columns.firstIndex(of: "name"), let type = list.columns.firstIndex(of: "type")
        else {
            return []
        }
        return Set(list.rows.filter { $0[type].text == "shadow" }.compactMap { $0[name].text })
    }
}

extension Introspection {
    /// What the stored text of a table says.
    func stored(_ table: Table) -> StoredTable {
        storedTables[table.name.name.asciiFolded] ?? StoredTable("")
    }

    /// The rows of a query over all ordinary tables, by the folded name of the table in their first column.
    func rowsByTable(_ sql: String) throws(SQLiteError) -> [String: [[SQLValue]]] {
        Dictionary(grouping: try connection.query(sql).rows) { $0.first?.text?.asciiFolded ?? "" }
    }

    /// The ordinary tables as a source of rows: no pragma is asked of a virtual table, whose module may be
    /// missing.
    static let ordinaryTables =
        "(SELECT name FROM main.sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%') AS o"
}
