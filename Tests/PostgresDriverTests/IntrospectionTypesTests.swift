import DoubleWrite
import MigrationCore
import PostgresDriver
import TestSupport
import Testing

/// Enumerated types, whose a table is, who may use it, and by what its rows are known.
@Suite struct IntrospectionTypesTests {
    let connection: PostgresConnection

    init() throws { connection = try PostgresConnection(ThrowAwayPostgres.makeDatabase()) }

    @Test func enumsAreReadWithWhatUsesThem() throws {
        _ = try connection.execute(
            """
            CREATE SCHEMA other;
            CREATE TYPE mood AS ENUM ('wild', 'it''s', 'calm');
            ALTER TYPE mood ADD VALUE 'first' BEFORE 'wild';
            COMMENT ON TYPE mood IS 'how it is';
            CREATE TYPE other."Size" AS ENUM ();
            CREATE TABLE animals (kind text, mood mood DEFAULT 'calm', moods mood[]);
            CREATE VIEW calm AS SELECT 1 AS one FROM animals WHERE kind::mood = 'calm';
            CREATE FUNCTION cheer(mood) RETURNS mood LANGUAGE sql AS 'SELECT $1';
            CREATE DOMAIN good AS mood
            """)
        let enums = try connection.introspect().enums
        #expect(enums.map(\.name) == [TableName(schema: "other", "Size"), "mood"])
        #expect(enums[0].labels == [] && enums[0].users == [] && enums[0].comment == nil)
        #expect(enums[1].labels == ["first", "wild", "it's", "calm"])
        #expect(enums[1].comment == "how it is")
        for word in ["column mood of table animals", "column moods", "view calm", "function cheer", "good"] {
            #expect(enums[1].users.contains { $0.contains(word) }, "\(word): \(enums[1].users)")
        }
        #expect(!enums[1].isPlanned)
    }

    @Test func ownersAndGrantsAreRead() throws {
        _ = try connection.execute(
            """
            DO $$ BEGIN CREATE ROLE types_reader;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
            CREATE TABLE animals (id bigint PRIMARY KEY, code text NOT NULL);
            GRANT SELECT ON animals TO types_reader WITH GRANT OPTION;
            GRANT INSERT ON animals TO PUBLIC;
            CREATE UNIQUE INDEX codes ON animals (code)
            """)
        func read() throws -> Table { try #require(try connection.introspect(["animals"])["animals"]) }
        let table = try read()
        let owner = try connection.query("SELECT current_user::text").scalar?.text
        #expect(table.access?.owner == owner)
        #expect(
            Set(table.access?.grants ?? []) == [
                TableGrant(privilege: "SELECT", grantee: "types_reader", isGrantable: true),
                TableGrant(privilege: "INSERT", grantee: nil),
            ])
        #expect(table.primaryKeyName == "animals_pkey" && table.replicaIdentity == nil)
        let identities: [(String, SetReplicaIdentity.Identity)] = [
            ("FULL", .full), ("NOTHING", .nothing), ("USING INDEX codes", .index("codes")),
        ]
        for (sql, identity) in identities {
            _ = try connection.execute("ALTER TABLE animals REPLICA IDENTITY \(sql)")
            #expect(try read().replicaIdentity == identity)
        }
        #expect(try connection.introspect().hasInvokerViews == (connection.serverVersion >= 150_000))
    }
}
