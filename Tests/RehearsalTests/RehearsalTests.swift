import DoubleWrite
import MigrationCore
import MigrationEngine
import Testing

@testable import Rehearsal

/// A rename of a column, under every schedule of a seed.
@Suite("Rehearsals") struct RehearsalTests {
    static func rename(_ dialect: Dialect) -> [MigrationSource] {
        let key = PerDialect(postgres: "bigint", sqlite: "INTEGER")
        let table = CreateTable(
            table: "animals",
            columns: [
                ColumnDefinition(name: "id", type: key, isNullable: false, isPrimaryKey: true),
                ColumnDefinition(name: "name", type: "text", isNullable: false),
                ColumnDefinition(name: "kind", type: "text"),
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

    @Test("a rename passes", arguments: Dialect.allCases)
    func passes(dialect: Dialect) throws {
        let options = RehearsalOptions(dialect: dialect, schedules: 30)
        let rehearsal = try Rehearsal(Self.rename(dialect), options: options)
        let report = try rehearsal.rehearse("0002_rename")
        #expect(
            report.failure == nil,
            "\(report.failure.map { "\($0.message)\n\($0.trace.joined(separator: "\n"))" } ?? "")")
        print(report.tally, report.notes)
    }
}
