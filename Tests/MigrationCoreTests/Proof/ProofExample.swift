import DoubleWrite
import Testing

@testable import MigrationCore

/// A plan whose text stands in `fixtures/plans`, with what it was made of.
struct ProofExample: CustomTestStringConvertible, Sendable {
    var plan: Plan
    var migration: Migration
    var schema: Schema

    var testDescription: String { "\(migration.name) (\(plan.dialect.rawValue))" }

    init(_ migration: Migration, _ schema: Schema) throws {
        // What only a database can say is no part of the proof.
        plan = try MigrationDraft(migration, dialect: schema.dialect, schema: schema).plan(isPreview: true)
        self.migration = migration
        self.schema = schema
    }

    /// A column of a table with two, renamed.
    static func renaming(
        _ from: String, _ to: String, in table: TableName, _ dialect: Dialect
    ) throws -> ProofExample {
        let schema = Schema(
            dialect: dialect,
            tables: [
                Table(
                    name: table,
                    columns: [
                        Column(name: "id", type: "integer", isNullable: false),
                        Column(name: from, type: "text", isNullable: dialect == .sqlite),
                    ], primaryKey: ["id"])
            ])
        let rename = RenameColumn(table: table, from: from, to: to)
        return try ProofExample(Migration(name: "m", operations: [.renameColumn(rename)]), schema)
    }

    /// The proof of its plan, or of another one for the same migration.
    func proof(of plan: Plan? = nil, _ premises: Premises = Premises()) -> PlanProof {
        PlanProver(plan ?? self.plan, of: migration, from: schema, premises: premises).prove()
    }

    /// Whether a plan has any fault.
    func isFaulty(_ plan: Plan) -> Bool {
        var prover = PlanProver(plan, of: migration, from: schema)
        prover.stopsAtFault = true
        return !prover.prove().holds
    }

    /// All of them.
    static func all(_ dialect: Dialect) throws -> [ProofExample] {
        try history(dialect) + operations(dialect) + shapes(dialect) + TextExamples.all(dialect)
    }

    /// One of them, by its name.
    static func named(_ name: String, _ dialect: Dialect) throws -> ProofExample {
        try #require(all(dialect).first { $0.migration.name == name })
    }

    private static func history(_ dialect: Dialect) throws -> [ProofExample] {
        var migrations = GoldenPlanTests.migrations
        // SQLite cannot take a CHECK from a column.
        if dialect == .sqlite { migrations[8].operations.removeFirst() }
        var schema = Schema(dialect: dialect)
        return try migrations.map { migration in
            let example = try ProofExample(migration, schema)
            schema = try Planner(dialect: dialect).schema(after: migration, from: schema)
            return example
        }
    }

    private static func operations(_ dialect: Dialect) throws -> [ProofExample] {
        let schema = try GoldenOperationTests.schema(dialect)
        let both = try GoldenOperationTests.both.map { name, operation in
            try ProofExample(Migration(name: name, operations: [operation]), schema)
        }
        let others = GoldenOperationTests.postgres.map {
            (Migration(name: $0.name, operations: [$0.operation]), $0)
        }
        // SQLite has not all of them.
        if dialect == .sqlite { return both + others.compactMap { try? ProofExample($0.0, schema) } }
        return try both + others.map { try ProofExample($0.0, schema) }
    }

    private static func shapes(_ dialect: Dialect) throws -> [ProofExample] {
        var examples = try ShapePlanTests.operations.map { name, operation in
            try ProofExample(Migration(name: name, operations: [operation]), .animals(dialect))
        }
        examples += try SyncPlanningTests.examples.map { name, operation in
            try ProofExample(
                Migration(name: name, operations: [operation]), SyncPlanningTests.schema(dialect))
        }
        examples.append(
            try ProofExample(
                Migration(name: "move_column", operations: [.moveColumn(MoveColumnRefusalTests.move)]),
                MoveColumnRefusalTests.schema(dialect)))
        examples.append(
            try ProofExample(
                Migration(
                    name: "extract_table", operations: [.extractTable(ExtractTableRefusalTests.extract)]),
                ExtractTableRefusalTests.schema(dialect)))
        examples.append(
            try ProofExample(
                Migration(name: "sql_declared", operations: RawSQLTests.declared), .animals(dialect)))
        guard dialect == .postgres else { return examples }
        examples.append(
            try ProofExample(
                Migration(name: "everything", operations: [renameKind]), GoldenPlanTests.everything))
        examples.append(try ProofExample(ShapePlanTests.keys.migration, ShapePlanTests.keys.schema))
        return examples
    }
}
