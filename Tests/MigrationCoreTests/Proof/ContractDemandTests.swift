import DoubleWrite
import MigrationCore
import Testing

/// What a table demands of the rows that releases write, beside NOT NULL.
@Suite struct ContractDemandTests {
    private func reason(
        _ write: ReleaseContract.Write, _ operations: MigrationCore.Operation..., dialect: Dialect,
        schema: Schema? = nil
    ) throws -> String? {
        try Planner(dialect: dialect).breach(
            of: [ReleaseContract(name: "41", writes: [write])],
            in: [Migration(name: "m", operations: operations)], from: schema ?? animals(dialect))?.reason
    }

    private func animals(_ dialect: Dialect) -> Schema {
        var schema = Schema.animals(dialect)
        schema["animals"]?.columns.append(
            Column(name: "chip", type: "text", defaultValue: dialect == .postgres ? "'none'::text" : "'none'")
        )
        return schema
    }

    private func write(
        _ columns: [String], inserts: Bool = true, nulls: [String] = [], conflict: [String] = [],
        values: [String: [String]] = [:]
    ) -> ReleaseContract.Write {
        .init(
            TableUse(table: "animals", columns: columns), inserts: inserts, nulls: nulls, conflict: conflict,
            values: values)
    }

    private func check(_ text: String) -> MigrationCore.Operation {
        .addCheck(AddCheck(table: "animals", name: "animals_kind_known", check: PerDialect(text)))
    }

    @Test(arguments: Dialect.allCases)
    func aNULLThatIsRefused(dialect: Dialect) throws {
        let needed = MigrationCore.Operation.setNotNull(SetNotNull(table: "animals", column: "kind"))
        let found = try reason(write(["kind"], inserts: false, nulls: ["kind"]), needed, dialect: dialect)
        #expect(found == "writes NULL to 'kind' of 'animals', which is NOT NULL")
        #expect(try reason(write(["kind"], inserts: false), needed, dialect: dialect) == nil)
        #expect(try reason(write(["age"], inserts: false, nulls: ["age"]), needed, dialect: dialect) == nil)
    }

    /// Every row without the column has the same default; with the column nobody knows.
    @Test(arguments: Dialect.allCases)
    func aDefaultThatIsUniqueNow(dialect: Dialect) throws {
        let unique = MigrationCore.Operation.addUnique(
            AddUnique(table: "animals", name: "animals_chip", columns: ["chip"]))
        let found = try reason(write(["id", "kind"]), unique, dialect: dialect)
        #expect(
            found
                == "inserts into 'animals' without 'chip', so that every row gets the same default, and a unique index "
                + "takes that once")
        #expect(try reason(write(["id", "chip"]), unique, dialect: dialect) == nil)
        #expect(try reason(write(["id", "kind"], inserts: false), unique, dialect: dialect) == nil)
        // One that was there before has let its rows pass.
        var schema = animals(dialect)
        schema["animals"]?.uniqueConstraints.append(UniqueConstraint(name: "u", columns: ["chip"]))
        let comment = MigrationCore.Operation.setNotNull(SetNotNull(table: "animals", column: "kind"))
        #expect(try reason(write(["id", "kind"]), comment, dialect: dialect, schema: schema) == nil)
    }

    @Test(arguments: Dialect.allCases)
    func aConflictWithoutItsIndex(dialect: Dialect) throws {
        var schema = animals(dialect)
        let index = Index(
            name: "animals_chip", isUnique: true,
            definition: SQLTemplate([
                .text(dialect == .postgres ? "USING btree (" : "("), .column("chip"), .text(")"),
            ]),
            columns: ["chip"])
        schema["animals"]?.indexes.append(index)
        let drop = MigrationCore.Operation.dropIndex(DropIndex(table: "animals", name: "animals_chip"))
        let upsert = write(["id", "chip"], conflict: ["chip"])
        #expect(
            try reason(upsert, drop, dialect: dialect, schema: schema)
                == "inserts into 'animals' with ON CONFLICT on 'chip', and no unique index has just these columns"
        )
        #expect(
            try reason(write(["id", "chip"], conflict: ["id"]), drop, dialect: dialect, schema: schema) == nil
        )
        // Another one with a condition may be the one that is meant.
        schema["animals"]?.indexes.append(
            Index(
                name: "other", isUnique: true, definition: index.definition, columns: ["chip"],
                isSimple: false))
        #expect(try reason(upsert, drop, dialect: dialect, schema: schema) == nil)
    }

    @Test(
        arguments: Dialect.allCases,
        [
            "kind IN ('dog', 'cat')", "kind = 'dog' OR kind = 'cat'", "kind IS NULL OR kind IN ('dog')",
            "NOT kind = 'bird'", "kind <> 'bird' AND kind NOT IN ('fish')", "(((kind)) IN ('dog'))",
        ])
    func aValueThatACheckRefuses(dialect: Dialect, condition: String) throws {
        let add = check(condition)
        let found = try reason(
            write(["kind"], inserts: false, values: ["kind": ["dog", "bird"]]), add, dialect: dialect)
        #expect(
            found?.hasPrefix("writes 'bird' to 'kind' of 'animals', which its CHECK") == true,
            "\(found ?? "")")
        #expect(
            try reason(write(["kind"], inserts: false, values: ["kind": ["dog"]]), add, dialect: dialect)
                == nil)
        #expect(try reason(write(["kind"], inserts: false), add, dialect: dialect) == nil)
    }

    @Test(
        arguments: Dialect.allCases,
        [
            "length(kind) > 20", "kind LIKE 'd%'", "kind < 'b'", "kind BETWEEN 'a' AND 'b'",
            "kind || 'x' = 'y'",
            "lower(kind) = 'dog'", "kind IN (SELECT 'dog')", "CASE kind WHEN 'bird' THEN false ELSE true END",
            "kind = id", "(kind = 'dog') = (1 = 1)",
        ])
    func whatCannotBeSaid(dialect: Dialect, condition: String) throws {
        #expect(
            try reason(
                write(["kind"], inserts: false, values: ["kind": ["bird"]]), check(condition),
                dialect: dialect) == nil)
    }

    @Test(arguments: Dialect.allCases)
    func aDefaultThatACheckRefuses(dialect: Dialect) throws {
        let add = MigrationCore.Operation.addCheck(
            AddCheck(table: "animals", name: "chipped", check: PerDialect("chip <> 'none'")))
        #expect(
            try reason(write(["id", "kind"]), add, dialect: dialect)
                == "inserts into 'animals' without 'chip', whose default 'none' its CHECK 'chipped' refuses")
        #expect(try reason(write(["id", "chip"]), add, dialect: dialect) == nil)
    }

    /// As PostgreSQL writes it back.
    @Test func whatTheServerMakesOfAList() throws {
        var schema = Schema.animals(.postgres)
        let text =
            "CHECK (((kind)::text = ANY ((ARRAY['dog'::character varying, 'cat'::character varying])::text[])))"
        schema["animals"]?.columns[1].type = "character varying(20)"
        schema["animals"]?.checks = [
            CheckConstraint(name: "c", definition: SQLTemplate([.text(text)]), columns: ["kind"])
        ]
        let drop = MigrationCore.Operation.dropNotNull(DropNotNull(table: "animals", column: "kind"))
        schema["animals"]?.columns[1].isNullable = false
        #expect(
            try reason(
                write(["kind"], inserts: false, values: ["kind": ["bird"]]), drop, dialect: .postgres,
                schema: schema)
                == "writes 'bird' to 'kind' of 'animals', which its CHECK 'c' refuses")
        #expect(
            try reason(
                write(["kind"], inserts: false, values: ["kind": ["cat"]]), drop, dialect: .postgres,
                schema: schema)
                == nil)
    }
}
