import DoubleWrite
import MigrationCore
import Testing

/// What the operations on tables, constraints, defaults, indexes and types refuse, and what is nearest and planned.
@Suite struct OperationRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var dialects: [Dialect]
        var operation: MigrationCore.Operation
        /// The path below the operation, and a word of the message.
        var path: String
        var word: String
        var change: @Sendable (inout Table) -> Void

        var testDescription: String { name }

        init(
            _ name: String, _ operation: MigrationCore.Operation, _ path: String, _ word: String,
            dialects: [Dialect] = [.postgres], change: @escaping @Sendable (inout Table) -> Void = { _ in }
        ) {
            self.name = name
            self.operation = operation
            self.path = path
            self.word = word
            self.dialects = dialects
            self.change = change
        }
    }

    private static func view(_ table: inout Table) {
        table.dependents = [Dependent(kind: .view, name: "public.dogs", columns: ["kind"])]
    }

    private static func check(_ text: PerDialect, name: String = "c") -> MigrationCore.Operation {
        .addCheck(AddCheck(table: "animals", name: name, check: text))
    }

    private static func key(
        _ columns: [String], _ target: ForeignKeyTarget, name: String = "f"
    ) -> MigrationCore.Operation {
        .addForeignKey(AddForeignKey(table: "animals", name: name, columns: columns, target: target))
    }

    private static let taken: @Sendable (inout Table) -> Void = { table in
        table.primaryKeyName = "animals_pkey"
        table.checks = [
            CheckConstraint(name: "c", definition: SQLTemplate("CHECK ({age} > 0)"), columns: ["age"])
        ]
        table.uniqueConstraints = [UniqueConstraint(name: "u", columns: ["kind"])]
        table.indexes = [
            Index(name: "i", definition: SQLTemplate("({kind})"), columns: ["kind"]),
            Index(name: "j", isUnique: true, definition: SQLTemplate("({age})"), columns: ["age"]),
        ]
        table.foreignKeys = [
            ForeignKey(
                name: "boss", columns: ["kind"], target: ForeignKeyTarget(table: "animals", columns: ["age"]))
        ]
    }

    static let tables = [
        Case(
            "drop nothing", .dropTable(DropTable(table: "animal")), "table", "did you mean 'animals'",
            dialects: Dialect.allCases),
        Case(
            "drop a viewed table", .dropTable(DropTable(table: "animals")), "table", "view 'public.dogs'",
            dialects: Dialect.allCases, change: view),
        Case("drop a partition", .dropTable(DropTable(table: "animals")), "table", "detach it") {
            $0.kind = .partition
        },
        Case("drop a partitioned table", .dropTable(DropTable(table: "animals")), "table", "partitions") {
            $0.kind = .partitioned
        },
        Case("drop what is subscribed", .dropTable(DropTable(table: "animals")), "table", "subscription 'in'")
        { $0.subscriptions = ["in"] },
        Case(
            "rename to itself", .renameTable(RenameTable(table: "animals", to: "animals")), "to",
            "nothing would be renamed", dialects: Dialect.allCases),
        Case(
            "rename by case", .renameTable(RenameTable(table: "animals", to: "Animals")), "to",
            "as the database reads it", dialects: [.sqlite]),
        Case(
            "rename to a table's name", .renameTable(RenameTable(table: "animals", to: "owners")), "to",
            "exists already", dialects: Dialect.allCases),
        Case(
            "rename to an index's name", .renameTable(RenameTable(table: "animals", to: "u")), "to",
            "exists already", change: taken),
        Case(
            "rename, too long",
            .renameTable(RenameTable(table: "animals", to: String(repeating: "x", count: 64))), "to",
            "64 bytes"),
        Case(
            "rename a published table", .renameTable(RenameTable(table: "animals", to: "x")), "table",
            "publication 'all'"
        ) { $0.publications = ["all"] },
        Case(
            "rename without a key", .renameTable(RenameTable(table: "animals", to: "x")), "table",
            "no primary key", dialects: [.sqlite]
        ) { $0.primaryKey = [] },
        Case(
            "identity without a key",
            .setReplicaIdentity(SetReplicaIdentity(table: "animals", identity: .primaryKey)), "identity",
            "no primary key"
        ) {
            $0.primaryKey = []
            $0.replicaIdentity = .full
        },
        Case(
            "identity that is there",
            .setReplicaIdentity(SetReplicaIdentity(table: "animals", identity: .primaryKey)), "identity",
            "already"),
        Case(
            "no identity for subscribers",
            .setReplicaIdentity(SetReplicaIdentity(table: "animals", identity: .nothing)), "identity",
            "would fail"
        ) { $0.publications = ["all"] },
        Case(
            "identity by no index",
            .setReplicaIdentity(SetReplicaIdentity(table: "animals", identity: .index("x"))), "index",
            "does not exist"),
        Case(
            "identity that is not unique",
            .setReplicaIdentity(SetReplicaIdentity(table: "animals", identity: .index("i"))), "index",
            "unique index", change: taken),
        Case(
            "identity that may be NULL",
            .setReplicaIdentity(SetReplicaIdentity(table: "animals", identity: .index("j"))), "index",
            "may hold NULL", change: taken),
    ]

    static let columns = [
        Case(
            "NOT NULL already", .setNotNull(SetNotNull(table: "animals", column: "id")), "column",
            "NOT NULL already"),
        Case(
            "NOT NULL of nothing", .setNotNull(SetNotNull(table: "animals", column: "knd")), "column",
            "did you mean 'kind'"),
        Case(
            "no value for this database",
            .setNotNull(
                SetNotNull(table: "animals", column: "kind", fill: PerDialect(postgres: nil, sqlite: "1"))),
            "fill", "not given for postgres"),
        Case(
            "fill partitions", .setNotNull(SetNotNull(table: "animals", column: "kind", fill: "''")), "table",
            "ordinary tables"
        ) { $0.kind = .partitioned },
        Case(
            "NULL already", .dropNotNull(DropNotNull(table: "animals", column: "kind")), "column",
            "may hold NULL already"),
        Case(
            "NULL in the key", .dropNotNull(DropNotNull(table: "animals", column: "id")), "column",
            "primary key"),
        Case(
            "default of what counts",
            .setDefault(SetDefault(table: "animals", column: "kind", defaultValue: "1")), "column",
            "identity column"
        ) {
            $0.changeKind { $0.identity = "ALWAYS" }
        },
        Case(
            "default of what is generated",
            .setDefault(SetDefault(table: "animals", column: "kind", defaultValue: "1")), "column",
            "generated column"
        ) {
            $0.changeKind { $0.generated = "1" }
        },
        Case(
            "no default", .dropDefault(DropDefault(table: "animals", column: "kind")), "column",
            "has no default"),
        Case(
            "empty default", .setDefault(SetDefault(table: "animals", column: "kind", defaultValue: " ")),
            "default", "empty"),
        Case(
            "comment that is not there", .setComment(SetComment(table: "animals", comment: nil)), "comment",
            "has no comment"),
        Case(
            "comments", .setComment(SetComment(table: "animals", comment: "x")), "", "keeps no comments",
            dialects: [.sqlite]),
        Case("types", .createEnum(CreateEnum(name: "m", values: ["a"])), "", "IN (", dialects: [.sqlite]),
        Case("values", .addEnumValue(AddEnumValue(name: "m", value: "a")), "", "CHECK", dialects: [.sqlite]),
        Case("no types", .dropEnum(DropEnum(name: "m")), "", "CHECK", dialects: [.sqlite]),
        Case(
            "identity", .setReplicaIdentity(SetReplicaIdentity(table: "animals", identity: .full)), "",
            "no logical replication", dialects: [.sqlite]),
    ]

    static let constraints = [
        Case("check taken", check("age > 0"), "name", "constraint 'c' already", change: taken),
        Case("check empty", check(" "), "check", "empty"),
        Case(
            "check for the other", check(PerDialect(postgres: nil, sqlite: "1")), "check",
            "not given for postgres"),
        Case(
            "points at no table", key(["kind"], ForeignKeyTarget(table: "owner")), "references.table",
            "did you mean 'owners'"),
        Case(
            "points at no column", key(["kind"], ForeignKeyTarget(table: "owners", columns: ["idd"])),
            "references.columns[0]", "did you mean 'id'"),
        Case(
            "points at what repeats", key(["kind"], ForeignKeyTarget(table: "owners", columns: ["code"])),
            "references.columns", "not unique"),
        Case(
            "points with too many", key(["kind", "age"], ForeignKeyTarget(table: "owners")), "columns",
            "2 columns cannot point at 1"),
        Case(
            "points from nothing", key(["knd"], ForeignKeyTarget(table: "owners")), "columns[0]",
            "did you mean 'kind'"),
        Case(
            "sets NOT NULL to NULL", key(["id"], ForeignKeyTarget(table: "owners", onDelete: .setNull)),
            "references.on_delete", "NOT NULL"),
        Case(
            "points from partitions", key(["kind"], ForeignKeyTarget(table: "owners")), "table",
            "beside writers"
        ) { $0.kind = .partitioned },
        Case(
            "unique taken", .addUnique(AddUnique(table: "animals", name: "i", columns: ["age"])), "name",
            "index 'i' exists already", change: taken),
        Case(
            "unique of partitions", .addUnique(AddUnique(table: "animals", name: "x", columns: ["age"])),
            "table", "beside writers"
        ) { $0.kind = .partitioned },
        Case(
            "second key", .addPrimaryKey(AddPrimaryKey(table: "animals", columns: ["age"])), "table",
            "primary key already"),
        Case(
            "drop no constraint", .dropConstraint(DropConstraint(table: "animals", name: "v")), "name",
            "does not exist", change: taken),
        Case(
            "drop an index as a constraint", .dropConstraint(DropConstraint(table: "animals", name: "i")),
            "name", "drop_index", change: taken),
        Case(
            "drop what is pointed at", .dropConstraint(DropConstraint(table: "animals", name: "u")), "name",
            "'boss' of 'animals' needs 'kind'"
        ) {
            taken(&$0)
            $0.foreignKeys[0].target.columns = ["kind"]
        },
        Case(
            "drop a key of a published table",
            .dropConstraint(DropConstraint(table: "animals", name: "animals_pkey")), "name",
            "publication 'all'"
        ) {
            taken(&$0)
            $0.publications = ["all"]
        },
        Case(
            "drop an exclusion", .dropConstraint(DropConstraint(table: "animals", name: "x")), "name",
            "exclusion"
        ) {
            $0.dependents = [Dependent(kind: .exclusion, name: "public.animals.x", columns: ["age"])]
        },
        Case(
            "rename to what is taken",
            .renameConstraint(RenameConstraint(table: "animals", from: "c", to: "u")), "to", "'u' already",
            change: taken),
        Case(
            "rename no constraint", .renameConstraint(RenameConstraint(table: "animals", from: "d", to: "e")),
            "from", "does not exist", change: taken),
        Case(
            "replace nothing",
            .replaceIndex(
                ReplaceIndex(
                    old: "k", new: CreateIndex(table: "animals", name: "k", keys: [.init(.column("age"))]))),
            "index", "does not exist", dialects: Dialect.allCases, change: taken),
        Case(
            "replace by a name that is taken",
            .replaceIndex(
                ReplaceIndex(
                    old: "i", new: CreateIndex(table: "animals", name: "j", keys: [.init(.column("age"))]))),
            "name", "exists already", dialects: Dialect.allCases, change: taken),
        Case(
            "replace a constraint's",
            .replaceIndex(
                ReplaceIndex(
                    old: "u", new: CreateIndex(table: "animals", name: "u", keys: [.init(.column("age"))]))),
            "index", "UNIQUE constraint", change: taken),
        Case(
            "replace what is pointed at",
            .replaceIndex(
                ReplaceIndex(
                    old: "j", new: CreateIndex(table: "animals", name: "j", keys: [.init(.column("kind"))]))),
            "index", "'boss' of 'animals' needs 'age'", dialects: Dialect.allCases, change: taken),
    ]

    private static func schema(_ dialect: Dialect, _ change: (inout Table) -> Void) -> Schema {
        var schema = Schema.animals(dialect, change)
        schema.tables.append(
            Table(
                name: "owners",
                columns: [
                    Column(name: "id", type: "integer", isNullable: false),
                    Column(name: "code", type: "text"),
                ],
                primaryKey: ["id"]))
        return schema
    }

    @Test(arguments: tables + columns + constraints)
    func refused(example: Case) {
        for dialect in example.dialects {
            let found = Planner(dialect: dialect).refusals(
                example.operation, Self.schema(dialect, example.change))
            let path =
                "operations[0].\(example.operation.keyword)"
                + (example.path.isEmpty ? "" : ".\(example.path)")
            #expect(
                found.contains { $0.hasPrefix(path + ": ") && $0.contains(example.word) },
                "\(dialect): \(found)")
        }
    }

    /// A table that others point at is kept, and they are named; its own pointers to itself are no hindrance.
    @Test(arguments: Dialect.allCases)
    func whatOthersPointAtStays(dialect: Dialect) {
        var schema = Self.schema(dialect) { $0.foreignKeys = [] }
        schema["owners"]?.foreignKeys = [
            ForeignKey(name: "pet", columns: ["code"], target: ForeignKeyTarget(table: "animals"))
        ]
        let drop = MigrationCore.Operation.dropTable(DropTable(table: "animals"))
        #expect(Planner(dialect: dialect).refusals(drop, schema).first?.contains("'pet' of 'owners'") == true)
        schema["owners"]?.foreignKeys = []
        schema["animals"]?.foreignKeys = [
            ForeignKey(name: "boss", columns: ["age"], target: ForeignKeyTarget(table: "animals"))
        ]
        #expect(Planner(dialect: dialect).refusals(drop, schema) == [])
    }

    @Test func typesAreNamed() {
        var schema = Schema(dialect: .postgres, tables: [.animals { $0.changeKind { $0.type = "mood" } }])
        schema.enums = [EnumType(name: "mood", labels: ["calm"], users: ["view public.calm ones"])]
        let planner = Planner(dialect: .postgres)
        func refusals(_ operation: MigrationCore.Operation) -> String {
            planner.refusals(operation, schema).joined()
        }
        #expect(refusals(.dropEnum(DropEnum(name: "mod"))).contains("did you mean 'mood'"))
        #expect(
            refusals(.dropEnum(DropEnum(name: "mood"))).contains("view public.calm ones uses the type 'mood'")
        )
        #expect(refusals(.createEnum(CreateEnum(name: "mood", values: ["a"]))).contains("exists already"))
        #expect(
            refusals(.createEnum(CreateEnum(name: "animals", values: ["a"]))).contains("rows have a type"))
        #expect(refusals(.createEnum(CreateEnum(name: "m", values: []))).contains("at least one"))
        #expect(refusals(.createEnum(CreateEnum(name: "m", values: ["a", "a"]))).contains("twice"))
        #expect(refusals(.addEnumValue(AddEnumValue(name: "mood", value: "calm"))).contains("already"))
        let far = AddEnumValue(name: "mood", value: "x", place: .after("cam"))
        #expect(refusals(.addEnumValue(far)).contains("did you mean 'calm'"))
        #expect(
            refusals(.addEnumValue(AddEnumValue(name: "mood", value: String(repeating: "x", count: 64))))
                .contains("64 bytes"))
        schema.enums[0].users = []
        #expect(refusals(.dropEnum(DropEnum(name: "mood"))).contains("column 'kind' of 'animals' uses"))
        schema["animals"]?.columns[1].type = "text"
        #expect(refusals(.dropEnum(DropEnum(name: "mood"))) == "")
    }

    @Test func warnsOfWhatIsSlowOrNarrow() throws {
        let schema = Self.schema(.postgres) { _ in }
        let plan = try Planner(dialect: .postgres).plan(
            Migration(Self.key(["kind"], ForeignKeyTarget(table: "owners"))), schema: schema)
        #expect(plan.warnings.contains { $0.contains("No index of 'animals' begins with 'kind'") })
        #expect(plan.warnings.contains { $0.contains("'kind' is text and 'id' of 'owners' is integer") })
        let indexed = Self.schema(.postgres) { table in
            table.indexes = [
                Index(name: "i", definition: SQLTemplate("USING btree ({age})"), columns: ["age"])
            ]
        }
        let quiet = try Planner(dialect: .postgres).plan(
            Migration(Self.key(["age"], ForeignKeyTarget(table: "owners"))), schema: indexed)
        #expect(quiet.warnings == [])
    }

    /// A table that an earlier migration renamed or dropped is told as such.
    @Test(arguments: Dialect.allCases)
    func whereATableWent(dialect: Dialect) {
        let migrations = [
            Migration(name: "1", operations: [.renameTable(RenameTable(table: "animals", to: "residents"))]),
            Migration(name: "2", operations: [.dropTable(DropTable(table: "animals"))]),
        ]
        let error = #expect(throws: PlanningProblems.self) {
            try Planner(dialect: dialect).planHistory(migrations, from: Self.schema(dialect) { _ in })
        }
        #expect(error?.problems.first?.message.contains("'1' renames it to 'residents'") == true)
    }
}
