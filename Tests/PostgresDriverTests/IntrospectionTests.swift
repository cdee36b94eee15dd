import DoubleWrite
import MigrationCore
import PostgresDriver
import TestSupport
import Testing

@Suite struct IntrospectionTests {
    let connection: PostgresConnection

    init() throws { connection = try PostgresConnection(ThrowAwayPostgres.makeDatabase()) }

    private func table(_ name: TableName, after script: String) throws -> Table {
        _ = try connection.execute(script)
        return try #require(try connection.introspect([name])[name])
    }

    @Test func columnsAreRead() throws {
        try withKnownIssue("this server is built without ICU") {
            let table = try table(
                "animals",
                after: """
                    CREATE TYPE mood AS ENUM ('calm', 'wild');
                    CREATE COLLATION loose (provider = icu, locale = 'und', deterministic = false);
                    CREATE TABLE animals (
                        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number serial,
                        kind varchar(20) NOT NULL DEFAULT 'dog', born date DEFAULT current_date,
                        seen timestamptz DEFAULT now(), mood mood, weight numeric(6, 2) DEFAULT 1 + 2,
                        tag text COLLATE "C", folded text COLLATE loose, twice int GENERATED ALWAYS AS (2 * 3) STORED,
                        code char(3), token uuid DEFAULT gen_random_uuid(), note text DEFAULT lower('X'));
                    COMMENT ON TABLE animals IS 'those who live here';
                    COMMENT ON COLUMN animals.kind IS 'what they are';
                    CREATE ROLE introspection_reader;
                    GRANT SELECT (kind), UPDATE (kind) ON animals TO introspection_reader WITH GRANT OPTION;
                    GRANT INSERT (kind) ON animals TO PUBLIC
                    """)
            #expect(table.comment == "those who live here")
            #expect(table.kind == .ordinary)
            #expect(table.estimatedRows == nil)
            #expect((table.bytes ?? 0) > 0)
            #expect(table.primaryKey == ["id"])
            let types = [
                "bigint", "integer", "character varying(20)", "date", "timestamp with time zone", "mood",
                "numeric(6,2)", "text", "text", "integer", "character(3)", "uuid", "text",
            ]
            #expect(table.columns.map(\.type) == types)
            let required = ["id", "number", "kind"]
            #expect(table.columns.filter { !$0.isNullable }.map(\.name) == required)
            #expect(table.column("id")?.identity == "ALWAYS")
            #expect(table.column("id")?.ownedSequence == nil)
            #expect(table.column("number")?.ownedSequence == "public.animals_number_seq")
            #expect(table.column("kind")?.defaultValue == "'dog'::character varying")
            #expect(table.column("kind")?.comment == "what they are")
            #expect(table.column("twice")?.generated == "(2 * 3)")
            #expect(table.column("twice")?.defaultValue == nil)
            #expect(table.column("tag")?.collation == "pg_catalog.\"C\"")
            #expect(table.column("kind")?.collation == nil)
            let volatile = ["number", "born", "seen", "token"]
            #expect(table.columns.filter(\.isDefaultVolatile).map(\.name) == volatile)
            let inexact = ["weight", "folded", "code"]
            #expect(table.columns.filter { !$0.hasExactEquality }.map(\.name) == inexact)
            #expect(
                table.column("kind")?.grants == [
                    ColumnGrant(privilege: "SELECT", grantee: "introspection_reader", isGrantable: true),
                    ColumnGrant(privilege: "UPDATE", grantee: "introspection_reader", isGrantable: true),
                    ColumnGrant(privilege: "INSERT", grantee: nil),
                ])
        } when: {
            !ServerFeature.icu.isThere
        }
    }

    @Test func settingsAndDomainsAreRead() throws {
        let table = try table(
            "animals",
            after: """
                CREATE DOMAIN strict AS text NOT NULL; CREATE DOMAIN stricter AS strict;
                CREATE DOMAIN checked AS text CHECK (VALUE <> ''); CREATE DOMAIN plain AS text;
                CREATE DOMAIN filled AS text DEFAULT 'x';
                CREATE TABLE animals (a text, b stricter, c checked, d plain, e filled);
                ALTER TABLE animals ALTER a SET STATISTICS 50, ALTER a SET STORAGE MAIN,
                    ALTER a SET COMPRESSION pglz, ALTER a SET (n_distinct = -0.5);
                CREATE INDEX i ON animals (a, lower(d)); ALTER INDEX i ALTER COLUMN 2 SET STATISTICS 7;
                CLUSTER animals USING i; ALTER TABLE animals ADD CONSTRAINT k CHECK (a > '');
                COMMENT ON CONSTRAINT k ON animals IS 'why'
                """)
        #expect(
            table.column("a")?.settings == [
                "SET STATISTICS 50", "SET STORAGE MAIN", "SET COMPRESSION pglz", "SET (n_distinct = '-0.5')",
            ])
        #expect(
            table.columns.map(\.domain) == [
                nil, DomainFacts(refusesNull: true, isConstrained: true, hasDefault: false),
                DomainFacts(refusesNull: false, isConstrained: true, hasDefault: false), nil,
                DomainFacts(refusesNull: false, isConstrained: false, hasDefault: true),
            ])
        #expect(table.columns[1].settings == nil)
        let extras = table.extras ?? []
        #expect(
            extras.map(\.name) == [
                "CLUSTER ON of the index 'i'", "SET STATISTICS 7 for column 2 of the index 'i'",
                "The comment of the constraint 'k'",
            ])
        #expect(extras.map(\.columns) == [["a", "d"], ["a", "d"], ["a"]])
    }

    @Test func typedTablesAreRead() throws {
        let table = try table(
            "animals", after: "CREATE TYPE beast AS (a int); CREATE TABLE animals OF beast")
        #expect(table.rowType == "beast")
    }

    @Test func rowSecurityOfTheRoleIsRead() throws {
        let role = "introspection_owner"
        let before = try table(
            "animals",
            after: """
                DO $$ BEGIN CREATE ROLE \(role);
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
                CREATE TABLE animals (a int); ALTER TABLE animals OWNER TO \(role);
                CREATE POLICY mine ON animals USING (a > 1); ALTER TABLE animals ENABLE ROW LEVEL SECURITY;
                ALTER TABLE animals FORCE ROW LEVEL SECURITY
                """)
        #expect(before.rowSecurity == nil, "a superuser sees every row")
        let forced = try table("animals", after: "SET ROLE \(role)")
        #expect(forced.rowSecurity == RowSecurity(isForced: true, policies: ["mine"]))
        let own = try table("animals", after: "ALTER TABLE animals NO FORCE ROW LEVEL SECURITY")
        #expect(own.rowSecurity == nil)
        _ = try connection.execute("RESET ROLE; DROP TABLE animals; DROP ROLE \(role)")
    }

    @Test func constraintsAreRead() throws {
        let table = try table(
            "visits",
            after: """
                CREATE SCHEMA other;
                CREATE TABLE other.owners (a int, b int, PRIMARY KEY (a, b));
                CREATE TABLE visits (
                    id int PRIMARY KEY, a int, b int, at date, note text, UNIQUE (b, a) DEFERRABLE INITIALLY DEFERRED,
                    UNIQUE (at) INCLUDE (note),
                    FOREIGN KEY (a, b) REFERENCES other.owners MATCH FULL ON DELETE CASCADE ON UPDATE SET NULL
                        DEFERRABLE,
                    FOREIGN KEY (a) REFERENCES visits (id) ON DELETE RESTRICT,
                    EXCLUDE USING gist (daterange(at, at) WITH &&));
                ALTER TABLE visits ADD CONSTRAINT "late, NOT VALID" CHECK (note <> 'NOT VALID') NOT VALID
                """)
        let unique = table.uniqueConstraints
        #expect(unique.map(\.columns) == [["at"], ["b", "a"]])
        #expect(unique.map(\.included) == [["note"], []])
        #expect(unique.map(\.attributes) == [nil, "DEFERRABLE INITIALLY DEFERRED"])
        let self_ = try #require(table.foreignKeys.first { $0.columns == ["a"] })
        #expect(
            self_.target == ForeignKeyTarget(table: "visits", columns: ["id"], onDelete: .restrict))
        #expect(self_.attributes == nil)
        let owner = try #require(table.foreignKeys.first { $0.columns == ["a", "b"] })
        #expect(
            owner.target
                == ForeignKeyTarget(
                    table: TableName(schema: "other", "owners"), columns: ["a", "b"], onDelete: .cascade,
                    onUpdate: .setNull))
        #expect(owner.attributes == "MATCH FULL DEFERRABLE")
        let check = try #require(table.checks.first)
        #expect(check.definition.sql(.postgres) == "CHECK ((\"note\" <> 'NOT VALID'::text))")
        #expect(check.columns == ["note"])
        #expect(!check.isValidated)
        #expect(table.foreignKeys.map(\.isValidated) == [true, true])
        let expected: Set = [
            Dependent(kind: .foreignKey, name: "public.visits.visits_a_fkey", columns: ["id"]),
            Dependent(kind: .exclusion, name: "public.visits.visits_daterange_excl", columns: []),
        ]
        #expect(Set(table.dependents) == expected)
        #expect(table.indexes.isEmpty)
    }

    @Test func indexesAreRead() throws {
        let table = try table(
            "t",
            after: """
                CREATE TABLE t (a int, "b c" text, d int, "e,(" text, gone int, "f USING x" text);
                ALTER TABLE t DROP COLUMN gone;
                CREATE INDEX plain ON t ("b c" COLLATE "C" DESC NULLS LAST, "e,(" text_pattern_ops) INCLUDE (d)
                    WITH (fillfactor = 70);
                CREATE UNIQUE INDEX "x ON public.t USING y" ON t ("f USING x", a);
                CREATE INDEX partial ON t (a) WHERE d > 0 AND "b c" <> 'a';
                CREATE INDEX expression ON t (lower("b c"), (a + d)) WITH (fillfactor = 80);
                COMMENT ON INDEX partial IS 'some of them';
                INSERT INTO t VALUES (1), (1)
                """)
        _ = try? connection.query("CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)")
        let indexes = try #require(try connection.introspect(["t"])["t"]).indexes
        #expect(indexes.map(\.name) == ["broken", "expression", "partial", "plain", "x ON public.t USING y"])
        #expect(indexes.map(\.isValid) == [false, true, true, true, true])
        #expect(indexes.map(\.isUnique) == [true, false, false, false, true])
        #expect(indexes.map(\.isSimple) == [true, false, false, true, true])
        #expect(indexes.map(\.comment) == [nil, nil, "some of them", nil, nil])
        #expect(indexes[1].columns == ["a", "b c", "d"])
        #expect(indexes[2].columns == ["a", "b c", "d"])
        #expect(indexes[3].columns == ["b c", "e,(", "d"])
        let renamed = indexes.map {
            $0.definition.sql(.postgres, renaming: ["a": "A", "b c": "B", "d": "D"])
        }
        #expect(
            renamed == [
                "USING btree (\"A\")",
                "USING btree (lower(\"B\"), ((\"A\" + \"D\"))) WITH (fillfactor='80')",
                "USING btree (\"A\") WHERE ((\"D\" > 0) AND (\"B\" <> 'a'::text))",
                "USING btree (\"B\" COLLATE \"C\" DESC NULLS LAST, \"e,(\" text_pattern_ops) INCLUDE (\"D\") "
                    + "WITH (fillfactor='70')",
                "USING btree (\"f USING x\", \"A\")",
            ])
        #expect(table.indexes.count == 4)
    }

    /// The oracle: what the templates say, done on another table with other names, gives the same again.
    @Test func templatesSayWhatTheServerSays() throws {
        for name in HostileNames.all {
            let quoted = Dialect.postgres.quote(name)
            let index = Dialect.postgres.quote(Dialect.postgres.shortened(name, suffix: " USING"))
            _ = try connection.execute(
                """
                CREATE SCHEMA \(quoted);
                CREATE TABLE \(quoted).\(quoted) (\(quoted) text, "bellows_column_1x" text, gone int);
                ALTER TABLE \(quoted).\(quoted) DROP COLUMN gone;
                ALTER TABLE \(quoted).\(quoted) ADD CONSTRAINT \(quoted)
                    CHECK (\(quoted) <> 'bellows_column_1x' AND length(\(quoted)) > length("bellows_column_1x"))
                    NOT VALID;
                CREATE INDEX \(index) ON \(quoted).\(quoted) (lower(\(quoted)), \(quoted))
                    WHERE \(quoted) <> \(Dialect.postgres.literal(name));
                CREATE INDEX ON \(quoted).\(quoted) (\(quoted), "bellows_column_1x")
                """)
            let table = try #require(try connection.introspect([TableName(schema: name, name)]).tables.first)
            let check = try #require(table.checks.first)
            let names = [name: "new name"]
            _ = try connection.execute(
                """
                CREATE TABLE \(quoted).copy ("new name" text, "bellows_column_1x" text,
                    CONSTRAINT \(quoted) \(check.definition.sql(.postgres, renaming: names)));
                ALTER TABLE \(quoted).\(quoted) RENAME TO "the original";
                """)
            for index in table.indexes {
                _ = try connection.execute(
                    """
                    CREATE INDEX \(Dialect.postgres.quote("copy of \(index.columns.count)")) ON \(quoted).copy
                    \(index.definition.sql(.postgres, renaming: names))
                    """)
            }
            _ = try connection.execute(
                "ALTER TABLE \(quoted).copy RENAME COLUMN \"new name\" TO \(quoted)")
            let copy = try connection.introspect([TableName(schema: name, "copy")]).tables.first
            // The original's is not validated, the copy's is.
            #expect(copy?.checks.map(\.definition) == table.checks.map(\.definition), "\(name)")
            #expect(copy?.checks.map(\.columns) == table.checks.map(\.columns), "\(name)")
            #expect(copy.map { Set($0.indexes.map(\.definition)) } == Set(table.indexes.map(\.definition)))
            #expect(check.definition.columns == [name, "bellows_column_1x"])
            #expect(copy?.columns == table.columns)
        }
    }

    @Test func dependentsAreFound() throws {
        let table = try table(
            "animals",
            after: """
                CREATE TABLE animals (id int PRIMARY KEY, kind text, name text, size int,
                    shout text GENERATED ALWAYS AS (upper(kind)) STORED);
                CREATE TABLE log (entry text);
                CREATE VIEW dogs AS SELECT id, name FROM animals WHERE kind = 'dog';
                CREATE VIEW counted AS SELECT count(*) FROM animals;
                CREATE VIEW whole AS SELECT to_jsonb(animals) FROM animals;
                CREATE MATERIALIZED VIEW sizes AS SELECT size FROM animals;
                CREATE RULE quiet AS ON DELETE TO log DO ALSO UPDATE animals SET name = '';
                CREATE STATISTICS both_of_them ON kind, name FROM animals;
                CREATE TABLE visits (animal int REFERENCES animals);
                CREATE POLICY own ON animals USING (name = current_user);
                CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN NEW.Size := 1; RETURN NEW; END';
                CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN INSERT INTO log VALUES (row_to_json(NEW)); RETURN NEW; END';
                CREATE FUNCTION still() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                CREATE TRIGGER touched BEFORE UPDATE OF kind ON animals FOR EACH ROW
                    WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION touch();
                CREATE TRIGGER audited BEFORE UPDATE ON animals FOR EACH ROW EXECUTE FUNCTION audit();
                CREATE TRIGGER stilled BEFORE UPDATE ON animals FOR EACH ROW EXECUTE FUNCTION still();
                CREATE FUNCTION count_kinds(text) RETURNS bigint LANGUAGE sql AS
                    'SELECT count(*) FROM "animals" WHERE KIND = $1';
                CREATE FUNCTION paid() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) AS animals_kind FROM animals';
                CREATE FUNCTION parsed() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT name FROM animals; END
                """)
        let expected: Set = [
            Dependent(kind: .view, name: "public.dogs", columns: ["id", "name", "kind"]),
            Dependent(kind: .view, name: "public.whole", columns: []),
            Dependent(kind: .materializedView, name: "public.sizes", columns: ["size"]),
            Dependent(kind: .rule, name: "public.log.quiet", columns: ["name"]),
            Dependent(kind: .generatedColumn, name: "public.animals.shout", columns: ["kind"]),
            Dependent(kind: .statistics, name: "public.both_of_them", columns: ["kind", "name"]),
            Dependent(kind: .foreignKey, name: "public.visits.visits_animal_fkey", columns: ["id"]),
            Dependent(kind: .policy, name: "public.animals.own", columns: ["name"]),
            Dependent(kind: .trigger, name: "public.animals.touched", columns: ["kind", "name", "size"]),
            Dependent(kind: .trigger, name: "public.animals.audited", columns: []),
            Dependent(kind: .trigger, name: "public.animals.stilled", columns: []),
            Dependent(kind: .function, name: "public.count_kinds", columns: ["kind"]),
            Dependent(kind: .boundFunction, name: "public.parsed", columns: ["name"]),
        ]
        #expect(Set(table.dependents).subtracting(expected) == [])
        #expect(expected.subtracting(table.dependents) == [])
    }

    @Test func kindsAreToldApart() throws {
        _ = try connection.execute(
            """
            CREATE TABLE ranged (id int, at date) PARTITION BY RANGE (at, (id + 1));
            CREATE TABLE part PARTITION OF ranged FOR VALUES FROM (MINVALUE, MINVALUE) TO (MAXVALUE, MAXVALUE);
            CREATE TABLE parent (a int);
            CREATE TABLE child (b int) INHERITS (parent);
            CREATE TABLE identified (a int NOT NULL, b int);
            CREATE UNIQUE INDEX who ON identified (a);
            ALTER TABLE identified REPLICA IDENTITY USING INDEX who;
            CREATE SCHEMA bellows; CREATE TABLE bellows.stages (a int)
            """)
        let schema = try connection.introspect()
        #expect(
            schema.tables.map { "\($0.name) \($0.kind.rawValue)" } == [
                "child inherited", "identified ordinary", "parent inherited", "part partition",
                "ranged partitioned",
            ])
        #expect(
            schema["ranged"]?.dependents == [
                Dependent(kind: .partitionKey, name: "public.ranged", columns: ["at", "id"])
            ])
        #expect(
            schema["identified"]?.dependents == [
                Dependent(kind: .replicaIdentity, name: "public.identified.who", columns: ["a"])
            ])
    }

    @Test func publicationsAreFound() throws {
        _ = try connection.execute(
            """
            CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE SCHEMA s; CREATE TABLE s.c (x int);
            CREATE PUBLICATION everything FOR ALL TABLES;
            CREATE PUBLICATION partly FOR TABLE a
            """)
        let isModern = connection.serverVersion >= 150_000
        if isModern { _ = try connection.execute("CREATE PUBLICATION schemas FOR TABLES IN SCHEMA s") }
        let schema = try connection.introspect()
        #expect(schema["a"]?.publications == ["everything", "partly"])
        #expect(schema["b"]?.publications == ["everything"])
        let inSchema = schema[TableName(schema: "s", "c")]?.publications
        #expect(inSchema == (isModern ? ["everything", "schemas"] : ["everything"]))
    }
}

@Suite struct FunctionMentionTests {
    @Test func hostileNamesAreFoundInFunctions() throws {
        let connection = try PostgresConnection(ThrowAwayPostgres.makeDatabase())
        for (number, name) in HostileNames.all.enumerated() {
            let quoted = Dialect.postgres.quote(name)
            let body = Dialect.postgres.literal("BEGIN PERFORM \(quoted) FROM \(quoted); END")
            _ = try connection.execute(
                """
                CREATE TABLE \(quoted) (\(quoted) text, other text);
                CREATE FUNCTION f\(number)() RETURNS void LANGUAGE plpgsql AS \(body)
                """)
        }
        let schema = try connection.introspect()
        for (number, name) in HostileNames.all.enumerated() {
            let dependent = Dependent(kind: .function, name: "public.f\(number)", columns: [name])
            #expect(schema[TableName(name)]?.dependents.contains(dependent) == true, "\(name)")
        }
    }
}
