import DoubleWrite
import MigrationCore
import Testing

/// Plans as they are read, for every operation and both dialects.
@Suite struct GoldenPlanTests {
    static let create = CreateTable(
        table: "animals",
        columns: [
            ColumnDefinition(
                name: "id", type: PerDialect(postgres: "bigint", sqlite: "INTEGER"), isNullable: false,
                isPrimaryKey: true),
            ColumnDefinition(
                name: "kind", type: "text", isNullable: false, defaultValue: "'dog'", comment: "What it is."),
            ColumnDefinition(name: "chip", type: "text", isUnique: true),
            ColumnDefinition(name: "age", type: "integer", check: "age >= 0 -- in years"),
            ColumnDefinition(name: "mother", type: "bigint", references: ForeignKeyTarget(table: "animals")),
            ColumnDefinition(
                name: "seen", type: PerDialect(postgres: "timestamptz", sqlite: "text"),
                defaultValue: PerDialect(postgres: "now()", sqlite: "CURRENT_TIMESTAMP")),
        ], comment: "Who lives here.")

    static let migrations: [Migration] = [
        Migration(name: "01_create_table", operations: [.createTable(create)]),
        Migration(
            name: "02_add_column",
            operations: [
                .addColumn(
                    AddColumn(
                        table: "animals",
                        column: ColumnDefinition(
                            name: "weight", type: "integer", isNullable: false, defaultValue: "0",
                            check: "weight >= 0",
                            comment: "In grams."))),
                .addColumn(
                    AddColumn(
                        table: "animals",
                        column: ColumnDefinition(
                            name: "twin", type: "bigint", isUnique: true,
                            references: ForeignKeyTarget(
                                table: "animals", columns: ["id"], onDelete: .setNull)))),
            ]),
        Migration(
            name: "03_create_index",
            operations: [
                .createIndex(
                    CreateIndex(
                        table: "animals", name: "animals_kind_idx",
                        keys: [.init(.column("kind")), .init(.column("age"), isDescending: true)])),
                .createIndex(
                    CreateIndex(
                        table: "animals", name: "heavy", keys: [.init(.expression("lower(chip)"))],
                        isUnique: true,
                        condition: "weight > 1000")),
            ]),
        Migration(
            name: "04_rename_column", description: "Animals have a species, not a kind.",
            operations: [renameKind]),
        Migration(
            name: "05_rename_column_in_place",
            operations: [
                .renameColumn(RenameColumn(table: "animals", from: "chip", to: "tag", strategy: .inPlace))
            ]),
        Migration(
            name: "06_drop_index", operations: [.dropIndex(DropIndex(table: "animals", name: "heavy"))]),
        Migration(
            name: "07_drop_column", operations: [.dropColumn(DropColumn(table: "animals", column: "seen"))]),
        Migration(
            name: "08_sql",
            operations: [
                .sql(
                    RawSQL(
                        expand: ["CREATE VIEW old AS SELECT id FROM animals WHERE age > 10"],
                        contract: [PerDialect(postgres: "ANALYZE animals", sqlite: nil)],
                        undo: ["DROP VIEW old"]))
            ]),
        Migration(
            name: "09_several",
            operations: [
                .renameColumn(RenameColumn(table: "animals", from: "weight", to: "mass")),
                .renameColumn(RenameColumn(table: "animals", from: "species", to: "family")),
            ]),
    ]

    @Test(arguments: Dialect.allCases)
    func history(dialect: Dialect) throws {
        var migrations = Self.migrations
        if dialect == .sqlite {
            // SQLite cannot take a CHECK from a column.
            migrations[8].operations.removeFirst()
        }
        let plans = try Planner(dialect: dialect).planHistory(migrations, from: Schema(dialect: dialect))
        for plan in plans {
            try GoldenFile.check(PlanText.render(plan), against: "\(dialect.rawValue)/\(plan.migration).txt")
        }
    }

    @Test func everythingOnOneColumn() throws {
        let plan = try Planner(dialect: .postgres).plan(
            Migration(name: "everything", operations: [renameKind]), schema: Self.everything,
            generations: [ChangeID("animals.species"): 2])
        try GoldenFile.check(PlanText.render(plan), against: "postgres/everything.txt")
    }

    /// A PostgreSQL table whose column `kind` has everything that can be carried over.
    static let everything: Schema = {
        let owners = Table(
            name: "owners", columns: [Column(name: "id", type: "integer", isNullable: false)],
            primaryKey: ["id"])
        let animals = Table.animals { table in
            table.changeKind { column in
                column.type = "citext"
                column.isNullable = false
                column.defaultValue = "nextval('animals_kind_seq'::regclass)"
                column.isDefaultVolatile = true
                column.collation = "\"C\""
                column.hasExactEquality = false
                column.ownedSequence = "\"public\".\"animals_kind_seq\""
                column.comment = "What it's."
                column.grants = [ColumnGrant(privilege: "SELECT", grantee: "reader", isGrantable: true)]
            }
            table.indexes = [
                Index(
                    name: "animals_kind_idx", definition: SQLTemplate("USING btree ({kind} DESC)"),
                    columns: ["kind"],
                    comment: "by kind"),
                Index(
                    name: "one", isUnique: true,
                    definition: SQLTemplate("USING btree (lower({kind})) WHERE {age} > 0"),
                    columns: ["kind", "age"], isSimple: false),
            ]
            table.uniqueConstraints = [
                UniqueConstraint(
                    name: "pair", columns: ["kind", "age"],
                    attributes: "NULLS NOT DISTINCT DEFERRABLE INITIALLY DEFERRED")
            ]
            table.checks = [
                CheckConstraint(
                    name: "kinds", definition: SQLTemplate("CHECK ({kind} <> 'kind')"), columns: ["kind"])
            ]
            table.foreignKeys = [
                ForeignKey(
                    name: "owned", columns: ["kind"],
                    target: ForeignKeyTarget(
                        table: "owners", columns: ["id"], onDelete: .cascade, onUpdate: .cascade)),
                ForeignKey(name: "known", columns: ["kind"], target: ForeignKeyTarget(table: "owners")),
            ]
            table.dependents = [
                Dependent(kind: .trigger, name: "public.animals.touch", columns: []),
                Dependent(kind: .function, name: "public.kinds", columns: ["kind"]),
            ]
        }
        return Schema(dialect: .postgres, tables: [owners, animals])
    }()

    @Test func samePlanEveryTime() throws {
        let migration = Migration(name: "everything", operations: [renameKind])
        let plans = try (0..<20).map { _ in
            try Planner(dialect: .postgres).plan(migration, schema: Self.everything)
        }
        #expect(Set(plans).count == 1)
    }

    @Test func idsAreUnique() throws {
        for dialect in Dialect.allCases {
            var migrations = Self.migrations
            if dialect == .sqlite { migrations.removeLast() }
            for plan in try Planner(dialect: dialect).planHistory(migrations, from: Schema(dialect: dialect))
            {
                let ids = plan.steps.flatMap { [$0.step.id] + $0.step.undo.map(\.id) }
                #expect(Set(ids).count == ids.count, "\(plan.migration)")
                #expect(
                    plan.steps.allSatisfy {
                        $0.step.undo.allSatisfy { $0.undo.isEmpty && $0.id.hasPrefix("undo.") }
                    })
            }
        }
    }

    @Test func nothingBlocksInPostgreSQL() throws {
        let planner = Planner(dialect: .postgres)
        var plans = try planner.planHistory(Self.migrations, from: Schema(dialect: .postgres))
        plans.append(try planner.plan(Migration(renameKind), schema: Self.everything))
        let steps = plans.flatMap { $0.steps.flatMap { [$0.step] + $0.step.undo } }
        #expect(steps.count > 60)
        for step in steps
        where !step.title.hasPrefix("create the table") && !step.title.contains("of the file") {
            for sql in step.sql(.postgres) { checkUnblocking(sql, of: step) }
            validatesAlone(step)
        }
    }

    private func checkUnblocking(_ sql: String, of step: Step) {
        if sql.contains("CREATE INDEX") || sql.contains("CREATE UNIQUE INDEX") {
            #expect(sql.contains("INDEX CONCURRENTLY"), "\(step.id): \(sql)")
            #expect(step.kind == .schema && !step.isAtomic, "\(step.id): in a transaction: \(sql)")
        }
        if sql.contains("ADD CONSTRAINT"), !sql.hasPrefix("--") {
            #expect(sql.hasSuffix(" NOT VALID") || sql.contains(" USING INDEX "), "\(step.id): \(sql)")
        }
        #expect(!sql.contains("SET DATA TYPE"), "\(step.id): \(sql)")
        let isAddition = sql.contains("ADD COLUMN")
        #expect(!isAddition || !sql.contains("REFERENCES") && !sql.contains("UNIQUE"), "\(step.id): \(sql)")
    }

    /// A validation in the transaction of its ADD would hold that one's lock while it reads the rows.
    private func validatesAlone(_ step: Step) {
        let sql = step.sql(.postgres)
        if sql.contains(where: { $0.contains("VALIDATE CONSTRAINT") }) {
            #expect(sql.count == 1, "\(step.id)")
            #expect(step.scans && step.lock?.mode == "SHARE UPDATE EXCLUSIVE", "\(step.id)")
        }
    }
}
