import DoubleWrite
import MigrationCore
import PostgresDriver
import TestSupport
import Testing

@Suite struct IntrospectionPartitionsTests {
    let connection: PostgresConnection

    init() throws { connection = try PostgresConnection(ThrowAwayPostgres.makeDatabase()) }

    /// What the table has is on each partition as well, and is no partition's own.
    @Test func whatBelongsToOnePartitionIsFound() throws {
        _ = try connection.execute(
            """
            CREATE TABLE animals (id int PRIMARY KEY, kind text, note text NOT NULL CHECK (note <> '')) PARTITION BY RANGE (id);
            CREATE INDEX by_kind ON animals (kind);
            CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER everywhere AFTER UPDATE OF kind ON animals FOR EACH ROW EXECUTE FUNCTION nothing();
            CREATE TABLE few PARTITION OF animals FOR VALUES FROM (0) TO (100);
            CREATE TABLE many PARTITION OF animals FOR VALUES FROM (100) TO (1000) PARTITION BY RANGE (id);
            CREATE TABLE odd (
                note text NOT NULL, "kind" text, id int NOT NULL, CONSTRAINT animals_note_check CHECK (note <> ''));
            ALTER TABLE many ATTACH PARTITION odd FOR VALUES FROM (100) TO (200)
            """)
        #expect(
            try connection.introspect()["animals"]?.dependents.filter { $0.kind == .partitionObject } == [])
        _ = try connection.execute(
            """
            CREATE INDEX its_own ON odd (lower(kind)) WHERE note = 'x';
            CREATE INDEX of_many ON many (note);
            ALTER TABLE few ADD CHECK (kind <> note);
            CREATE STATISTICS counts ON kind, note FROM few;
            CREATE TRIGGER here AFTER UPDATE OF note ON few FOR EACH ROW EXECUTE FUNCTION nothing();
            CREATE VIEW only_few AS SELECT kind FROM few
            """)
        func own(_ name: String, _ columns: Set<String>) -> Dependent {
            Dependent(kind: .partitionObject, name: name, columns: columns)
        }
        #expect(
            try connection.introspect()["animals"]?.dependents.filter { $0.kind == .partitionObject } == [
                own("index public.its_own", ["kind", "note"]), own("index public.of_many", ["note"]),
                own("rule \"_RETURN\" on public.only_few", ["kind"]),
                own("statistics object public.counts", ["kind", "note"]),
                own("table constraint few_check on public.few", ["kind", "note"]),
                own("trigger here on public.few", ["note"]),
            ])
    }
}
