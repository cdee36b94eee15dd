import DoubleWrite
import MigrationCore
import Testing

/// Several migrations: what they leave behind, and which are in each other's way.
@Suite struct HistoryTests {
    @Test(arguments: Dialect.allCases)
    func conflictsNameBothAndTheColumn(dialect: Dialect) throws {
        let planner = Planner(dialect: dialect)
        let schema = Schema.animals(dialect)
        func plan(_ name: String, _ operation: Operation) throws -> Plan {
            try planner.plan(Migration(name: name, operations: [operation]), schema: schema)
        }
        let rename = try plan("1_rename", renameKind)
        let drop = try plan("2_drop", dropKind)
        let index = try plan(
            "3_index",
            .createIndex(
                CreateIndex(
                    table: "animals", name: "i", keys: [.init(.column("age")), .init(.column("kind"))])))
        let age = try plan("4_age", .dropColumn(DropColumn(table: "animals", column: "age")))
        let conflicts = Planner.conflicts(among: [rename, drop, index, age])
        #expect(
            conflicts.map { "\($0.first) \($0.second) \($0.touched)" } == [
                "1_rename 2_drop column 'kind' of 'animals'", "1_rename 3_index column 'kind' of 'animals'",
                "2_drop 3_index column 'kind' of 'animals'",
            ])
        #expect(Planner.conflicts(among: [index, rename]) == [])
        #expect(Planner.conflicts(among: [rename, age]) == [])
        #expect(
            conflicts[0].description.contains("'1_rename'") && conflicts[0].description.contains("'2_drop'"))
    }

    /// What the database itself keeps in step has no stages, so its change's name is not used up, offline as in the
    /// database; neither is that of a change in place.
    @Test(arguments: Dialect.allCases)
    func namesOfChangesWithoutStagesAreFree(dialect: Dialect) throws {
        func rename(_ from: String, _ to: String, _ sync: Sync) -> Migration {
            Migration(
                name: "\(from)_\(to)",
                operations: [
                    .renameColumn(
                        RenameColumn(table: "animals", from: from, to: to, sync: sync, change: "animals.sort")
                    )
                ])
        }
        let planner = Planner(dialect: dialect)
        let schema = Schema.animals(dialect)
        let triggers = [rename("kind", "species", .trigger), rename("species", "sort", .trigger)]
        #expect(try planner.planHistory(triggers, from: schema).count == 2)
        let last = triggers + [rename("sort", "class", .doubleWrite)]
        #expect(try planner.planHistory(last, from: schema).count == 3)
        #expect(throws: PlanningProblems.self) {
            try planner.planHistory(last + [rename("class", "kind", .doubleWrite)], from: schema)
        }
    }

    @Test(arguments: Dialect.allCases)
    func columnsThatShareAnIndexConflict(dialect: Dialect) throws {
        let schema = Schema.animals(dialect) {
            $0.indexes = [
                Index(name: "both", definition: SQLTemplate("({kind}, {age})"), columns: ["kind", "age"])
            ]
        }
        let planner = Planner(dialect: dialect)
        let years = Operation.renameColumn(
            RenameColumn(table: TableName(schema: dialect.defaultSchema, "animals"), from: "age", to: "years")
        )
        let plans = try [renameKind, years].enumerated().map {
            try planner.plan(Migration(name: "\($0.offset)", operations: [$0.element]), schema: schema)
        }
        #expect(Planner.conflicts(among: plans).count == 1)
        let refused = Migration(name: "m", operations: [renameKind, years])
        #expect(throws: PlanningProblems.self) { try planner.plan(refused, schema: schema) }
    }

    @Test(arguments: Dialect.allCases)
    func oneFileDoesNotWaitForItself(dialect: Dialect) throws {
        let planner = Planner(dialect: dialect)
        let again = Operation.renameColumn(RenameColumn(table: "animals", from: "species", to: "family"))
        let error = #expect(throws: PlanningProblems.self) {
            try planner.plan(
                Migration(name: "m", operations: [renameKind, again]), schema: .animals(dialect))
        }
        #expect(error?.problems.map(\.path) == ["operations[1].rename_column"])
        let create = Operation.createTable(
            CreateTable(table: "toys", columns: [ColumnDefinition(name: "name", type: "text")]))
        let index = Operation.createIndex(
            CreateIndex(table: "toys", name: "names", keys: [.init(.column("name"))]))
        _ = try planner.plan(Migration(name: "m", operations: [create, index]), schema: .animals(dialect))
    }

    @Test(arguments: Dialect.allCases)
    func aColumnThatAnEarlierMigrationTookAway(dialect: Dialect) throws {
        let migrations = [
            Migration(name: "1", operations: [renameKind]),
            Migration(
                name: "2",
                operations: [.renameColumn(RenameColumn(table: "animals", from: "kind", to: "breed"))]),
        ]
        let error = #expect(throws: PlanningProblems.self) {
            try Planner(dialect: dialect).planHistory(migrations, from: .animals(dialect))
        }
        #expect(error?.problems.map(\.migration) == ["2"])
        #expect(error?.description.contains("'1' renames it to 'species'") ?? false)
    }

    @Test(arguments: Dialect.allCases)
    func theSchemaFollows(dialect: Dialect) throws {
        let planner = Planner(dialect: dialect)
        var schema = Schema(dialect: dialect)
        var migrations = GoldenPlanTests.migrations
        if dialect == .sqlite { migrations[8].operations.removeFirst() }
        for migration in migrations { schema = try planner.schema(after: migration, from: schema) }
        let table = try #require(schema["animals"])
        let names = Set(table.columns.map(\.name))
        let weight = dialect == .postgres ? "mass" : "weight"
        #expect(names == ["id", "age", "mother", "tag", "twin", "family", weight])
        #expect(table.primaryKey == ["id"])
        let copied = "animals_kind_idx"
        #expect(Set(table.indexes.map(\.name)).contains(copied))
        #expect(table.indexes.first { $0.name == copied }?.definition.columns == ["family", "age"])
        #expect(table.uniqueConstraints.contains { $0.columns == ["tag"] })
        #expect(table.checks.contains { $0.columns == [weight] })
        #expect(table.foreignKeys.map(\.columns) == [["mother"], ["twin"]])
        // A name in the dialect's default schema is the same with that schema.
        #expect(schema[TableName(schema: dialect.defaultSchema, "animals")] != nil)
    }

    @Test func theNextExpandHasTheNextNumber() throws {
        let change = ChangeID("animals.species")
        for (before, marker) in [(0, "animals.species@1"), (1, "animals.species@2")] {
            let plan = try Planner(dialect: .postgres).plan(
                Migration(renameKind), schema: .animals(.postgres), generations: [change: before])
            let sql = plan.steps.flatMap { $0.step.sql(.postgres) }
            #expect(sql.contains("CREATE TYPE \"bellows\".\"\(marker)\" AS ()"))
        }
    }

    @Test func aPlanSurvivesStorage() throws {
        let planner = Planner(dialect: .postgres)
        let plan = try planner.plan(Migration(renameKind), schema: GoldenPlanTests.everything)
        #expect(try planOverJSON(plan) == plan)
    }
}
