import DoubleWrite
import MigrationCore
import TestSupport
import Testing

/// A table, a change of it with `sync: trigger`, and rows as each shape says them.
struct SyncPlanScenario: Sendable, CustomTestStringConvertible {
    enum Shape: Sendable { case old, new }

    struct Value: Sendable {
        var column: String
        var sql: String
    }

    /// One row, as each shape says it.
    struct Pair: Sendable {
        var old: [Value]
        var new: [Value]

        func values(_ shape: Shape) -> [Value] { shape == .old ? old : new }

        init(_ old: [(String, String)], _ new: [(String, String)]) {
            self.old = old.map { Value(column: $0.0, sql: $0.1) }
            self.new = new.map { Value(column: $0.0, sql: $0.1) }
        }
    }

    var name: String
    var dialect: Dialect
    var table: TableName = "animals"
    var setUp: [String]
    var operation: MigrationCore.Operation
    var pairs: [Pair]
    /// What makes the same table directly; `nil` where that is not one statement's work.
    var oracle: [String]?
    var isHostile = false
    var keepsName = false

    var testDescription: String { "\(dialect.rawValue): \(name)" }
}

extension SyncPlanScenario {
    static let all: [SyncPlanScenario] = Dialect.allCases.flatMap { dialect in
        renames(dialect) + splits(dialect) + merges(dialect) + types(dialect) + hostile(dialect)
    }

    private static func key(_ dialect: Dialect) -> String {
        dialect == .postgres ? "id bigint PRIMARY KEY" : "id INTEGER PRIMARY KEY"
    }

    private static func fill(_ dialect: Dialect, _ columns: String, _ values: String) -> String {
        let numbers =
            dialect == .postgres
            ? "generate_series(1, 20) AS n(i)"
            : "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20) SELECT i FROM n)"
        return "INSERT INTO animals (id, \(columns)) SELECT i, \(values) FROM \(numbers)"
    }

    private static func renames(_ dialect: Dialect) -> [SyncPlanScenario] {
        let texts = ["'a'", "'it''s'", "''", "'d'", "'e'"]
        let pairs = (texts + ["NULL"]).map { Pair([("kind", $0)], [("species", $0)]) }
        let rename = MigrationCore.Operation.renameColumn(
            RenameColumn(table: "animals", from: "kind", to: "species", sync: .trigger))
        let oracle = ["ALTER TABLE animals RENAME COLUMN kind TO species"]
        let plain = SyncPlanScenario(
            name: "rename", dialect: dialect,
            setUp: [
                "CREATE TABLE animals (\(key(dialect)), kind text, age integer)",
                "CREATE INDEX by_kind ON animals (kind)",
                fill(dialect, "kind", "CASE i % 3 WHEN 0 THEN NULL ELSE 'k' || i END"),
            ], operation: rename, pairs: pairs, oracle: oracle)
        let notNull = SyncPlanScenario(
            name: "rename NOT NULL with a default", dialect: dialect,
            setUp: [
                "CREATE TABLE animals (\(key(dialect)), kind text NOT NULL DEFAULT 'cow')",
                fill(dialect, "kind", "'k' || i"),
            ], operation: rename, pairs: Array(pairs.dropLast()), oracle: oracle)
        guard dialect == .postgres else { return [plain, notNull] }
        let keyed = SyncPlanScenario(
            name: "rename of a foreign key that cascades", dialect: .postgres,
            setUp: [
                "CREATE TABLE owners (id integer PRIMARY KEY)",
                "INSERT INTO owners SELECT generate_series(1, 99)",
                """
                CREATE TABLE animals (id bigint PRIMARY KEY, owner integer NOT NULL DEFAULT 1
                    REFERENCES owners ON DELETE CASCADE ON UPDATE CASCADE, CONSTRAINT known CHECK (owner > 0),
                    CONSTRAINT once UNIQUE (owner, id))
                """,
                fill(.postgres, "owner", "i"),
            ],
            operation: .renameColumn(
                RenameColumn(table: "animals", from: "owner", to: "keeper", sync: .trigger)),
            pairs: ["6", "7", "1", "9"].map { Pair([("owner", $0)], [("keeper", $0)]) },
            oracle: ["ALTER TABLE animals RENAME COLUMN owner TO keeper"])
        let serial = SyncPlanScenario(
            name: "rename of a serial", dialect: .postgres,
            setUp: [
                "CREATE TABLE animals (id bigint PRIMARY KEY, number serial)",
                "INSERT INTO animals SELECT generate_series(1, 5)",
            ],
            operation: .renameColumn(
                RenameColumn(table: "animals", from: "number", to: "tag", sync: .trigger)),
            pairs: ["60", "70", "80"].map { Pair([("number", $0)], [("tag", $0)]) },
            oracle: ["ALTER TABLE animals RENAME COLUMN number TO tag"])
        return [plain, notNull, keyed, serial]
    }

    private static func splits(_ dialect: Dialect) -> [SyncPlanScenario] {
        let first = PerDialect(
            postgres: "split_part(name, ' ', 1)", sqlite: "substr(name, 1, instr(name || ' ', ' ') - 1)")
        let rest = PerDialect(
            postgres: "nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')",
            sqlite: "nullif(substr(name, instr(name || ' ', ' ') + 1), '')")
        let names: [(String, String, String)] = [
            ("'Anna Smith'", "'Anna'", "'Smith'"), ("'Eve'", "'Eve'", "NULL"),
            ("'Anna Maria Smith'", "'Anna'", "'Maria Smith'"), ("NULL", "NULL", "NULL"), ("''", "''", "NULL"),
        ]
        return [false, true].map { isLossyDown in
            SyncPlanScenario(
                name: isLossyDown ? "split, lossy" : "split", dialect: dialect,
                setUp: [
                    "CREATE TABLE animals (\(key(dialect)), name text)",
                    fill(
                        dialect, "name",
                        "CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'Anna' ELSE 'Anna ' || i END"),
                ],
                operation: .splitColumn(
                    SplitColumn(
                        table: "animals", from: "name",
                        to: [
                            DerivedColumn(
                                definition: ColumnDefinition(name: "given", type: "text"), up: first),
                            DerivedColumn(
                                definition: ColumnDefinition(name: "family", type: "text"), up: rest),
                        ],
                        down: PerDialect("given || coalesce(' ' || family, '')"), isLossyDown: isLossyDown,
                        sync: .trigger)),
                pairs: names.map { Pair([("name", $0.0)], [("given", $0.1), ("family", $0.2)]) },
                oracle: [
                    "ALTER TABLE animals ADD COLUMN given text", "ALTER TABLE animals ADD COLUMN family text",
                    "ALTER TABLE animals DROP COLUMN name",
                ])
        }
    }

    private static func merges(_ dialect: Dialect) -> [SyncPlanScenario] {
        let up = PerDialect(postgres: "euros * 100 + cents", sqlite: "euros * 100 + cents")
        return [
            SyncPlanScenario(
                name: "merge", dialect: dialect,
                setUp: [
                    "CREATE TABLE animals (\(key(dialect)), euros integer DEFAULT 0, cents integer DEFAULT 0)",
                    fill(dialect, "euros, cents", "i, 5"),
                ],
                operation: .mergeColumns(
                    MergeColumns(
                        table: "animals",
                        from: [
                            MergedColumn(name: "euros", down: PerDialect("price / 100")),
                            MergedColumn(name: "cents", down: PerDialect("price % 100")),
                        ],
                        to: DerivedColumn(
                            definition: ColumnDefinition(name: "price", type: "integer", defaultValue: "0"),
                            up: up),
                        sync: .trigger)),
                pairs: [("1", "2", "102"), ("0", "0", "0"), ("NULL", "NULL", "NULL"), ("7", "99", "799")].map
                {
                    Pair([("euros", $0.0), ("cents", $0.1)], [("price", $0.2)])
                },
                oracle: [
                    "ALTER TABLE animals ADD COLUMN price integer DEFAULT 0",
                    "ALTER TABLE animals DROP COLUMN euros",
                    "ALTER TABLE animals DROP COLUMN cents",
                ])
        ]
    }

    private static func types(_ dialect: Dialect) -> [SyncPlanScenario] {
        let renamed = SyncPlanScenario(
            name: "change_column to another name and type", dialect: dialect,
            setUp: [
                "CREATE TABLE animals (\(key(dialect)), age integer DEFAULT 3)",
                fill(dialect, "age", "CASE i % 3 WHEN 0 THEN NULL ELSE i END"),
            ],
            operation: .changeColumn(
                ChangeColumn(
                    table: "animals", from: "age", to: "months", type: "text", defaultValue: "'36'",
                    up: PerDialect("CAST(age * 12 AS text)"),
                    down: PerDialect("CAST(months AS integer) / 12"), sync: .trigger)),
            pairs: [("1", "'12'"), ("NULL", "NULL"), ("3", "'36'"), ("0", "'0'")].map {
                Pair([("age", $0.0)], [("months", $0.1)])
            },
            oracle: [
                "ALTER TABLE animals ADD COLUMN months text DEFAULT '36'",
                "ALTER TABLE animals DROP COLUMN age",
            ])
        var kept = SyncPlanScenario(
            name: "change_type", dialect: dialect,
            setUp: [
                "CREATE TABLE animals (\(key(dialect)), chip text DEFAULT '7')",
                "CREATE INDEX by_chip ON animals (chip)",
                fill(dialect, "chip", "CASE i % 3 WHEN 0 THEN NULL ELSE CAST(i AS text) END"),
            ],
            operation: .changeType(
                ChangeType(table: "animals", column: "chip", type: "integer", sync: .trigger)),
            pairs: [("'1'", "1"), ("NULL", "NULL"), ("'7'", "7"), ("'-5'", "-5")].map {
                Pair([("chip", $0.0)], [("chip", $0.1)])
            },
            oracle: nil)
        kept.keepsName = true
        return [renamed, kept]
    }

    private static func hostile(_ dialect: Dialect) -> [SyncPlanScenario] {
        let names =
            dialect == .sqlite
            ? HostileNames.all
            : [
                "double\"quote", "single'quote", "drop table x; --", "$sync$", "%s", "🐕", "select", "new",
                "found",
            ]
                + [HostileNames.longASCII, HostileNames.longMultibyte]
        return names.map { name in
            let old = String(name.reversed()) == name ? "old" : String(name.reversed())
            let quoted = dialect.quote(TableName(name))
            var scenario = SyncPlanScenario(
                name: "change_column with hostile names: \(name)", dialect: dialect, table: TableName(name),
                setUp: [
                    "CREATE TABLE \(quoted) (\(key(dialect)), \(dialect.quote(old)) integer)",
                    "INSERT INTO \(quoted) VALUES (1, 1), (2, NULL)",
                ],
                operation: .changeColumn(
                    ChangeColumn(
                        table: TableName(name), from: old, to: name, type: "bigint",
                        up: PerDialect("\(dialect.quote(old)) + 1 -- up"),
                        down: PerDialect("\(dialect.quote(name)) - 1"),
                        sync: .trigger)),
                pairs: [("1", "2"), ("NULL", "NULL"), ("3", "4")].map { Pair([(old, $0.0)], [(name, $0.1)]) })
            scenario.isHostile = true
            return scenario
        }
    }
}
