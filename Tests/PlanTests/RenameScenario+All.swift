import DoubleWrite
import MigrationCore
import TestSupport

extension RenameScenario {
    static let all: [RenameScenario] = postgres + sqlite + hostile

    /// PostgreSQL: everything that a column may have on it, a scenario for each family.
    static let postgres: [RenameScenario] = [
        RenameScenario(
            name: "checked text", dialect: .postgres,
            setUp: [
                // Roles are the whole server's: two tests at once may both find it missing.
                """
                DO $$ BEGIN CREATE ROLE plan_keeper;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
                """,
                """
                CREATE TABLE animals (id bigint PRIMARY KEY, nick text DEFAULT 'x', age integer,
                    kind varchar(20) COLLATE "C" NOT NULL DEFAULT 'dog',
                    CONSTRAINT kinds CHECK (kind <> '' AND kind <> 'kind'), CONSTRAINT pair CHECK (kind <> nick),
                    CONSTRAINT "The ""One"" " UNIQUE (kind, id) DEFERRABLE INITIALLY DEFERRED)
                """,
                "COMMENT ON COLUMN animals.kind IS 'what it''s'",
                "ALTER TABLE animals ALTER kind SET STATISTICS 500, ALTER kind SET STORAGE EXTERNAL",
                "ALTER TABLE animals ALTER kind SET COMPRESSION pglz, ALTER kind SET (n_distinct = -0.5)",
                "GRANT SELECT (kind), UPDATE (kind) ON animals TO plan_keeper WITH GRANT OPTION",
                "GRANT SELECT (kind) ON animals TO PUBLIC",
                "CREATE INDEX animals_kind_idx ON animals (kind text_pattern_ops DESC NULLS LAST) INCLUDE (age)",
                "COMMENT ON INDEX animals_kind_idx IS 'by kind'",
                "CREATE INDEX lowered ON animals USING hash (lower(kind))",
                "CREATE INDEX young ON animals (age) WHERE kind = 'kind' AND age < 3",
                "CREATE UNIQUE INDEX one_nick ON animals (nick, kind, id) WHERE kind IS NOT NULL",
                "CREATE INDEX other ON animals (age)",
                "INSERT INTO animals (id, kind) SELECT i, 'k' || i FROM generate_series(1, 20) i",
            ],
            rename: RenameColumn(table: "animals", from: "kind", to: "species"),
            values: ["'a'", "'b'", "'c'", "'d'"]),
        RenameScenario(
            name: "foreign key that cascades", dialect: .postgres,
            setUp: [
                "CREATE TABLE owners (id integer PRIMARY KEY)",
                "INSERT INTO owners SELECT generate_series(1, 9)",
                """
                CREATE TABLE animals (id bigint PRIMARY KEY, boss bigint REFERENCES animals,
                    owner integer DEFAULT 1 REFERENCES owners ON DELETE CASCADE ON UPDATE CASCADE,
                    CONSTRAINT second FOREIGN KEY (owner) REFERENCES owners DEFERRABLE)
                """,
                "INSERT INTO animals (id, owner) SELECT i, i FROM generate_series(1, 5) i",
            ],
            rename: RenameColumn(table: "animals", from: "owner", to: "keeper"),
            values: ["6", "7", "NULL", "8"]),
        RenameScenario(
            name: "foreign key over two columns, MATCH FULL", dialect: .postgres,
            setUp: [
                "CREATE TABLE cages (house integer, number integer, PRIMARY KEY (house, number))",
                "INSERT INTO cages SELECT 1, generate_series(1, 9)",
                """
                CREATE TABLE animals (id bigint PRIMARY KEY, house integer NOT NULL DEFAULT 1, cage integer NOT NULL,
                    FOREIGN KEY (house, cage) REFERENCES cages (house, number) MATCH FULL ON DELETE RESTRICT)
                """,
                "INSERT INTO animals (id, cage) SELECT i, i FROM generate_series(1, 5) i",
            ],
            rename: RenameColumn(table: "animals", from: "cage", to: "box"),
            values: ["6", "7", "8", "9"]),
        RenameScenario(
            name: "serial", dialect: .postgres,
            setUp: [
                "CREATE TABLE animals (id bigint PRIMARY KEY, number serial UNIQUE)",
                "INSERT INTO animals (id) SELECT generate_series(1, 5)",
            ],
            rename: RenameColumn(table: "animals", from: "number", to: "tag"),
            values: ["60", "70", "80", "90"]),
        RenameScenario(
            name: "loose equality, no equality", dialect: .postgres,
            setUp: [
                "CREATE TABLE animals (id bigint PRIMARY KEY, weight numeric DEFAULT 1.0 UNIQUE NULLS NOT DISTINCT)",
                "INSERT INTO animals VALUES (1, 2.00), (2, 3.10)",
            ],
            rename: RenameColumn(table: "animals", from: "weight", to: "mass"),
            values: ["NULL", "5.00", "6.0", "7"]),
        RenameScenario(
            name: "json", dialect: .postgres,
            setUp: [
                "CREATE TABLE animals (id bigint PRIMARY KEY, facts json NOT NULL DEFAULT '{}')",
                "INSERT INTO animals VALUES (1, '{\"a\": 1}'), (2, '{ }')",
            ],
            rename: RenameColumn(table: "animals", from: "facts", to: "notes"),
            values: ["'[1]'", "'[ 1]'", "'[1 ]'", "'null'"]),
    ]

    /// SQLite: as far as ALTER TABLE reaches.
    static let sqlite: [RenameScenario] = [
        RenameScenario(
            name: "indexes and a default", dialect: .sqlite,
            setUp: [
                "CREATE TABLE animals (id INTEGER PRIMARY KEY, nick text, kind text COLLATE NOCASE NOT NULL DEFAULT 'dog')",
                "CREATE INDEX animals_kind_idx ON animals (kind DESC)",
                "CREATE UNIQUE INDEX kind_and_nick ON animals (nick, kind COLLATE BINARY)",
                "CREATE UNIQUE INDEX strange ON animals (kind)",
                "CREATE INDEX other ON animals (nick)",
                "CREATE VIEW nicks AS SELECT id, nick FROM animals",
                "INSERT INTO animals (id, kind) VALUES (1, 'Cat'), (2, 'cat1'), (3, 'dog')",
            ],
            rename: RenameColumn(table: "animals", from: "kind", to: "species"),
            values: ["'a'", "'B'", "'c'", "'d'"]),
        RenameScenario(
            name: "any value in any column", dialect: .sqlite,
            setUp: [
                "CREATE TABLE animals (id text PRIMARY KEY, rowid text, weight) ",
                "INSERT INTO animals (id, weight) VALUES (1, 1), (2, 1.0), (3, '1'), (4, x'31'), (5, NULL)",
            ],
            rename: RenameColumn(table: "animals", from: "weight", to: "mass"),
            values: ["NULL", "2.0", "2", "x'00'"]),
        RenameScenario(
            name: "without rowid", dialect: .sqlite,
            setUp: [
                "CREATE TABLE animals (id integer, house integer DEFAULT 1, kind text, PRIMARY KEY (house, id)) WITHOUT ROWID",
                "INSERT INTO animals (id, kind) VALUES (1, 'cat'), (2, 'dog')",
            ],
            rename: RenameColumn(table: "animals", from: "kind", to: "species"),
            values: ["NULL", "'b'", "'c'", "'d'"]),
    ]

    /// Names that break whatever pastes them, as table and both columns.
    static let hostile: [RenameScenario] = Dialect.allCases.flatMap { dialect in
        hostileNames(dialect).map { name in
            let old = String(name.reversed()) == name ? "old" : String(name.reversed())
            let table = dialect.quote(TableName(name))
            let type = dialect == .postgres ? "bigint PRIMARY KEY" : "INTEGER PRIMARY KEY"
            let index =
                dialect == .postgres ? dialect.quote("i" + name.prefix(20)) : dialect.quote("i" + name)
            return RenameScenario(
                name: name, dialect: dialect,
                setUp: [
                    "CREATE TABLE \(table) (\(dialect.quote("id")) \(type), \(dialect.quote(old)) text DEFAULT 'x')",
                    "CREATE UNIQUE INDEX \(index) ON \(dialect.quote(name)) (\(dialect.quote(old)), \(dialect.quote("id")))",
                    "INSERT INTO \(table) VALUES (1, 'one'), (2, NULL)",
                ],
                rename: RenameColumn(table: TableName(name), from: old, to: name),
                values: ["'a'", "'b'", "NULL", "'d'"])
        }
    }

    /// A database is made anew for every scenario, which takes PostgreSQL a while: it gets those that differ in kind.
    private static func hostileNames(_ dialect: Dialect) -> [String] {
        switch dialect {
        case .sqlite: HostileNames.all
        case .postgres:
            ["double\"quote", "single'quote", "drop table x; --", "$1", "%s", "🐕", "select"]
                + [HostileNames.longASCII, HostileNames.longMultibyte]
        }
    }
}
