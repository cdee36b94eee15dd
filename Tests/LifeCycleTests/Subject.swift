import DoubleWrite
import Foundation
import MigrationCore
import MigrationEngine
import PostgresDriver
import SQLiteDriver
import TestSupport

/// A database that an operation is carried out on.
final class Subject {
    let dialect: Dialect
    let location: DatabaseLocation
    private let folder: TemporaryFolder?

    init(_ dialect: Dialect, _ script: [String]) throws {
        self.dialect = dialect
        switch dialect {
        case .postgres:
            folder = nil
            location = .postgres(try ThrowAwayPostgres.makeDatabase())
        case .sqlite:
            let folder = try TemporaryFolder()
            self.folder = folder
            location = .sqlite(path: folder.file("test.db"))
            try SQLiteConnection(path: folder.file("test.db"), mode: .create).close()
        }
        let client = try Client(location)
        for statement in script { try client.run(statement) }
    }

    deinit {
        if case .postgres(let address) = location { ThrowAwayPostgres.dropDatabase(address) }
    }

    func engine(soak: Duration = .zero) throws -> Engine {
        var settings = Settings()
        settings.soak = soak
        settings.lockTimeout = .milliseconds(500)
        settings.settleTimeout = .seconds(20)
        return try Engine(location, settings: settings, observer: SilentObserver())
    }

    /// The schema without the state: in PostgreSQL what `pg_dump` says, in SQLite the stored text of what the model
    /// does not hold beside the model itself.
    func dump() throws -> String {
        switch location {
        case .postgres(let address): try Self.dump(server: address)
        case .sqlite: try sqliteDump()
        }
    }

    /// The schema, and every row of every table: what two roads to the same end must agree on.
    ///
    /// - Parameter query: What shows the rows instead, where the database gives out numbers, in which a road with a detour
    ///   leaves gaps.
    func contents(namingRowsBy query: String? = nil) throws -> String {
        let client = try Client(location)
        let tables =
            switch location {
            case .postgres:
                """
                SELECT n.nspname::text, c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
                    AND n.nspname NOT IN ('bellows', 'pg_catalog', 'information_schema') ORDER BY 1, 2
                """
            case .sqlite:
                """
                SELECT NULL, name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'bellows%' AND name <> 'sqlite_sequence'
                ORDER BY 2
                """
            }
        var lines = [try dump()]
        if let query, let rows = try? client.run(query).rows {
            return (lines + rows.map { "\($0)" }).joined(separator: "\n")
        }
        for row in try client.run(tables).rows {
            let table = TableName(schema: row[0].text, row[1].text ?? "")
            let rows = try client.run("SELECT * FROM \(dialect.quote(table))").rows
            lines += rows.map { "\(table): \($0)" }.sorted()
        }
        return lines.joined(separator: "\n")
    }

    private static func dump(server address: String) throws -> String {
        let outcome = try ChildProcess.run(
            ThrowAwayPostgres.shared.programs + "/pg_dump",
            ["--schema-only", "--no-owner", "--exclude-schema=bellows", address])
        guard outcome.status == 0 else { throw TestFailure(outcome.standardError) }
        // Newer versions wrap the dump into a key that is different each time.
        let lines = outcome.standardOutput.split(separator: "\n").filter { line in
            !line.hasPrefix("--") && !line.hasPrefix("\\restrict") && !line.hasPrefix("\\unrestrict")
        }
        return lines.joined(separator: "\n")
    }

    private func sqliteDump() throws -> String {
        let client = try Client(location)
        guard case .sqlite(let connection) = client.connection else { return "" }
        var schema = try connection.introspect()
        schema.tables.removeAll { $0.name.name.hasPrefix("bellows_") }
        schema.tables.sort { $0.name.name < $1.name.name }
        var definitions: [String] = []
        for index in schema.tables.indices {
            // What the text says, and not how.
            let definition = try schema.tables[index].definition.map(SQLiteDefinition.init)
            definitions.append(
                definition.map { $0.sql(named: schema.tables[index].name.name).lowercased() } ?? "")
            schema.tables[index].definition = nil
            schema.tables[index].estimatedRows = nil
            schema.tables[index].bytes = nil
            schema.tables[index].indexes.sort { $0.name < $1.name }
            schema.tables[index].dependents.sort { $0.name < $1.name }
        }
        let others = try client.run(
            """
            SELECT type || ' ' || name || ': ' || sql FROM sqlite_schema WHERE type IN ('view', 'trigger')
            AND name NOT LIKE 'bellows%' ORDER BY type, name
            """)
        let model = try JSONSerialization.jsonObject(with: JSONEncoder().encode(schema))
        let text = try JSONSerialization.data(
            withJSONObject: sorted(model), options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return ([String(decoding: text, as: UTF8.self)] + definitions + others.rows.compactMap { $0[0].text })
            .joined(
                separator: "\n"
            )
            .filter { !"\"`\\".contains($0) }
    }
}

/// The same with every set of names in its order.
private func sorted(_ value: Any, isSet: Bool = false) -> Any {
    switch value {
    case let object as [String: Any]:
        let sets = ["indexes", "checks", "dependents", "extras"]
        return Dictionary(
            uniqueKeysWithValues: object.map { key, value in
                (key, sorted(value, isSet: isSet && key == "columns" || sets.contains(key)))
            })
    case let names as [String]:
        return isSet ? names.sorted() : names
    case let list as [Any]:
        return list.map { sorted($0, isSet: isSet) }
    default:
        return value
    }
}

struct TestFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// The lines that only one of two texts has.
func difference(_ left: String, _ right: String) -> String {
    func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }
    return lines(right).difference(from: lines(left)).map { change in
        switch change {
        case .insert(_, let line, _): "+ \(line)"
        case .remove(_, let line, _): "- \(line)"
        }
    }.joined(separator: "\n")
}
