import DoubleWrite
import MigrationCore
import Testing

@testable import MigrationEngine

/// What changes the catalogue alone copies no row: the table stays in its file and its pages, and every row version
/// where it was.
@Suite struct CatalogueOnlyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var dialects = Dialect.allCases
        var operation: MigrationCore.Operation

        var testDescription: String { operation.keyword }
    }

    static let cases: [Case] = [
        Case(
            operation: .addColumn(
                AddColumn(table: "t", column: ColumnDefinition(name: "n", type: "text", isNullable: true)))),
        Case(
            operation: .addColumn(
                AddColumn(
                    table: "t",
                    column: ColumnDefinition(
                        name: "n", type: "text", isNullable: false, defaultValue: "'none'")))),
        Case(operation: .setDefault(SetDefault(table: "t", column: "kind", defaultValue: "'cat'"))),
        Case(operation: .dropDefault(DropDefault(table: "t", column: "age"))),
        Case(operation: .setNotNull(SetNotNull(table: "t", column: "kind"))),
        Case(operation: .dropNotNull(DropNotNull(table: "t", column: "age"))),
        Case(
            dialects: [.postgres],
            operation: .setComment(SetComment(table: "t", column: "kind", comment: "what it is"))),
        Case(operation: .addCheck(AddCheck(table: "t", name: "old", check: "age < 1000"))),
        Case(operation: .dropConstraint(DropConstraint(table: "t", name: "young"))),
        Case(operation: .renameConstraint(RenameConstraint(table: "t", from: "young", to: "grown"))),
        Case(
            operation: .renameColumn(
                RenameColumn(table: "t", from: "kind", to: "species", strategy: .inPlace))),
        Case(
            dialects: [.postgres],
            operation: .dropColumn(DropColumn(table: "t", column: "kind"))),
    ]

    /// Where the table is, and which version of each row.
    private func places(_ scratch: Scratch) throws -> [[SQLValue]] {
        switch scratch.dialect {
        case .postgres:
            let file = try scratch.run("SELECT pg_relation_filenode('t')::bigint").rows
            return try file + scratch.run("SELECT ctid::text, xmin::text FROM t ORDER BY ctid").rows
        case .sqlite:
            return try scratch.run("SELECT name, rootpage FROM sqlite_schema WHERE name = 't'").rows
        }
    }

    @Test(arguments: cases)
    func noRowIsCopied(example: Case) throws {
        for dialect in example.dialects {
            let scratch = try Scratch(dialect)
            let key = dialect == .postgres ? "bigint" : "INTEGER"
            try scratch.run(
                "CREATE TABLE t (id \(key) PRIMARY KEY, kind text, age integer NOT NULL DEFAULT 1, "
                    + "CONSTRAINT young CHECK (age > 0))")
            for id in 1...50 { try scratch.run("INSERT INTO t VALUES (\(id), 'dog', \(id))") }
            let before = try places(scratch)
            let source = try MigrationSource("0002_change", example.operation)
            let plan = try #require(try scratch.engine().plans([source]).first)
            #expect(plan.steps.allSatisfy { !$0.step.rewrites }, "\(dialect)")
            let report = try scratch.engine(.alone).apply([source], through: .contract)
            #expect(report.migrations.map(\.outcome) == [.finished], "\(dialect)")
            #expect(try places(scratch) == before, "\(dialect)")
        }
    }
}
