import DoubleWrite
import Foundation
import MigrationCore
import TestSupport

/// How long it takes to plan a long history: 1,000 tables, 2,000 migrations.
struct Planning {
    private static func history(tables: Int) -> [Migration] {
        let key = ColumnDefinition(
            name: "id", type: PerDialect(postgres: "bigint", sqlite: "integer"), isNullable: false,
            isPrimaryKey: true)
        let kind = ColumnDefinition(name: "kind", type: "text")
        func migrations(_ first: Int, _ operation: (TableName) -> MigrationCore.Operation) -> [Migration] {
            (0..<tables).map { number in
                Migration(
                    name: "\(first + number)_change",
                    operations: [operation(TableName("table_\(number)"))])
            }
        }
        return migrations(10_000) { .createTable(CreateTable(table: $0, columns: [key, kind])) }
            + migrations(20_000) { .renameColumn(RenameColumn(table: $0, from: "kind", to: "species")) }
    }

    func measure(into report: inout Report) throws {
        for dialect in Dialect.allCases {
            let few = try time(tables: 100, dialect)
            let many = try time(tables: 1_000, dialect)
            let name = dialect == .postgres ? "Postgres" : "SQLite"
            report.add(
                Figure(
                    database: name, what: "planning of 1,000 tables and 2,000 migrations", against: "",
                    value: many, unit: .milliseconds))
            report.add(
                Figure(
                    database: name, what: "planning of 1,000 tables: time", against: "10 times that of 100",
                    value: many / (10 * few)))
        }
    }

    private func time(tables: Int, _ dialect: Dialect) throws -> Double {
        let history = Self.history(tables: tables)
        let elapsed = try ContinuousClock().measure {
            _ = try Planner(dialect: dialect).planHistory(history, from: Schema(dialect: dialect))
        }
        return elapsed / .milliseconds(1)
    }
}

/// How long the tool takes to begin.
struct StartUp {
    func measure(into report: inout Report) throws {
        let program = try Tool.program()
        let times = try (0..<21).map { _ in
            try ContinuousClock().measure { _ = try ChildProcess.run(program, ["--version"]) }
                / .milliseconds(1)
        }
        let idle = try (0..<21).map { _ in
            try ContinuousClock().measure { _ = try ChildProcess.run("/usr/bin/env", ["true"]) }
                / .milliseconds(1)
        }
        report.add(
            Figure(
                database: "", what: "bellows --version",
                against: String(format: "env true: %.1f ms", idle.median), value: times.median,
                unit: .milliseconds))
    }
}
