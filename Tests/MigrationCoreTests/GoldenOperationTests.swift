import DoubleWrite
import MigrationCore
import Testing

/// The plans of the operations on tables, constraints, defaults, indexes and types, as they are read.
@Suite struct GoldenOperationTests {
    private static let before: [MigrationCore.Operation] = [
        .createTable(
            CreateTable(
                table: "owners",
                columns: [
                    ColumnDefinition(
                        name: "id", type: PerDialect(postgres: "bigint", sqlite: "INTEGER"),
                        isNullable: false,
                        isPrimaryKey: true),
                    ColumnDefinition(name: "code", type: "text", isNullable: false, isUnique: true),
                ])),
        .createTable(
            CreateTable(
                table: "animals",
                columns: [
                    ColumnDefinition(
                        name: "id", type: PerDialect(postgres: "bigint", sqlite: "INTEGER"),
                        isNullable: false,
                        isPrimaryKey: true),
                    ColumnDefinition(name: "kind", type: "text", isNullable: false, defaultValue: "'dog'"),
                    ColumnDefinition(name: "age", type: "integer", defaultValue: "0", check: "age >= 0"),
                    ColumnDefinition(name: "chip", type: "text", isUnique: true),
                    ColumnDefinition(
                        name: "owner", type: "bigint", references: ForeignKeyTarget(table: "owners")),
                ], comment: "Who lives here.")),
        .createTable(
            CreateTable(
                table: "visits",
                columns: [
                    ColumnDefinition(name: "animal", type: "integer"),
                    ColumnDefinition(name: "day", type: "date"),
                ])),
        .createIndex(CreateIndex(table: "animals", name: "animals_kind", keys: [.init(.column("kind"))])),
    ]

    static let postgres: [(name: String, operation: MigrationCore.Operation)] = [
        ("set_not_null", .setNotNull(SetNotNull(table: "animals", column: "chip"))),
        ("set_not_null_fill", .setNotNull(SetNotNull(table: "animals", column: "age", fill: "0"))),
        ("drop_not_null", .dropNotNull(DropNotNull(table: "animals", column: "kind"))),
        ("set_default", .setDefault(SetDefault(table: "animals", column: "kind", defaultValue: "'cat'"))),
        ("drop_default", .dropDefault(DropDefault(table: "animals", column: "kind"))),
        ("set_comment", .setComment(SetComment(table: "animals", column: "kind", comment: "What it is."))),
        ("add_check", .addCheck(AddCheck(table: "animals", name: "young", check: "age < 100 -- in years"))),
        (
            "add_foreign_key",
            .addForeignKey(
                AddForeignKey(
                    table: "visits", name: "visited", columns: ["animal"],
                    target: ForeignKeyTarget(table: "animals", columns: ["id"], onDelete: .cascade)))
        ),
        ("add_unique", .addUnique(AddUnique(table: "animals", name: "one_kind", columns: ["kind", "age"]))),
        ("add_primary_key", .addPrimaryKey(AddPrimaryKey(table: "visits", columns: ["animal", "day"]))),
        (
            "drop_constraint_check",
            .dropConstraint(DropConstraint(table: "animals", name: "animals_age_check"))
        ),
        (
            "drop_constraint_unique",
            .dropConstraint(DropConstraint(table: "animals", name: "animals_chip_key"))
        ),
        (
            "drop_constraint_foreign_key",
            .dropConstraint(DropConstraint(table: "animals", name: "animals_owner_fkey"))
        ),
        (
            "rename_constraint",
            .renameConstraint(RenameConstraint(table: "animals", from: "animals_chip_key", to: "chips"))
        ),
        ("create_enum", .createEnum(CreateEnum(name: "mood", values: ["calm", "it's"]))),
        ("add_enum_value", .addEnumValue(AddEnumValue(name: "size", value: "huge", place: .after("large")))),
        ("drop_enum", .dropEnum(DropEnum(name: "size"))),
        ("set_replica_identity", .setReplicaIdentity(SetReplicaIdentity(table: "visits", identity: .full))),
    ]

    static let both: [(name: String, operation: MigrationCore.Operation)] = [
        ("drop_table", .dropTable(DropTable(table: "animals"))),
        ("rename_table", .renameTable(RenameTable(table: "animals", to: "residents"))),
        (
            "replace_index",
            .replaceIndex(
                ReplaceIndex(
                    old: "animals_kind",
                    new: CreateIndex(
                        table: "animals", name: "animals_kind",
                        keys: [.init(.column("kind")), .init(.column("age"))],
                        isUnique: true, condition: nil)))
        ),
    ]

    static func schema(_ dialect: Dialect) throws -> Schema {
        var migration = Migration(name: "0001", operations: before)
        if dialect == .postgres {
            migration.operations.append(.createEnum(CreateEnum(name: "size", values: ["small", "large"])))
        }
        return try Planner(dialect: dialect).schema(after: migration, from: Schema(dialect: dialect))
    }

    static func plans(_ dialect: Dialect) throws -> [Plan] {
        let operations = dialect == .postgres ? postgres + both : both
        let schema = try schema(dialect)
        return try operations.map { name, operation in
            try Planner(dialect: dialect).plan(Migration(name: name, operations: [operation]), schema: schema)
        }
    }

    @Test(arguments: Dialect.allCases)
    func golden(dialect: Dialect) throws {
        for plan in try Self.plans(dialect) {
            try GoldenFile.check(PlanText.render(plan), against: "\(dialect.rawValue)/\(plan.migration).txt")
        }
    }

    @Test(arguments: Dialect.allCases)
    func idsAreUniqueAndEachStepIsTold(dialect: Dialect) throws {
        for plan in try Self.plans(dialect) {
            let steps = plan.steps.flatMap { [$0.step] + $0.step.undo }
            #expect(Set(steps.map(\.id)).count == steps.count, "\(plan.migration)")
            for step in steps {
                #expect(!step.title.isEmpty && !step.title.contains("''"), "\(plan.migration) \(step.id)")
                #expect(
                    step.lock != nil || step.isGate || step.title.contains("type"),
                    "\(plan.migration) \(step.id)")
            }
            #expect(!plan.touches.isEmpty)
        }
    }

    /// What copies or reads all rows under a lock that keeps writers out never stands in a plan.
    @Test func nothingBlocksInPostgreSQL() throws {
        let steps = try Self.plans(.postgres).flatMap { $0.steps.flatMap { [$0.step] + $0.step.undo } }
        #expect(steps.count > 80)
        for step in steps {
            let sql = step.sql(.postgres)
            for statement in sql {
                if statement.contains("INDEX"), statement.hasPrefix("CREATE") || statement.hasPrefix("DROP") {
                    #expect(
                        statement.contains("INDEX CONCURRENTLY") && !step.isAtomic, "\(step.id): \(statement)"
                    )
                }
                if statement.contains("ADD CONSTRAINT") {
                    #expect(
                        statement.hasSuffix(" NOT VALID") || statement.contains(" USING INDEX "),
                        "\(step.id): \(statement)")
                }
                #expect(
                    !statement.contains("CASCADE") || statement.contains("ON DELETE CASCADE"), "\(statement)")
            }
            if sql.contains(where: { $0.contains("VALIDATE") }) { #expect(sql.count == 1, "\(step.id)") }
        }
    }

    /// What makes a write of the release before fail comes behind a release, and rows are counted before.
    @Test func whatRefusesWritesWaits() throws {
        let demands: Set = [
            "set_not_null", "set_not_null_fill", "add_check", "add_foreign_key", "add_unique",
            "add_primary_key",
            "replace_index",
        ]
        for dialect in Dialect.allCases {
            for plan in try Self.plans(dialect) where demands.contains(plan.migration) {
                let kinds = plan.steps.map(\.step.kind)
                let gate = try #require(kinds.firstIndex(of: .release))
                let change = try #require(kinds.firstIndex(of: .schema))
                #expect(gate < change, "\(plan.migration)")
                #expect(kinds[gate..<change].contains(.verify), "\(plan.migration)")
                if plan.migration != "set_not_null_fill" {
                    #expect(kinds.first == .verify, "\(plan.migration)")
                }
            }
        }
    }
}
