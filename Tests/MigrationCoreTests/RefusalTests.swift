import DoubleWrite
import MigrationCore
import Testing

/// What is refused before anything runs, and what the message says.
@Suite struct RefusalTests {
    /// One cause, the dialects in which it is refused, and words of the message.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var dialects: [Dialect]
        var operation: Operation = renameKind
        var words: [String]
        var offersInPlace = true
        var change: @Sendable (inout Table) -> Void = { _ in }

        var testDescription: String { name }
    }

    private static let toOwners = ForeignKeyTarget(table: "owners", columns: ["id"])

    static let copies: [Case] = [
        Case(name: "primary key", dialects: Dialect.allCases, words: ["primary key"]) {
            $0.primaryKey = ["kind"]
        },
        Case(name: "referenced by another table", dialects: Dialect.allCases, words: ["referenced", "toys"]) {
            $0.dependents = [Dependent(kind: .foreignKey, name: "toys.kind_fkey", columns: ["kind"])]
        },
        Case(name: "identity", dialects: [.postgres], words: ["identity"]) {
            $0.changeKind { $0.identity = "ALWAYS" }
        },
        Case(name: "generated", dialects: Dialect.allCases, words: ["generated column"]) {
            $0.changeKind { $0.generated = "age + 1" }
        },
        Case(name: "view", dialects: Dialect.allCases, words: ["view 'public.dogs'"]) {
            $0.dependents = [Dependent(kind: .view, name: "public.dogs", columns: ["kind"])]
        },
        Case(name: "view that may use any column", dialects: Dialect.allCases, words: ["view 'public.all'"]) {
            $0.dependents = [Dependent(kind: .view, name: "public.all", columns: [])]
        },
        Case(name: "materialized view", dialects: [.postgres], words: ["materialized view 'm'"]) {
            $0.dependents = [Dependent(kind: .materializedView, name: "m", columns: ["kind"])]
        },
        Case(name: "rule", dialects: [.postgres], words: ["rule 'r'"]) {
            $0.dependents = [Dependent(kind: .rule, name: "r", columns: ["kind"])]
        },
        Case(name: "policy", dialects: [.postgres], words: ["policy 'p'"]) {
            $0.dependents = [Dependent(kind: .policy, name: "p", columns: ["kind"])]
        },
        Case(name: "trigger", dialects: Dialect.allCases, words: ["trigger 't'"]) {
            $0.dependents = [Dependent(kind: .trigger, name: "t", columns: ["kind"])]
        },
        Case(name: "generated column of it", dialects: Dialect.allCases, words: ["generated column 'g'"]) {
            $0.dependents = [Dependent(kind: .generatedColumn, name: "g", columns: ["kind"])]
        },
        Case(name: "statistics", dialects: [.postgres], words: ["statistics 's'"]) {
            $0.dependents = [Dependent(kind: .statistics, name: "s", columns: ["kind", "age"])]
        },
        Case(name: "exclusion constraint", dialects: [.postgres], words: ["exclusion constraint 'x'"]) {
            $0.dependents = [Dependent(kind: .exclusion, name: "x", columns: ["kind"])]
        },
        Case(name: "replica identity", dialects: [.postgres], words: ["replica identity 'i'"]) {
            $0.dependents = [Dependent(kind: .replicaIdentity, name: "i", columns: ["kind"])]
        },
        Case(
            name: "partition", dialects: [.postgres],
            words: ["change the column of the table it is a part of"],
            offersInPlace: false
        ) {
            $0.kind = .partition
        },
        Case(
            name: "partition key", dialects: [.postgres],
            words: [
                "'kind' is in the partition key of 'animals'",
                "make a table that is partitioned by the new column",
            ]
        ) {
            $0.kind = .partitioned
            $0.dependents = [Dependent(kind: .partitionKey, name: "animals", columns: ["kind"])]
        },
        Case(
            name: "unique in partitions", dialects: [.postgres],
            words: [
                "the UNIQUE constraint 'u'",
                "PostgreSQL makes no constraint of an index on a partitioned table",
            ]
        ) {
            $0.kind = .partitioned
            $0.uniqueConstraints = [UniqueConstraint(name: "u", columns: ["kind"])]
        },
        Case(
            name: "foreign key of partitions", dialects: [.postgres],
            words: ["the foreign key 'f'", "no foreign key of a partitioned table that is NOT VALID"]
        ) {
            $0.kind = .partitioned
            $0.foreignKeys = [
                ForeignKey(name: "f", columns: ["kind"], target: ForeignKeyTarget(table: "owners"))
            ]
        },
        Case(name: "inherited", dialects: [.postgres], words: ["inheritance"]) { $0.kind = .inherited },
        Case(name: "foreign", dialects: [.postgres], words: ["a foreign table"], offersInPlace: false) {
            $0.kind = .foreign
        },
        Case(name: "virtual", dialects: [.sqlite], words: ["a virtual table"], offersInPlace: false) {
            $0.kind = .virtual
        },
        Case(name: "published", dialects: [.postgres], words: ["publication 'all'"], offersInPlace: false) {
            $0.publications = ["all"]
        },
        Case(name: "subscribed", dialects: [.postgres], words: ["subscription 'in'"], offersInPlace: false) {
            $0.subscriptions = ["in"]
        },
        Case(
            name: "target taken", dialects: Dialect.allCases, words: ["'species' already"],
            offersInPlace: false
        ) {
            $0.columns.append(Column(name: "species", type: "text"))
        },
        Case(
            name: "target taken in another case", dialects: [.sqlite], words: ["'Species' already"],
            offersInPlace: false
        ) {
            $0.columns.append(Column(name: "Species", type: "text"))
        },
        Case(
            name: "retired name taken", dialects: Dialect.allCases, words: ["_bellows_retired_kind"],
            offersInPlace: false
        ) {
            $0.columns.append(Column(name: "_bellows_retired_kind", type: "text"))
        },
        Case(
            name: "temporary name taken", dialects: [.postgres], words: ["_bellows_new_k"],
            offersInPlace: false
        ) {
            $0.indexes = ["k", "_bellows_new_k"].map {
                Index(name: $0, definition: SQLTemplate("({kind})"), columns: ["kind"])
            }
        },
        Case(name: "MATCH FULL that writes", dialects: [.postgres], words: ["MATCH FULL"]) {
            $0.foreignKeys = [
                ForeignKey(
                    name: "full", columns: ["kind", "age"],
                    target: ForeignKeyTarget(table: "owners", onDelete: .cascade),
                    attributes: "MATCH FULL")
            ]
        },
        Case(name: "SET DEFAULT of a volatile default", dialects: [.postgres], words: ["its default"]) {
            $0.changeKind {
                $0.defaultValue = "random()"
                $0.isDefaultVolatile = true
            }
            $0.foreignKeys = [
                ForeignKey(
                    name: "d", columns: ["kind"],
                    target: ForeignKeyTarget(table: "owners", onDelete: .setDefault))
            ]
        },
        Case(name: "ON DELETE with a list", dialects: [.postgres], words: ["only some of its columns"]) {
            $0.foreignKeys = [
                ForeignKey(
                    name: "l", columns: ["kind", "age"],
                    target: ForeignKeyTarget(table: "owners", onDelete: .setNull),
                    attributes: "ON DELETE SET NULL (\"kind\")")
            ]
        },
        Case(
            name: "CHECK whose columns are unknown", dialects: [.postgres],
            words: ["CHECK 'c'", "only the database"]
        ) {
            $0.checks = [
                CheckConstraint(name: "c", definition: SQLTemplate("CHECK (kind > '')"), columns: ["kind"])
            ]
        },
        Case(name: "row security", dialects: [.postgres], words: ["'mine'", "BYPASSRLS", "NO FORCE"]) {
            $0.rowSecurity = RowSecurity(isForced: true, policies: ["mine"])
        },
        Case(
            name: "domain with a constraint", dialects: [.postgres],
            words: ["domain 'text'", "writes every row"]
        ) {
            $0.changeKind {
                $0.domain = DomainFacts(refusesNull: false, isConstrained: true, hasDefault: false)
            }
        },
        Case(
            name: "domain that refuses NULL, on another column", dialects: [.postgres],
            words: ["'id'", "empty row"],
            offersInPlace: false
        ) {
            $0.columns[0].domain = DomainFacts(refusesNull: true, isConstrained: true, hasDefault: false)
        },
        Case(
            name: "typed table", dialects: [.postgres], words: ["of 'beast'", "NOT OF"], offersInPlace: false
        ) {
            $0.rowType = "beast"
        },
        Case(
            name: "CHECK of another column, not validated", dialects: [.postgres],
            words: ["'c'", "validate it first"],
            offersInPlace: false
        ) {
            $0.checks = [
                CheckConstraint(
                    name: "c", definition: SQLTemplate("CHECK ({age} > 0)"), columns: ["age"],
                    isValidated: false)
            ]
        },
        Case(
            name: "foreign key, not validated", dialects: [.postgres], words: ["'f'", "validate it first"],
            offersInPlace: false
        ) {
            $0.foreignKeys = [ForeignKey(name: "f", columns: ["kind"], target: toOwners, isValidated: false)]
        },
        Case(
            name: "NOT NULL, not validated", dialects: [.postgres], words: ["'age'", "validate it first"],
            offersInPlace: false
        ) {
            $0.columns[2].mayHoldOldNulls = true
        },
        Case(
            name: "system column", dialects: [.postgres],
            operation: .renameColumn(RenameColumn(table: "animals", from: "kind", to: "xmin")),
            words: ["system column"], offersInPlace: false),
        Case(
            name: "a row's address", dialects: [.sqlite],
            operation: .renameColumn(RenameColumn(table: "animals", from: "kind", to: "RowID")),
            words: ["finds the rows"], offersInPlace: false),
        Case(name: "UNIQUE constraint", dialects: [.sqlite], words: ["UNIQUE", "'kind'"]) {
            $0.uniqueConstraints = [UniqueConstraint(name: nil, columns: ["kind"])]
        },
        Case(name: "CHECK", dialects: [.sqlite], words: ["CHECK"]) {
            $0.checks = [
                CheckConstraint(name: nil, definition: SQLTemplate("CHECK (kind > '')"), columns: ["kind"])
            ]
        },
        Case(name: "default that is not constant", dialects: [.sqlite], words: ["not a constant"]) {
            $0.changeKind { $0.defaultValue = "CURRENT_TIMESTAMP" }
        },
        Case(name: "partial index", dialects: [.sqlite], words: ["index 'young'"]) {
            $0.indexes = [
                Index(
                    name: "young", definition: SQLTemplate("(age) WHERE kind = 'cat'"),
                    columns: ["age", "kind"],
                    isSimple: false)
            ]
        },
        Case(name: "no address", dialects: [.sqlite], words: ["rowid"]) { table in
            table.primaryKey = []
            table.columns += ["ROWID", "_rowid_", "oid"].map { Column(name: $0, type: "text") }
        },
    ]

    @Test(arguments: copies)
    func copyIsRefused(example: Case) throws {
        for dialect in example.dialects {
            let schema = Schema.animals(dialect, example.change)
            let refusals = Planner(dialect: dialect).refusals(example.operation, schema)
            #expect(refusals.count == 1, "\(dialect): \(refusals)")
            let message = refusals.first ?? ""
            for word in example.words { #expect(message.contains(word), "\(dialect): \(message)") }
            #expect(message.contains("strategy: in_place") == example.offersInPlace, "\(dialect): \(message)")
            if example.offersInPlace {
                #expect(Planner(dialect: dialect).refusals(renameKindInPlace, schema) == [], "\(dialect)")
            }
        }
    }

    /// What SQLite says in the table's text follows the column.
    @Test func textThatFollowsIsNoCause() {
        let causes: [@Sendable (inout Table) -> Void] = [
            { $0.foreignKeys = [ForeignKey(name: nil, columns: ["kind"], target: Self.toOwners)] },
            { $0.changeKind { $0.isNullable = false } },
            {
                $0.changeKind {
                    $0.isNullable = false
                    $0.defaultValue = "NULL"
                }
            },
        ]
        for cause in causes {
            #expect(Planner(dialect: .sqlite).refusals(renameKind, .animals(.sqlite, cause)) == [])
        }
    }

    @Test func theSameTableWithoutTheCauseIsPlanned() {
        for dialect in Dialect.allCases {
            for operation in [renameKind, renameKindInPlace, dropKind] {
                #expect(Planner(dialect: dialect).refusals(operation, .animals(dialect)) == [])
            }
        }
    }

    @Test func everyMistakeAtOnce() {
        let schema = Schema.animals(.postgres) { table in
            table.primaryKey = ["kind"]
            table.publications = ["p"]
            table.dependents = [Dependent(kind: .view, name: "v", columns: ["kind"])]
        }
        let operation = Operation.renameColumn(
            RenameColumn(table: "animals", from: "kind", to: String(repeating: "x", count: 64)))
        #expect(Planner(dialect: .postgres).refusals(operation, schema).count == 4)
        let migration = Migration(
            name: "m", operations: [operation, .dropIndex(DropIndex(table: "animls", name: "x"))])
        #expect {
            try Planner(dialect: .postgres).planHistory([migration, migration], from: schema)
        } throws: { error in
            (error as? PlanningProblems)?.problems.count ?? 0 >= 8
        }
    }

    @Test func misspeltNames() {
        for dialect in Dialect.allCases {
            let planner = Planner(dialect: dialect)
            let schema = Schema.animals(dialect)
            #expect(
                planner.refusals(.renameColumn(RenameColumn(table: "animls", from: "kind", to: "x")), schema)
                    == [
                        "operations[0].rename_column.table: table 'animls' does not exist; did you mean 'animals'?"
                    ])
            #expect(
                planner.refusals(.renameColumn(RenameColumn(table: "animals", from: "knid", to: "x")), schema)
                    == [
                        "operations[0].rename_column.from: column 'knid' of 'animals' does not exist; did you mean 'kind'?"
                    ])
        }
    }

    @Test func names() {
        for dialect in Dialect.allCases {
            let planner = Planner(dialect: dialect)
            for (name, word) in [("", "empty"), ("a\0b", "NUL"), ("kind", "already")] {
                let operation = Operation.renameColumn(RenameColumn(table: "animals", from: "kind", to: name))
                let refusals = planner.refusals(operation, .animals(dialect))
                #expect(refusals.count == 1 && refusals[0].contains(word), "\(dialect): \(refusals)")
            }
        }
        let long = Operation.renameColumn(
            RenameColumn(table: "animals", from: "kind", to: String(repeating: "犬", count: 22)))
        #expect(
            Planner(dialect: .postgres).refusals(long, .animals(.postgres)).first?.contains("66 bytes")
                ?? false)
        #expect(Planner(dialect: .sqlite).refusals(long, .animals(.sqlite)) == [])
    }

    @Test func aChangeIsFinishedOnce() {
        for dialect in Dialect.allCases {
            let planner = Planner(dialect: dialect)
            let refusals = planner.refusals(
                renameKind, .animals(dialect), finished: [ChangeID("animals.species")])
            #expect(refusals.count == 1 && refusals[0].contains("change: NAME"), "\(refusals)")
            let named = Operation.renameColumn(
                RenameColumn(table: "animals", from: "kind", to: "species", change: "second"))
            #expect(planner.refusals(named, .animals(dialect), finished: [ChangeID("animals.species")]) == [])
        }
    }

    @Test func replicatedTablesAreNotRenamedInPlaceEither() {
        let schema = Schema.animals(.postgres) { $0.publications = ["p"] }
        #expect(Planner(dialect: .postgres).refusals(renameKindInPlace, schema).count == 1)
        #expect(Planner(dialect: .postgres).refusals(dropKind, schema).count == 1)
    }

    @Test func whatACopyDoesNotGetIsNamed() throws {
        let schema = Schema.animals(.postgres) {
            $0.extras = [
                TableExtra(name: "CLUSTER ON of the index 'i'", columns: ["kind"]),
                TableExtra(name: "CLUSTER ON of the index 'other'", columns: ["age"]),
            ]
        }
        let plan = try Planner(dialect: .postgres).plan(Migration(renameKind), schema: schema)
        #expect(plan.warnings.count { $0.contains("CLUSTER ON of the index 'i'") } == 1)
        #expect(!plan.warnings.contains { $0.contains("'other'") })
    }

    @Test func aSchemaThatCouldBeLeftOutIsWarnedOf() throws {
        for dialect in Dialect.allCases {
            let rename = RenameColumn(
                table: TableName(schema: dialect.defaultSchema, "animals"), from: "kind", to: "species")
            let plan = try Planner(dialect: dialect).plan(
                Migration(.renameColumn(rename)), schema: .animals(dialect))
            #expect(plan.warnings.contains { $0.contains("'\(dialect.defaultSchema).animals.species'") })
            let plain = try Planner(dialect: dialect).plan(Migration(renameKind), schema: .animals(dialect))
            #expect(!plain.warnings.contains { $0.contains("could be left out") })
        }
    }

    @Test func functionsAreWarnedOf() throws {
        let schema = Schema.animals(.postgres) {
            $0.dependents = [Dependent(kind: .function, name: "public.f", columns: ["kind"])]
        }
        for operation in [renameKind, renameKindInPlace, dropKind] {
            let plan = try Planner(dialect: .postgres).plan(Migration(operation), schema: schema)
            #expect(plan.warnings.contains { $0.contains("public.f") })
        }
    }
}
