import DoubleWrite
import Testing

@testable import MigrationCore

/// Plans of `guard: true` as a reviewer reads them.
@Suite struct GuardPlanTests {
    private static func schema(_ dialect: Dialect) -> Schema {
        let table = Table(
            name: "animals",
            columns: [
                Column(name: "id", type: dialect == .postgres ? "bigint" : "INTEGER", isNullable: false),
                Column(name: "given", type: "text"), Column(name: "family", type: "text"),
                Column(name: "chip", type: "text", isNullable: true, defaultValue: "'7'"),
            ], primaryKey: ["id"])
        return Schema(dialect: dialect, tables: [table])
    }

    private static let merge = MergeColumns(
        table: "animals",
        from: [
            MergedColumn(name: "given", down: "substr(name, 1, 9)"),
            MergedColumn(name: "family", down: "substr(name, 10)"),
        ],
        to: DerivedColumn(definition: ColumnDefinition(name: "name", type: "text"), up: "given || family"),
        isGuarded: true)

    private static let examples: [(String, MigrationCore.Operation)] = [
        (
            "guard_rename_column",
            .renameColumn(RenameColumn(table: "animals", from: "chip", to: "tag", isGuarded: true))
        ),
        ("guard_merge_columns", .mergeColumns(merge)),
        (
            "guard_change_type",
            .changeType(ChangeType(table: "animals", column: "chip", type: "integer", isGuarded: true))
        ),
        (
            "guard_extract_table",
            .extractTable(ExtractTable(table: "animals", column: "given", into: "names", isGuarded: true))
        ),
    ]

    static func plans(_ dialect: Dialect) throws -> [Plan] {
        try examples.map { name, operation in
            try Planner(dialect: dialect).plan(
                Migration(name: name, operations: [operation]), schema: schema(dialect))
        }
    }

    @Test(arguments: Dialect.allCases)
    func golden(dialect: Dialect) throws {
        for plan in try Self.plans(dialect) {
            try GoldenFile.check(PlanText.render(plan), against: "\(dialect.rawValue)/\(plan.migration).txt")
        }
    }

    /// It comes in the transaction of the expand, and goes in the one that takes the old names away.
    @Test(arguments: Dialect.allCases)
    func itStandsAsLongAsTheOldColumns(dialect: Dialect) throws {
        for plan in try Self.plans(dialect) {
            let steps = plan.steps.map(\.step)
            func ids(with word: String) -> [String] {
                steps.filter { $0.sql(dialect).contains { $0.hasPrefix("\(word) TRIGGER") } }.map(\.id)
            }
            #expect(ids(with: "CREATE") == ["1.expand.add-column"], "\(plan.migration)")
            #expect(ids(with: "DROP") == ["1.contract.retire"], "\(plan.migration)")
            let order = steps.map(\.id)
            let quiet = try #require(order.firstIndex(of: "1.contract.quiet"))
            #expect(order[quiet + 1] == "1.contract.retire")
            #expect(!plan.warnings.contains { $0.contains("such a write is lost") })
        }
    }

    /// Names of ours are never cut by the server.
    @Test func longNames() throws {
        let long = String(repeating: "ü", count: 31)
        var schema = Self.schema(.postgres)
        schema.tables[0].name = TableName(long)
        schema.tables[0].columns.append(Column(name: long, type: "text"))
        let rename = RenameColumn(table: TableName(long), from: long, to: long + "x", isGuarded: true)
        let plan = try Planner(dialect: .postgres).plan(
            Migration(name: "m", operations: [.renameColumn(rename)]), schema: schema)
        let sql = plan.steps.flatMap { $0.step.sql(.postgres) }.filter { $0.hasPrefix("CREATE TRIGGER") }
        let names = sql.map { $0.split(separator: "\"")[1].utf8.count }
        #expect(names.count == 2 && names.allSatisfy { $0 <= 63 })
        #expect(Set(sql.map { $0.split(separator: "\"")[1] }).count == 2)
    }
}
