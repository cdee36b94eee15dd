import DoubleWrite
import Testing

@testable import MigrationCore

/// Plans of `sync: trigger` as a reviewer reads them, and what they refuse.
@Suite struct SyncPlanningTests {
    static func schema(_ dialect: Dialect, _ change: (inout Table) -> Void = { _ in }) -> Schema {
        var table = Table(
            name: "animals",
            columns: [
                Column(name: "id", type: dialect == .postgres ? "bigint" : "INTEGER", isNullable: false),
                Column(name: "name", type: "text"),
                Column(name: "chip", type: "text", isNullable: true, defaultValue: "'7'"),
            ], primaryKey: ["id"])
        change(&table)
        return Schema(dialect: dialect, tables: [table])
    }

    private static let split = SplitColumn(
        table: "animals", from: "name",
        to: [
            DerivedColumn(
                definition: ColumnDefinition(name: "given", type: "text"),
                up: PerDialect(
                    postgres: "split_part(name, ' ', 1)",
                    sqlite: "substr(name, 1, instr(name || ' ', ' ') - 1)")),
            DerivedColumn(
                definition: ColumnDefinition(name: "family", type: "text"),
                up: PerDialect(
                    postgres: "nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')",
                    sqlite: "nullif(substr(name, instr(name || ' ', ' ') + 1), '')")),
        ],
        down: "given || coalesce(' ' || family, '')", sync: .trigger)

    static let examples: [(String, MigrationCore.Operation)] = [
        (
            "sync_rename_column",
            .renameColumn(RenameColumn(table: "animals", from: "name", to: "title", sync: .trigger))
        ),
        ("sync_split_column", .splitColumn(split)),
        (
            "sync_change_type",
            .changeType(ChangeType(table: "animals", column: "chip", type: "integer", sync: .trigger))
        ),
    ]

    @Test(arguments: Dialect.allCases)
    func plans(dialect: Dialect) throws {
        for (name, operation) in Self.examples {
            let plan = try Planner(dialect: dialect).plan(
                Migration(name: name, operations: [operation]), schema: Self.schema(dialect))
            try GoldenFile.check(PlanText.render(plan), against: "\(dialect.rawValue)/\(name).txt")
        }
    }

    /// What the triggers do for every writer, no guard can do better.
    @Test(arguments: Dialect.allCases)
    func aGuardHasNothingToDo(dialect: Dialect) throws {
        let operation = RenameColumn(
            table: "animals", from: "name", to: "title", sync: .trigger, isGuarded: true)
        let found = #expect(throws: PlanningProblems.self) {
            try Planner(dialect: dialect).plan(
                Migration(name: "m", operations: [.renameColumn(operation)]), schema: Self.schema(dialect))
        }
        #expect(found?.problems.map(\.path) == ["operations[0].rename_column.guard"])
    }

    /// No helper, no stage, and no attestation of a helper.
    @Test(arguments: Dialect.allCases)
    func theHelperHasNoPart(dialect: Dialect) throws {
        for (name, operation) in Self.examples {
            let plan = try Planner(dialect: dialect).plan(
                Migration(name: name, operations: [operation]), schema: Self.schema(dialect))
            #expect(
                plan.steps.allSatisfy { $0.step.flip == nil && $0.step.undo.allSatisfy { $0.flip == nil } })
            #expect(!plan.phases.contains { $0.phase == .doubleWrite })
            for (_, step) in plan.steps {
                guard case .release(let release) = step.action else { continue }
                #expect(!release.acceptsHelper)
            }
        }
    }

    private func problem(_ operation: MigrationCore.Operation, _ schema: Schema) -> String {
        do {
            _ = try Planner(dialect: schema.dialect).plan(
                Migration(name: "m", operations: [operation]), schema: schema)
            return "planned"
        } catch {
            return error.problems.map { "\($0.path ?? ""): \($0.message)" }.joined(separator: "\n")
        }
    }

    @Test(arguments: Dialect.allCases)
    func anotherMeaningUnderOneName(dialect: Dialect) {
        var change = ChangeColumn(
            table: "animals", from: "chip", to: "chip", type: "integer", defaultValue: "700",
            up: "CAST(chip AS integer) * 100",
            down: "CAST(chip / 100 AS text)", sync: .trigger)
        let found = problem(.changeColumn(change), Self.schema(dialect))
        #expect(
            found.hasPrefix("operations[0].change_column.sync: the old 'chip' keeps its name"), "\(found)")
        #expect(found.contains("give the column another name (to)"))
        change.to = "cents"
        #expect(problem(.changeColumn(change), Self.schema(dialect)) == "planned")
    }

    @Test func sqliteRefusesAUniqueIndexOverADefault() {
        func schema(_ columns: Set<String>) -> Schema {
            Self.schema(.sqlite) { table in
                table.columns[1].defaultValue = "'x'"
                table.indexes = [
                    Index(
                        name: "one", isUnique: true,
                        definition: SQLTemplate(
                            "(" + columns.sorted().map { "{\($0)}" }.joined(separator: ", ") + ")"),
                        columns: columns)
                ]
            }
        }
        let rename = MigrationCore.Operation.renameColumn(
            RenameColumn(table: "animals", from: "name", to: "title", sync: .trigger))
        let found = problem(rename, schema(["name"]))
        #expect(found.contains("the unique index 'one' would refuse the second such row"), "\(found)")
        #expect(problem(rename, schema(["name", "id"])) == "planned")
    }

    @Test(arguments: Dialect.allCases)
    func whatIdentifiesRowsStays(dialect: Dialect) {
        let change = ChangeType(table: "animals", column: "id", type: "text", sync: .trigger)
        let found = problem(.changeType(change), Self.schema(dialect))
        #expect(found.contains("sync: 'id' identifies the rows of 'animals'"), "\(found)")
        #expect(found.contains("use sync: double_write"))
    }

    @Test func sqliteRefusesRowsThatNothingAddresses() {
        let schema = Self.schema(.sqlite) { table in
            table.columns[0].type = "text"
            table.columns += ["rowid", "oid", "_rowid_"].map { Column(name: $0, type: "text") }
        }
        let found = problem(
            .renameColumn(RenameColumn(table: "animals", from: "name", to: "title", sync: .trigger)), schema)
        #expect(found.contains("hide the rows' addresses"), "\(found)")
    }

    /// A trigger that sorts behind ours changes what ours has agreed upon.
    @Test func triggersBehindOursAreNamed() throws {
        func warnings(_ trigger: String) throws -> [String] {
            let schema = Self.schema(.postgres) { table in
                table.dependents = [
                    Dependent(kind: .trigger, name: "public.animals.\(trigger)", columns: ["id"])
                ]
            }
            return try Planner(dialect: .postgres).plan(
                Migration(
                    name: "m",
                    operations: [
                        .renameColumn(
                            RenameColumn(table: "animals", from: "name", to: "title", sync: .trigger))
                    ]),
                schema: schema
            ).warnings
        }
        #expect(
            try warnings("émigré").contains {
                $0.contains("fires behind the one that keeps the shapes in step")
            })
        #expect(try !warnings("zz").contains { $0.contains("fires behind") })
    }
}
