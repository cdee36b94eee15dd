import DoubleWrite
import MigrationCore
import PostgresDriver
import SQLiteDriver
import TestSupport

/// A fresh database of either kind, with the table of stages.
final class TestDatabase {
    private enum Connection {
        case postgres(PostgresConnection)
        case sqlite(SQLiteConnection, TemporaryFolder)
    }

    let dialect: Dialect
    /// Where it is.
    let location: String
    private let connection: Connection

    /// An empty database.
    init(_ dialect: Dialect) throws {
        self.dialect = dialect
        switch dialect {
        case .postgres:
            location = try ThrowAwayPostgres.makeDatabase()
            connection = .postgres(try PostgresConnection(location))
        case .sqlite:
            let folder = try TemporaryFolder()
            location = folder.file("test.db")
            connection = .sqlite(try SQLiteConnection(path: location, mode: .create), folder)
        }
    }

    /// A database with what `script` makes.
    convenience init(_ dialect: Dialect, _ script: [String]) throws {
        try self.init(dialect)
        try reset(script)
    }

    /// Makes it empty and runs `script`. Another database would take the server longer than everything else.
    func reset(_ script: [String]) throws {
        switch dialect {
        case .postgres:
            try run("SET client_min_messages = warning")
            try run("DROP SCHEMA IF EXISTS bellows CASCADE")
            try run("DROP SCHEMA public CASCADE")
            try run("CREATE SCHEMA public")
            try run("CREATE SCHEMA bellows")
        case .sqlite:
            try run("PRAGMA foreign_keys = OFF")
            let stored = try run(
                "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~'"
            ).rows
            for kind in ["view", "table"] {
                for row in stored where row[0].text == kind {
                    try run("DROP \(kind.uppercased()) \(dialect.quote(row[1].text ?? ""))")
                }
            }
            try run("PRAGMA foreign_keys = ON")
        }
        try run(
            "CREATE TABLE \(StageTable.name(dialect)) (change text PRIMARY KEY, stage text NOT NULL, "
                + "epoch bigint NOT NULL, generation integer NOT NULL, settled boolean NOT NULL DEFAULT false)"
        )
        for statement in script { try run(statement) }
    }

    deinit {
        switch connection {
        case .postgres(let connection):
            connection.close()
            ThrowAwayPostgres.dropDatabase(location)
        case .sqlite(let connection, _): connection.close()
        }
    }

    @discardableResult
    func run(_ sql: String) throws -> ResultSet {
        do {
            switch connection {
            case .postgres(let connection): return try connection.query(sql)
            case .sqlite(let connection, _): return try connection.query(sql)
            }
        } catch {
            throw Failure(sql: sql, error: "\(error)")
        }
    }

    func transaction(_ statements: [String]) throws {
        try run(dialect == .postgres ? "BEGIN" : "BEGIN IMMEDIATE")
        do {
            for statement in statements { try run(statement) }
            try run("COMMIT")
        } catch {
            _ = try? run("ROLLBACK")
            throw error
        }
    }

    /// The schema, without what is not part of it: estimates, and the order of whatever has none.
    func schema() throws -> Schema {
        var schema =
            switch connection {
            case .postgres(let connection): try connection.introspect(templates: true)
            case .sqlite(let connection, _): try connection.introspect()
            }
        schema.normalize()
        return schema
    }

    func stage(of change: ChangeID) throws -> Stage? {
        let table = StageTable.name(dialect)
        let row = try run("SELECT stage FROM \(table) WHERE change = \(dialect.literal(change.name))")
        return row.scalar?.text.flatMap(Stage.init)
    }

    struct Failure: Error, CustomStringConvertible {
        var sql: String
        var error: String
        var description: String { "\(error)\n\(sql)" }
    }
}

extension Schema {
    mutating func normalize() {
        for index in tables.indices {
            tables[index].estimatedRows = nil
            tables[index].bytes = nil
            tables[index].columns.sort { $0.name < $1.name }
            for column in tables[index].columns.indices {
                tables[index].columns[column].grants.sort { "\($0)" < "\($1)" }
            }
            tables[index].indexes.sort { $0.name < $1.name }
            tables[index].checks.sort { ($0.name ?? "") < ($1.name ?? "") }
            tables[index].foreignKeys.sort { ($0.name ?? "") < ($1.name ?? "") }
            tables[index].uniqueConstraints.sort { ($0.name ?? "") < ($1.name ?? "") }
            tables[index].dependents.sort { "\($0)" < "\($1)" }
        }
        tables.sort { $0.name.description < $1.name.description }
    }

    /// Each table's parts on lines of their own, so that a difference can be read.
    var lines: [String] {
        tables.flatMap { table in
            var parts = table.columns.map { "\($0.withoutNotNullName)" }
            parts += table.uniqueConstraints.map { "\($0)" }
            parts += table.checks.map { "CHECK \($0.name ?? "") \($0.definition) \($0.columns.sorted())" }
            parts += table.foreignKeys.map { "\($0)" }
            parts += table.indexes.map(\.line)
            parts += table.dependents.map { "\($0.kind) \($0.name) \($0.columns.sorted())" }
            parts += ["\(table.primaryKey)", table.comment ?? "", "key \(table.primaryKeyName ?? "")"]
            parts += table.replicaIdentity.map { ["replica identity \($0)"] } ?? []
            parts += table.access?.grants.map { "\($0)" } ?? []
            return parts.map { "\(table.name): \($0)" }
        } + enums.map { "type \($0.name) \($0.labels) \($0.comment ?? "") \($0.users.sorted())" }
    }
}

extension Index {
    fileprivate var line: String {
        "Index \(name), unique \(isUnique), valid \(isValid), simple \(isSimple): \(definition) of \(columns.sorted()); "
            + (comment ?? "")
    }
}

/// What one schema has and the other has not.
func difference(_ actual: Schema, _ expected: Schema) -> String {
    let actual = Set(actual.lines)
    let expected = Set(expected.lines)
    return
        (actual.subtracting(expected).sorted().map { "extra:   \($0)" }
        + expected.subtracting(actual).sorted().map { "missing: \($0)" }).joined(separator: "\n")
}

extension Column {
    /// NOT NULL's name is the server's own choice mostly, which a planner does not know; see what `pg_dump` says of it.
    fileprivate var withoutNotNullName: Column {
        var column = self
        column.notNullName = nil
        return column
    }
}
