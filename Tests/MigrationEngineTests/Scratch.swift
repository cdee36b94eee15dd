import DoubleWrite
import Foundation
import MigrationCore
import PostgresDriver
import SQLiteDriver
import Synchronization
import TestSupport

@testable import MigrationEngine

/// A database of its own for a test, on either kind.
final class Scratch {
    let dialect: Dialect
    let location: DatabaseLocation
    private let folder: TemporaryFolder?
    let session: any SQLSession

    init(_ dialect: Dialect) throws {
        self.dialect = dialect
        switch dialect {
        case .postgres:
            let address = try ThrowAwayPostgres.makeDatabase()
            folder = nil
            location = .postgres(address)
            session = try PostgresSession(address, name: "test")
        case .sqlite:
            let folder = try TemporaryFolder()
            self.folder = folder
            let path = folder.file("test.db")
            location = .sqlite(path: path)
            session = try SQLiteSession(path: path, mode: .create, busyTimeout: .seconds(5))
        }
    }

    deinit {
        if case .postgres(let address) = location { ThrowAwayPostgres.dropDatabase(address) }
    }

    /// Another connection.
    func connect() throws -> any SQLSession {
        switch location {
        case .postgres(let address): try PostgresSession(address, name: "test")
        case .sqlite(let path):
            try SQLiteSession(path: path, mode: .readWrite, busyTimeout: .milliseconds(50))
        }
    }

    func engine(
        _ settings: Settings = .test, _ observer: any EngineObserver = SilentObserver()
    ) throws -> Engine {
        try Engine(location, settings: settings, observer: observer)
    }

    /// Takes migrations back, and attests on the way what is asked for anew.
    func rollBack(
        _ sources: [MigrationSource], names: [String] = [], _ settings: Settings = .test
    ) throws -> ApplyReport {
        let report = try engine(settings).rollback(sources, names: names)
        guard report.exitCode == 3 else { return report }
        try engine(settings).attest(Attestation(application: "app"), sources: sources)
        return try engine(settings).rollback(sources, names: names)
    }

    /// Runs a statement of the test's own.
    @discardableResult
    func run(_ sql: String, _ parameters: SQLValue...) throws -> ResultSet {
        try session.query(sql, parameters)
    }

    /// A table of the state.
    func state(_ name: String) -> String {
        dialect == .postgres ? "bellows.\(name)" : "bellows_\(name)"
    }

    /// Everything but the state and what differs from run to run: what two roads to the same end must agree
    /// on.
    func fingerprint() throws -> String {
        switch session {
        case let session as PostgresSession:
            return try Self.text(session.connection.introspect()) + stages()
        case let session as SQLiteSession:
            let schema = try session.connection.introspect()
            let sql = try session.query(
                "SELECT coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE '%bellows%' AND name NOT LIKE 'sqlite%' ORDER BY name"
            )
            // Renaming there and back leaves quotes behind.
            return try Self.text(schema)
                + sql.rows.compactMap { $0[0].text }
                .joined(separator: ";").replacing("\"", with: "").replacing("`", with: "") + stages()
        default: return ""
        }
    }

    /// The stages without their epochs: a road with a detour has flipped more often.
    private func stages() throws -> String {
        guard try StateStore(database: engine().database).exists() else { return "" }
        let rows = try run(
            "SELECT change, stage FROM \(state("stages")) WHERE stage <> 'old' ORDER BY change"
        ).rows
        return rows.isEmpty ? "" : "\(rows)"
    }

    private static func text(_ schema: Schema) throws -> String {
        var schema = schema
        schema.tables.sort { $0.name.description < $1.name.description }
        for index in schema.tables.indices {
            schema.tables[index].estimatedRows = nil
            schema.tables[index].bytes = nil
            // Compared by itself.
            schema.tables[index].definition = nil
            // Building the same in another order is the same.
            schema.tables[index].indexes.sort { $0.name < $1.name }
            schema.tables[index].checks.sort { ($0.name ?? "") < ($1.name ?? "") }
            schema.tables[index].uniqueConstraints.sort { ($0.name ?? "") < ($1.name ?? "") }
            schema.tables[index].foreignKeys.sort { ($0.name ?? "") < ($1.name ?? "") }
            // A set has no order of its own, and not the same one twice.
            for place in schema.tables[index].indexes.indices {
                let columns = schema.tables[index].indexes[place].columns.sorted()
                schema.tables[index].indexes[place].columns = []
                schema.tables[index].indexes[place].name += " of \(columns)"
            }
        }
        return try StoredJSON.text(schema)
    }
}

extension Settings {
    /// Short waits, no soak.
    static var test: Settings {
        var settings = Settings()
        settings.soak = .zero
        settings.lockTimeout = .milliseconds(100)
        settings.lockAttempts = 3
        settings.settleTimeout = .milliseconds(200)
        settings.host = "test-host"
        settings.user = "tester"
        return settings
    }

    static var alone: Settings {
        var settings = test
        settings.noWriters = true
        return settings
    }

    func with(_ change: (inout Settings) -> Void) -> Settings {
        var settings = self
        change(&settings)
        return settings
    }
}

extension MigrationSource {
    /// A source whose checksum is made of what it declares.
    init(_ name: String, _ operations: MigrationCore.Operation...) throws {
        let migration = Migration(name: name, operations: operations)
        self.init(
            migration: migration, checksum: MigrationSource.checksum(of: try StoredJSON.text(migration)),
            path: "migrations/\(name).yaml")
    }
}

/// Keeps what it sees.
final class Recorder: EngineObserver, Sendable {
    private let seen = Mutex<[EngineEvent]>([])

    func observe(_ event: EngineEvent) { seen.withLock { $0.append(event) } }

    var events: [EngineEvent] { seen.withLock { $0 } }

    /// The ids of the steps that were done.
    var steps: [String] {
        events.compactMap { event in
            if case .stepFinished(_, let step, _, _) = event { step.id } else { nil }
        }
    }
}

/// A shelter's history: animals with a kind, which becomes their species.
enum Shelter {
    static func sources() throws -> [MigrationSource] {
        [
            try MigrationSource("0001_animals", .createTable(animals)),
            try MigrationSource("0002_species", .renameColumn(rename)),
        ]
    }

    static let rename = RenameColumn(table: "animals", from: "kind", to: "species")

    static let animals = CreateTable(
        table: "animals",
        columns: [
            ColumnDefinition(
                name: "id", type: PerDialect(postgres: "bigint", sqlite: "INTEGER"), isNullable: false,
                isPrimaryKey: true),
            ColumnDefinition(name: "name", type: "text"),
            ColumnDefinition(name: "kind", type: "text", isNullable: true),
        ])

    /// Creates the table and fills it: kinds with NULLs among them.
    static func seed(_ scratch: Scratch, rows: Int) throws {
        _ = try scratch.engine(.alone).apply([sources()[0]], through: .contract)
        try fill(scratch, 1...rows)
    }

    /// The same table, made by hand: there is no migration before the rename.
    static func table(_ scratch: Scratch, rows: Int) throws {
        let key = scratch.dialect == .postgres ? "bigint" : "INTEGER"
        try scratch.run("CREATE TABLE animals (id \(key) PRIMARY KEY, name text, kind text)")
        try fill(scratch, 1...rows)
    }

    static func fill(_ scratch: Scratch, _ ids: ClosedRange<Int>) throws {
        let numbers =
            scratch.dialect == .postgres
            ? "SELECT i FROM generate_series(\(ids.lowerBound), \(ids.upperBound)) AS n(i)"
            : "WITH RECURSIVE n(i) AS (SELECT \(ids.lowerBound) UNION ALL SELECT i + 1 FROM n WHERE i < \(ids.upperBound)) SELECT i FROM n"
        try scratch.run(
            """
            INSERT INTO animals (id, name, kind)
            SELECT i, 'name ' || i, CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'dog' ELSE 'cat' END FROM (\(numbers)) AS s
            """)
    }
}
