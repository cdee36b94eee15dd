import DoubleWrite
import DoubleWritePostgres
import DoubleWriteSQLite
import Foundation
import MigrationCore
import PostgresDriver
import SQLiteDriver
import TestSupport
import Testing

@testable import MigrationEngine

/// From one owner of each animal to several, by the operations that are there: the recipe of
/// `docs/operations/extract_table.md`.
@Suite struct OneToManyTests {
    private static let history: [(name: String, operations: [MigrationCore.Operation])] = [
        (
            "0002_owners_apart",
            [
                .dropConstraint(DropConstraint(table: "animals", name: "owned")),
                .createTable(
                    CreateTable(
                        table: "animal_owners",
                        columns: [
                            ColumnDefinition(
                                name: "animal_id", type: PerDialect(postgres: "bigint", sqlite: "INTEGER"),
                                isNullable: false,
                                references: ForeignKeyTarget(
                                    table: "animals", columns: ["id"], onDelete: .cascade))
                        ])),
                .createIndex(
                    CreateIndex(
                        table: "animal_owners", name: "single", keys: [.init(.column("animal_id"))],
                        isUnique: true)),
            ]
        ),
        (
            "0003_owners_move",
            [
                .moveColumn(
                    MoveColumn(
                        table: "animals", column: "owner_id", toTable: "animal_owners",
                        join: [.init(source: "id", target: "animal_id")]))
            ]
        ),
        (
            "0004_owners_many",
            [
                .createIndex(
                    CreateIndex(
                        table: "animal_owners", name: "pair",
                        keys: [.init(.column("animal_id")), .init(.column("owner_id"))], isUnique: true)),
                .addForeignKey(
                    AddForeignKey(
                        table: "animal_owners", name: "owned", columns: ["owner_id"],
                        target: ForeignKeyTarget(table: "owners", columns: ["id"]))),
            ]
        ),
        (
            "0005_owners_free", [.dropIndex(DropIndex(table: "animal_owners", name: "single"))]
        ),
    ]

    private static let owners = TableDeclaration(
        "animal_owners", columns: ["animal_id": "bigint", "owner_id": "bigint"], key: ["animal_id"],
        moved: .init("owner_id", from: "animals", join: ["id": "animal_id"]))

    private static let count: Int64 = 30

    private func prepare(_ dialect: Dialect) throws -> Scratch {
        let scratch = try Scratch(dialect)
        let key = dialect == .postgres ? "bigint" : "INTEGER"
        try scratch.run("CREATE TABLE owners (id \(key) PRIMARY KEY)")
        try scratch.run("INSERT INTO owners VALUES (1), (2), (3), (4), (5)")
        try scratch.run(
            "CREATE TABLE animals (id \(key) PRIMARY KEY, owner_id \(key) CONSTRAINT owned REFERENCES owners (id))"
        )
        for id in 1...Self.count {
            try scratch.run("INSERT INTO animals VALUES (\(id), \(id % 4 == 0 ? "NULL" : "\(id % 5 + 1)"))")
        }
        return scratch
    }

    @Test(arguments: Dialect.allCases)
    func oneBecomesMany(dialect: Dialect) throws {
        let scratch = try prepare(dialect)
        let sources = Self.history.map { name, operations in
            MigrationSource(
                migration: Migration(name: name, operations: operations),
                checksum: MigrationSource.checksum(of: name), path: "migrations/\(name).yaml")
        }
        let engine = try scratch.engine(
            Settings.test.with { settings in
                settings.lockAttempts = 200
                settings.settleTimeout = .seconds(20)
                settings.lease = .seconds(2)
            })
        func go(_ number: Int, _ phase: Phase) throws {
            let known = Array(sources[...number])
            try engine.attest(Attestation(application: "app"), sources: known)
            let report = try patiently { try engine.apply(known, through: phase) }
            #expect(report.exitCode == 0, "\(report.migrations.flatMap(\.unmetGates))")
        }
        try go(0, .contract)
        let journals = [WriteJournal(), WriteJournal()]
        let location = scratch.location
        let writers = journals.enumerated().map { number, journal in
            BackgroundWriter { try Self.write(location, Int64(number), journal) }
        }
        let outcome = Result {
            try go(1, .expand)
            let undone = try patiently {
                try engine.rollback(Array(sources[...1]), names: [sources[1].migration.name])
            }
            #expect(undone.migrations.map(\.outcome) == [.rolledBack])
            try go(1, .transition)
            try go(1, .contract)
            try go(2, .contract)
        }
        for journal in journals { journal.finish() }
        for writer in writers { try writer.wait() }
        try outcome.get()
        try go(3, .contract)

        // Whatever was written last is there, and nothing else.
        var expected: [Int64: Int64] = [:]
        for id in 1...Self.count where id % 4 != 0 { expected[id] = id % 5 + 1 }
        for (id, owner) in journals.flatMap(\.all) { expected[id] = owner.flatMap { Int64($0) } }
        let rows = try scratch.run("SELECT animal_id, owner_id FROM animal_owners ORDER BY 1").rows
        #expect(
            rows == expected.sorted { $0.key < $1.key }.map { [.integer($0.key), .integer($0.value)] })
        #expect(journals.allSatisfy { $0.all.count > 5 })
        // One animal, two owners, but no owner twice.
        for owner in [1, 2] {
            try scratch.run("DELETE FROM animal_owners WHERE animal_id = 1 AND owner_id = \(owner)")
            try scratch.run("INSERT INTO animal_owners (animal_id, owner_id) VALUES (1, \(owner))")
        }
        #expect(throws: (any Error).self) {
            try scratch.run("INSERT INTO animal_owners (animal_id, owner_id) VALUES (1, 2)")
        }
        #expect(throws: (any Error).self) {
            try scratch.run("INSERT INTO animal_owners (animal_id, owner_id) VALUES (1, 99)")
        }
    }

    private func patiently(_ body: () throws -> ApplyReport) throws -> ApplyReport {
        for _ in 0..<100 {
            do { return try body() } catch let error as EngineError {
                guard case .leaseHeld = error.reason else { throw error }
                Thread.sleep(forTimeInterval: 0.2)
            }
        }
        return try body()
    }

    /// One application, which alone writes the animals whose number leaves its own when halved.
    private static func write(
        _ location: DatabaseLocation, _ number: Int64, _ journal: WriteJournal
    ) throws {
        let helper = try connect(location)
        var step: Int64 = 0
        while !journal.isDone {
            step += 1
            let animal = 2 * (step % (count / 2)) + number + (number == 0 ? 2 : 0)
            let owner = step % 5 + 1
            let id = SQLValue.integer(animal)
            if step % 3 == 0 {
                try again { _ = try helper.delete(from: owners, where: owners["animal_id"] == id) }
                journal.note(animal, nil)
            } else {
                try again {
                    try helper.upsert(
                        into: owners, ["animal_id": id, "owner_id": .integer(owner)],
                        conflict: ["animal_id"], update: ["owner_id"])
                }
                journal.note(animal, "\(owner)")
            }
            var seen: [[SQLValue]] = []
            try again {
                seen = try helper.select(
                    from: owners, columns: ["owner_id"], where: owners["animal_id"] == id
                ).rows
            }
            guard seen == (step % 3 == 0 ? [] : [[.integer(owner)]]) else {
                throw TestSupportError("step \(step): animal \(animal) reads \(seen)")
            }
            // SQLite's lock is not fair: whoever waits gets in only in a pause.
            Thread.sleep(forTimeInterval: 0.002)
        }
    }

    private static func again(_ body: () throws -> Void) throws {
        for _ in 0..<500 {
            do {
                return try body()
            } catch let error as DoubleWriteError where error.isRetryable {
                Thread.sleep(forTimeInterval: 0.002)
            }
        }
        try body()
    }

    private static func connect(_ location: DatabaseLocation) throws -> any DoubleWriting {
        switch location {
        case .postgres(let address): return DoubleWritePostgres(try PostgresConnection(address))
        case .sqlite(let path):
            let connection = try SQLiteConnection(path: path, mode: .readWrite, busyTimeout: .seconds(5))
            try connection.execute("PRAGMA foreign_keys = ON")
            return DoubleWriteSQLite(connection)
        }
    }
}
