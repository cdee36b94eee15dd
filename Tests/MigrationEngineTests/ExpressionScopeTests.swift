import DoubleWrite
import MigrationCore
import Testing

@testable import MigrationEngine

/// A user's SQL is put in scope and never edited: a table whose columns' names are parts of one another and of SQL, and
/// every operation that takes an expression, with one that names them.
@Suite struct ExpressionScopeTests {
    private static let table: TableName = "paid;--"
    private static let name = "\"id;--\""

    private static func split(_ sync: Sync) -> MigrationCore.Operation {
        .splitColumn(
            SplitColumn(
                table: table, from: "id;--",
                to: [
                    DerivedColumn(
                        definition: ColumnDefinition(name: "id", type: "integer"),
                        up: PerDialect("\(name) / 10 -- paid")),
                    DerivedColumn(
                        definition: ColumnDefinition(name: "id;", type: "integer"),
                        up: PerDialect("\(name) % 10 /* id */")),
                ],
                down: "id * 10 + \"id;\" -- \"id;--\"", sync: sync))
    }

    /// In this order, each on what those before have left.
    private static func operations(_ sync: Sync) -> [MigrationCore.Operation] {
        [
            .setNotNull(
                SetNotNull(table: table, column: "paid", fill: PerDialect("key + \(name) -- paid, id"))),
            .addCheck(
                AddCheck(
                    table: table, name: "paid", check: PerDialect("paid <> \(name) OR 'id;--' = 'paid' -- id")
                )),
            .createIndex(
                CreateIndex(
                    table: table, name: "id",
                    keys: [.init(.expression(PerDialect("(paid + \(name)) -- id")))],
                    condition: PerDialect("\(name) > 0 -- paid"))),
            .dropIndex(DropIndex(table: table, name: "id")),
            .dropConstraint(DropConstraint(table: table, name: "paid")),
            .dropNotNull(DropNotNull(table: table, column: "paid")), split(sync),
            .mergeColumns(
                MergeColumns(
                    table: table,
                    from: [
                        MergedColumn(
                            name: "id", down: "CAST(substr(\"id;--\", 3, 4) AS integer) - 1000 -- id"),
                        MergedColumn(name: "id;", down: "CAST(substr(\"id;--\", 8) AS integer) -- paid"),
                    ],
                    to: DerivedColumn(
                        definition: ColumnDefinition(name: "id;--", type: "text"),
                        up: PerDialect(
                            "'id' || CAST(1000 + id AS text) || ';' || CAST(\"id;\" AS text) -- 'id;--'")),
                    sync: sync, change: "together")),
            .changeColumn(
                ChangeColumn(
                    table: table, from: "paid", to: "\"paid\"", type: "text",
                    up: "'paid: ' || CAST(paid AS text) -- id",
                    down: "CAST(substr(\"\"\"paid\"\"\", 7) AS integer)",
                    sync: sync)),
        ]
    }

    @Test(arguments: Dialect.allCases, Sync.allCases)
    func everyOperation(dialect: Dialect, sync: Sync) throws {
        let scratch = try Scratch(dialect)
        let table = dialect.quote(Self.table)
        try scratch.run("CREATE TABLE \(table) (key integer PRIMARY KEY, paid integer, \(Self.name) integer)")
        try scratch.run("INSERT INTO \(table) VALUES (1, 7, 42), (2, NULL, 30)")
        var sources: [MigrationSource] = []
        for (number, operation) in Self.operations(sync).enumerated() {
            sources.append(try MigrationSource("000\(number)_\(operation.keyword)", operation))
            let report = try scratch.engine(.alone).apply(sources, through: .contract)
            #expect(
                report.migrations.allSatisfy { $0.outcome == .finished }, "\(operation.keyword): \(report)")
        }
        let rows = try scratch.run("SELECT key, \"id;--\", \"\"\"paid\"\"\" FROM \(table) ORDER BY key").rows
        #expect(rows == [[1, "id1004;2", "paid: 7"], [2, "id1003;0", "paid: 32"]])
    }
}
