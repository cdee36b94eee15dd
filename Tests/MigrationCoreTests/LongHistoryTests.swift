import DoubleWrite
import MigrationCore
import Testing

/// A history of many years, planned from the files alone.
@Suite struct LongHistoryTests {
    private static let years = 60

    private static func column(_ name: String, _ type: PerDialect = "text") -> ColumnDefinition {
        ColumnDefinition(name: name, type: type)
    }

    /// What one year brings: a table that goes through every kind of change, and the end of the year before's.
    private static func year(_ number: Int) -> [Operation] {
        let table = TableName("visits \(number)")
        let last = TableName("visits \(number - 1)")
        let key = ColumnDefinition(
            name: "id", type: PerDialect(postgres: "bigint", sqlite: "integer"), isNullable: false,
            isPrimaryKey: true)
        let operations: [Operation] = [
            .createTable(CreateTable(table: table, columns: [key, column("kind"), column("note")])),
            .addColumn(AddColumn(table: table, column: column("age", "integer"))),
            .renameColumn(RenameColumn(table: table, from: "kind", to: "species")),
            .changeType(ChangeType(table: table, column: "age", type: "text")),
            .createIndex(
                CreateIndex(
                    table: table, name: "by species \(number)", keys: [.init(.column("species"))])),
            .addCheck(AddCheck(table: table, name: "known", check: "species <> ''")),
            .setNotNull(SetNotNull(table: table, column: "note", fill: "'none'")),
            .dropNotNull(DropNotNull(table: table, column: "note")),
            .changeColumn(
                ChangeColumn(
                    table: table, from: "note", to: "remark", up: "upper(note)", down: "lower(remark)",
                    isLossyDown: true)),
        ]
        return operations + (number > 0 ? [.dropTable(DropTable(table: last))] : [])
    }

    /// A file an operation, named in order.
    private static let migrations = (0..<years).flatMap(year).enumerated().map { number, operation in
        Migration(name: "\(10_000 + number)_\(operation.keyword)", operations: [operation])
    }

    @Test(arguments: Dialect.allCases)
    func isPlannedAsFarAsItGoes(dialect: Dialect) throws {
        let planner = Planner(dialect: dialect)
        #expect(Self.migrations.count > 500)
        let plans = try planner.planHistory(Self.migrations, from: Schema(dialect: dialect))
        #expect(plans.map(\.migration) == Self.migrations.map(\.name))
        #expect(plans.allSatisfy { !$0.steps.isEmpty })
    }

    @Test(arguments: Dialect.allCases)
    func theEndOfItKnowsTheBeginning(dialect: Dialect) throws {
        let planner = Planner(dialect: dialect)
        // The table of the last year is as its own changes have left it; that of the first is gone.
        let end = TableName("visits \(Self.years - 1)")
        let late = [
            Operation.setDefault(SetDefault(table: end, column: "kind", defaultValue: "'x'")),
            .setDefault(SetDefault(table: end, column: "remark", defaultValue: "'x'")),
            .dropTable(DropTable(table: "visits 0")),
        ].enumerated().map { Migration(name: "2000\($0.offset)", operations: [$0.element]) }
        let error = #expect(throws: PlanningProblems.self) {
            try planner.planHistory(Self.migrations + late, from: Schema(dialect: dialect))
        }
        let problems = error?.problems ?? []
        #expect(problems.map(\.migration) == ["20000", "20002"])
        #expect(problems.first?.message.contains("renames it to 'species'") == true, "\(problems)")
        #expect(problems.last?.message.contains("drops it") == true, "\(problems)")
    }
}
