import DoubleWrite
import MigrationCore
import Testing

/// What hangs on columns in a real database is refused by its name before anything runs, whatever the change of shape.
@Suite struct ShapeAttackTests {
    /// Something that uses both `n` and `name` of the table `t`.
    struct Attack: Sendable, CustomTestStringConvertible {
        var name: String
        var setUp: [String]
        /// What the message names.
        var names: String
        /// What stands behind the table's columns.
        var columns = ""
        var rest = ""

        var testDescription: String { name }

        var script: [String] {
            [
                "CREATE TABLE t (id bigint PRIMARY KEY, n integer, name text, other integer\(columns))\(rest)",
                "CREATE TABLE log (entry text)",
            ] + setUp
        }
    }

    static let attacks = [
        Attack(name: "view", setUp: ["CREATE VIEW v AS SELECT n, name FROM t"], names: "the view 'public.v'"),
        Attack(
            name: "view of whole rows", setUp: ["CREATE VIEW v AS SELECT to_jsonb(t) FROM t"],
            names: "the view 'public.v'"),
        Attack(
            name: "materialized view", setUp: ["CREATE MATERIALIZED VIEW v AS SELECT n, name FROM t"],
            names: "the materialized view 'public.v'"),
        Attack(
            name: "rule elsewhere",
            setUp: ["CREATE RULE r AS ON INSERT TO log DO ALSO UPDATE t SET n = 1, name = 'x'"],
            names: "the rule 'public.log.r'"),
        Attack(
            name: "rule of its own",
            setUp: [
                "CREATE RULE r AS ON UPDATE TO t WHERE NEW.n > 0 DO ALSO INSERT INTO log VALUES (NEW.name)"
            ],
            names: "the rule 'public.t.r'"),
        Attack(
            name: "policy", setUp: ["CREATE POLICY p ON t USING (n > 0 AND name <> '')"],
            names: "the policy 'public.t.p'"),
        Attack(
            name: "publication with a list",
            setUp: ["CREATE PUBLICATION attack_list FOR TABLE t (id, n, name)"],
            names: "the publication 'attack_list'"),
        Attack(
            name: "publication of everything", setUp: ["CREATE PUBLICATION attack_all FOR ALL TABLES"],
            names: "the publication 'attack_all'"),
        Attack(
            name: "generated column", setUp: [], names: "the generated column 'public.t.g'",
            columns: ", g text GENERATED ALWAYS AS (name || n::text) STORED"),
        Attack(
            name: "statistics", setUp: ["CREATE STATISTICS s ON n, name FROM t"],
            names: "the statistics 'public.s'"),
        Attack(
            name: "statistics of expressions",
            setUp: ["CREATE STATISTICS s ON (n + 1), (lower(name)) FROM t"],
            names: "the statistics 'public.s'"),
        Attack(
            name: "exclusion", setUp: [], names: "the exclusion constraint 'public.t.e'",
            columns: ", CONSTRAINT e EXCLUDE USING btree (n WITH =, name WITH =)"),
        Attack(
            name: "parent", setUp: ["CREATE TABLE child () INHERITS (t)"],
            names: "part of an inheritance tree"),
        Attack(
            name: "trigger of columns",
            setUp: [
                "CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "CREATE TRIGGER g BEFORE UPDATE OF n, name ON t FOR EACH ROW EXECUTE FUNCTION quiet()",
            ], names: "the trigger 'public.t.g'"),
        Attack(
            name: "BEGIN ATOMIC function",
            setUp: ["CREATE FUNCTION f() RETURNS text BEGIN ATOMIC SELECT name || n::text FROM t; END"],
            names: "the BEGIN ATOMIC function 'public.f'"),
        Attack(
            name: "BEGIN ATOMIC function of whole rows",
            setUp: ["CREATE FUNCTION f() RETURNS jsonb BEGIN ATOMIC SELECT to_jsonb(t) FROM t; END"],
            names: "the BEGIN ATOMIC function 'public.f'"),
        Attack(
            name: "foreign key from elsewhere",
            setUp: ["CREATE TABLE child (a integer, b text, FOREIGN KEY (a, b) REFERENCES t (n, name))"],
            names: "child_a_b_fkey", columns: ", UNIQUE (n, name)"),
        Attack(
            name: "replica identity",
            setUp: [
                "ALTER TABLE t ALTER n SET NOT NULL, ALTER name SET NOT NULL",
                "CREATE UNIQUE INDEX k ON t (n, name)",
                "ALTER TABLE t REPLICA IDENTITY USING INDEX k",
            ], names: "the replica identity"),
        Attack(
            name: "CHECK that is not validated",
            setUp: ["ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0 AND name <> '') NOT VALID"],
            names: "the CHECK 'c'"),
        Attack(
            name: "domain without NULL", setUp: [], names: "the domain 'must'", columns: ", d must"),
    ]

    static let operations: [MigrationCore.Operation] = [
        .changeType(ChangeType(table: "t", column: "n", type: "bigint")),
        .changeColumn(
            ChangeColumn(table: "t", from: "n", to: "m", type: "bigint", up: "n + 1", down: "m - 1")),
        .splitColumn(
            SplitColumn(
                table: "t", from: "name",
                to: [
                    DerivedColumn(
                        definition: ColumnDefinition(name: "first", type: "text"), up: "left(name, 1)"),
                    DerivedColumn(
                        definition: ColumnDefinition(name: "rest", type: "text"), up: "substr(name, 2)"),
                ], down: "first || rest")),
        .mergeColumns(
            MergeColumns(
                table: "t",
                from: [
                    MergedColumn(name: "n", down: "split_part(pair, '/', 1)"),
                    MergedColumn(name: "name", down: "split_part(pair, '/', 2)"),
                ],
                to: DerivedColumn(
                    definition: ColumnDefinition(name: "pair", type: "text"), up: "n::text || '/' || name"))),
    ]

    @Test(arguments: attacks)
    func isRefusedByName(attack: Attack) throws {
        let needed = attack.columns.contains("must") ? ["CREATE DOMAIN must AS integer NOT NULL"] : []
        let schema = try TestDatabase(.postgres, needed + attack.script).schema()
        for operation in Self.operations {
            let problems = #expect(throws: PlanningProblems.self, "\(operation.keyword)") {
                try Planner(dialect: .postgres).plan(
                    Migration(name: "m", operations: [operation]), schema: schema)
            }
            let messages = problems?.problems.map(\.message) ?? []
            #expect(
                messages.contains { $0.contains(attack.names) }, "\(operation.keyword): \(messages)")
        }
    }

    /// Expressions that another statement would give another value for.
    @Test(arguments: [
        "coalesce(d, 'now'::date)", "coalesce(d, date 'today')",
        "coalesce(d, ' Tomorrow '::timestamptz::date)",
        "coalesce(d, 'yesterday')", "d + (now() - now())::text::int", "coalesce(d, current_date)",
        "greatest(d, 'now'::timestamp::date)", "d + random()::int", "to_char(d, 'DD')::date",
    ])
    func theClockIsNoValue(up: String) throws {
        let database = try TestDatabase(.postgres, ["CREATE TABLE t (id bigint PRIMARY KEY, d date)"])
        let change = ChangeType(
            table: "t", column: "d", type: "timestamp", up: PerDialect(up), down: "d::date")
        let plan = try Planner(dialect: .postgres).plan(
            Migration(name: "m", operations: [.changeType(change)]), schema: database.schema())
        #expect(try failing(plan.probes, database).contains("operations[0].change_type.up"), "\(up)")
    }

    /// A text that merely says so is a value like any other.
    @Test func aTextMaySayNow() throws {
        let database = try TestDatabase(.postgres, ["CREATE TABLE t (id bigint PRIMARY KEY, d text)"])
        let change = ChangeColumn(
            table: "t", from: "d", to: "e", up: "CASE d WHEN 'now' THEN 'today' ELSE d END",
            down: "CASE e WHEN 'today' THEN 'now' ELSE e END")
        let plan = try Planner(dialect: .postgres).plan(
            Migration(name: "m", operations: [.changeColumn(change)]), schema: database.schema())
        #expect(try failing(plan.probes, database) == [])
    }

    /// The paths of the probes that fail.
    private func failing(_ probes: [Probe], _ database: TestDatabase) throws -> [String] {
        try probes.filter { probe in
            try database.run("BEGIN")
            defer { _ = try? database.run("ROLLBACK") }
            do {
                for statement in probe.statements { try database.run(statement) }
                return false
            } catch { return true }
        }.map(\.path)
    }
}
