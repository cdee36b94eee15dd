import DoubleWrite
import MigrationCore
import Testing

@Test(arguments: Dialect.allCases)
func plansARename(dialect: Dialect) throws {
    let create = Migration(
        name: "0001_animals",
        operations: [
            .createTable(
                CreateTable(
                    table: "animals",
                    columns: [
                        ColumnDefinition(
                            name: "id", type: PerDialect(postgres: "bigint", sqlite: "INTEGER"),
                            isNullable: false,
                            isPrimaryKey: true),
                        ColumnDefinition(
                            name: "kind", type: "text", isNullable: false, defaultValue: "'dog'"),
                    ]))
        ])
    let rename = Migration(
        name: "0002_species",
        operations: [.renameColumn(RenameColumn(table: "animals", from: "kind", to: "species"))])
    let plans = try Planner(dialect: dialect).planHistory([create, rename], from: Schema(dialect: dialect))
    for plan in plans {
        try GoldenFile.check(PlanText.render(plan), against: "\(dialect.rawValue)/\(plan.migration).txt")
    }
}
