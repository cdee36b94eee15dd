import DoubleWrite
import Foundation
import MigrationCore
import MigrationEngine
import MigrationFiles
import Testing

@testable import Rehearsal

/// Plans that are right pass, and a schedule follows from its seed.
@Suite("Rehearsals", .serialized) struct RehearsalTests {
    static func rename(_ dialect: Dialect, isNullable: Bool = false) -> [MigrationSource] {
        let key = PerDialect(postgres: "bigint", sqlite: "INTEGER")
        let table = CreateTable(
            table: "animals",
            columns: [
                ColumnDefinition(name: "id", type: key, isNullable: false, isPrimaryKey: true),
                ColumnDefinition(name: "name", type: "text", isNullable: false),
                ColumnDefinition(name: "kind", type: "text", isNullable: isNullable),
            ])
        let migrations = [
            Migration(name: "0001_animals", operations: [.createTable(table)]),
            Migration(
                name: "0002_rename",
                operations: [.renameColumn(RenameColumn(table: "animals", from: "kind", to: "species"))]),
        ]
        return migrations.map {
            MigrationSource(migration: $0, checksum: MigrationSource.checksum(of: $0.name))
        }
    }

    /// The same table, and another change of it.
    private static func animals(
        _ dialect: Dialect, _ name: String, _ operation: MigrationCore.Operation
    ) -> [MigrationSource] {
        let migration = Migration(name: name, operations: [operation])
        return [
            rename(dialect, isNullable: true)[0],
            MigrationSource(migration: migration, checksum: MigrationSource.checksum(of: name)),
        ]
    }

    /// A name becomes two columns, which do not have to be written together.
    static func split(_ dialect: Dialect) -> [MigrationSource] {
        func part(_ name: String, _ postgres: String, _ sqlite: String) -> DerivedColumn {
            DerivedColumn(
                definition: ColumnDefinition(name: name, type: "text"),
                up: PerDialect(postgres: postgres, sqlite: sqlite))
        }
        let split = SplitColumn(
            table: "animals", from: "name",
            to: [
                part(
                    "given", "split_part(name, ' ', 1)",
                    "CASE instr(name, ' ') WHEN 0 THEN name ELSE substr(name, 1, instr(name, ' ') - 1) END"),
                part(
                    "family", "nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')",
                    "CASE instr(name, ' ') WHEN 0 THEN NULL ELSE nullif(substr(name, instr(name, ' ') + 1), '') END"
                ),
            ], down: "given || coalesce(' ' || family, '')")
        return animals(dialect, "0002_split", .splitColumn(split))
    }

    static func index(_ dialect: Dialect) -> [MigrationSource] {
        animals(
            dialect, "0002_index",
            .createIndex(CreateIndex(table: "animals", name: "animals_kind", keys: [.init(.column("kind"))])))
    }

    static func renameTable(_ dialect: Dialect) -> [MigrationSource] {
        animals(dialect, "0002_rename_table", .renameTable(RenameTable(table: "animals", to: "beings")))
    }

    @Test("a rename passes, and the writers' waits are measured", arguments: Dialect.allCases)
    func passes(dialect: Dialect) throws {
        let options = RehearsalOptions(dialect: dialect, schedules: dialect == .sqlite ? 40 : 5)
        let report = try Rehearsal(Self.rename(dialect), options: options).rehearse("0002_rename")
        #expect(report.failure == nil, "\(report.failure?.message ?? "")")
        #expect(report.tally.schedules == options.schedules)
        #expect(report.tally.writes > 50)
        #expect(report.tally.rollbacks > 0 || dialect == .postgres)
        let timing = try #require(report.timing)
        #expect(timing.writes > 0 && !timing.steps.isEmpty)
    }

    @Test("the same seed gives the same journal, another seed another")
    func isRepeatable() throws {
        func journal(_ seed: UInt64) throws -> [String] {
            var options = RehearsalOptions(dialect: .sqlite, seed: seed, schedules: 9, only: 9)
            options.isTimed = false
            let rehearsal = try Rehearsal(Self.rename(.sqlite), options: options)
            _ = try rehearsal.rehearse("0002_rename")
            return rehearsal.lastJournal
        }
        let first = try journal(3)
        #expect(first.count > 20)
        #expect(try journal(3) == first)
        #expect(try journal(4) != first)
    }

    @Test("a step that locks more than its plan says is found", arguments: [Dialect.postgres])
    func findsLocks(dialect: Dialect) throws {
        var options = RehearsalOptions(dialect: dialect, schedules: 2)
        options.isTimed = false
        let rehearsal = try Rehearsal(Self.rename(dialect), options: options)
        rehearsal.planting.plan = { plan in
            var plan = plan
            for phase in plan.phases.indices {
                for step in plan.phases[phase].steps.indices {
                    guard case .flip(let flip) = plan.phases[phase].steps[step].action else { continue }
                    plan.phases[phase].steps[step].action = .schema(
                        SchemaChange(
                            table: "animals",
                            statements: [
                                "LOCK TABLE \(Dialect.postgres.quote(TableName("animals"))) IN SHARE MODE"
                            ], flip: flip))
                }
            }
            return plan
        }
        let failure = try #require(try rehearsal.rehearse("0002_rename").failure)
        #expect(failure.kind == "lock")
        #expect(failure.message.contains("SHARE on 'animals'"), "\(failure.message)")
    }

    @Test("the shelter's history passes", arguments: Dialect.allCases)
    func shelter(dialect: Dialect) throws {
        let folder = #filePath.components(separatedBy: "/").dropLast(3).joined(separator: "/") + "/migrations"
        let sources = try MigrationDirectory(path: folder).read().map {
            MigrationSource(
                migration: $0.migration, checksum: MigrationSource.checksum(of: $0.bytes), path: $0.path)
        }
        var options = RehearsalOptions(dialect: dialect, seed: 5, schedules: dialect == .sqlite ? 4 : 2)
        options.isTimed = false
        let rehearsal = try Rehearsal(sources, options: options)
        for source in sources {
            let report = try rehearsal.rehearse(source.migration.name)
            let failure = report.failure.map { "\($0.message)\n\($0.trace.joined(separator: "\n"))" }
            #expect(report.failure == nil, "\(source.migration.name): \(failure ?? "")")
        }
    }
}
