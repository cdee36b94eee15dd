import DoubleWrite
import MigrationCore
import TestSupport
import Testing

/// Two tables, a column that moves from one to the other, and what writers do at each stage.
struct MoveScenario: Sendable, CustomTestStringConvertible {
    var name: String
    var dialect: Dialect
    var setUp: [String]
    var move: MoveColumn
    /// The key of the `n`-th row that is written on the way, as SQL, one for each joined column.
    var key: @Sendable (Int) -> [String]
    /// Values as SQL, one for each row that is written on the way; all different.
    var values: [String]
    /// What stands in the target's definition in the oracle.
    var oracle: [String]

    var testDescription: String { "\(dialect.rawValue): \(name)" }
    var migration: Migration { Migration(name: "0002_move", operations: [.moveColumn(move)]) }

    /// Writes a row of each table as an application does that follows the stage.
    func insert(_ number: Int, _ value: String, stage: Stage, into database: TestDatabase) throws {
        let key = self.key(number)
        let isOld = stage != .new && stage != .done
        let isNew = stage != .old
        try insert(
            move.table, move.join.map(\.source) + (isOld ? [move.column] : []), key + (isOld ? [value] : []),
            database)
        try insert(
            move.toTable, move.join.map(\.target) + (isNew ? [move.to] : []), key + (isNew ? [value] : []),
            database)
    }

    private func insert(
        _ table: TableName, _ columns: [String], _ values: [String], _ database: TestDatabase
    ) throws {
        try database.run(
            "INSERT INTO \(dialect.quote(table)) (\(dialect.quote(columns))) VALUES (\(values.joined(separator: ", ")))"
        )
    }

    /// Every row of the source with its value, wherever that is the truth.
    func rows(_ database: TestDatabase, isNew: Bool) throws -> [[SQLValue]] {
        let keys = move.join.map { "s.\(dialect.quote($0.source))" }.joined(separator: ", ")
        let value = isNew ? "t.\(dialect.quote(move.to))" : "s.\(dialect.quote(move.column))"
        let joined = move.join.map { "t.\(dialect.quote($0.target)) = s.\(dialect.quote($0.source))" }
        return try database.run(
            "SELECT \(keys), CAST(\(value) AS text) FROM \(dialect.quote(move.table)) AS s LEFT JOIN "
                + "\(dialect.quote(move.toTable)) AS t ON \(joined.joined(separator: " AND ")) ORDER BY 1, 2"
        ).rows
    }
}

extension MoveScenario {
    static let all: [MoveScenario] =
        [plain(.postgres), plain(.sqlite), twoColumns(.postgres), twoColumns(.sqlite), loose]
        + hostile

    /// Rows without a partner on either side, NULLs, and a column of the same name in both tables.
    static func plain(_ dialect: Dialect) -> MoveScenario {
        let key = dialect == .postgres ? "bigint" : "INTEGER"
        let setUp = [
            "CREATE TABLE animals (id \(key) PRIMARY KEY, name text, chip text)",
            "CREATE INDEX by_chip ON animals (chip)",
            """
            CREATE TABLE chips (animal_id \(key) PRIMARY KEY REFERENCES animals ON DELETE CASCADE, maker text, \
            name text DEFAULT NULL)
            """,
            "INSERT INTO animals VALUES (1, 'Ada', 'a'), (2, 'Bob', NULL), (3, 'Cy', 'c'), (4, 'Di', ''), (5, 'Eve', NULL)",
            "INSERT INTO chips VALUES (1, 'x', 'n'), (2, 'y', NULL), (4, NULL, NULL)",
        ]
        return MoveScenario(
            name: "plain", dialect: dialect, setUp: setUp,
            move: MoveColumn(
                table: "animals", column: "chip", toTable: "chips",
                join: [.init(source: "id", target: "animal_id")]),
            key: { [String(1000 + $0)] }, values: ["'p'", "'q'", "NULL", "'s'"],
            oracle: ["ALTER TABLE chips ADD COLUMN chip text"])
    }

    static func twoColumns(_ dialect: Dialect) -> MoveScenario {
        MoveScenario(
            name: "a key over two columns", dialect: dialect,
            setUp: [
                """
                CREATE TABLE cages (house integer NOT NULL, number integer NOT NULL, lock_code varchar(9),
                    PRIMARY KEY (house, number))
                """,
                """
                CREATE TABLE locks (cage integer NOT NULL, house integer NOT NULL, id integer, UNIQUE (cage, house),
                    FOREIGN KEY (house, cage) REFERENCES cages (house, number))
                """,
                "INSERT INTO cages VALUES (1, 1, 'a'), (1, 2, NULL), (2, 1, 'c')",
                "INSERT INTO locks VALUES (1, 2, 7), (2, 1, 8)",
            ],
            move: MoveColumn(
                table: "cages", column: "lock_code", toTable: "locks", to: "code",
                join: [.init(source: "number", target: "cage"), .init(source: "house", target: "house")]),
            key: { [String(1000 + $0), "9"] }, values: ["'p'", "'q'", "NULL", "'s'"],
            oracle: ["ALTER TABLE locks ADD COLUMN code varchar(9)"])
    }

    /// A type whose `=` is looser than identity, and everything that a column has and that goes along.
    static let loose = MoveScenario(
        name: "numeric with grants and a comment", dialect: .postgres,
        setUp: [
            """
            DO $$ BEGIN CREATE ROLE plan_keeper;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
            """,
            "CREATE TABLE animals (id bigint PRIMARY KEY, weight numeric)",
            "COMMENT ON COLUMN animals.weight IS 'it''s'", "GRANT SELECT (weight) ON animals TO plan_keeper",
            "ALTER TABLE animals ALTER weight SET STATISTICS 500",
            "CREATE TABLE scales (id bigint PRIMARY KEY REFERENCES animals, CONSTRAINT c CHECK (id > 0))",
            "INSERT INTO animals VALUES (1, 1.0), (2, 1.00), (3, NULL)", "INSERT INTO scales VALUES (2)",
        ],
        move: MoveColumn(
            table: "animals", column: "weight", toTable: "scales", to: "mass",
            join: [.init(source: "id", target: "id")]),
        key: { [String(1000 + $0)] }, values: ["1.0", "1.00", "NULL", "2"],
        oracle: [
            "ALTER TABLE scales ADD COLUMN mass numeric", "COMMENT ON COLUMN scales.mass IS 'it''s'",
            "GRANT SELECT (mass) ON scales TO plan_keeper",
            "ALTER TABLE scales ALTER mass SET STATISTICS 500",
        ])

    /// Names that break whatever pastes them, as both tables and all columns.
    static let hostile: [MoveScenario] = Dialect.allCases.flatMap { dialect in
        let names =
            dialect == .sqlite
            ? HostileNames.all + ["excluded", "t", "dedulcxe"]
            : [
                "double\"quote", "drop table x; --", "$1", "{rows}", "excluded", "🐕", "select",
                HostileNames.longMultibyte,
            ]
        return names.map { name in
            let other = String(name.reversed()) == name ? "old" : String(name.reversed())
            let (table, target) = (dialect.quote(name), dialect.quote(other))
            let key = dialect == .postgres ? "bigint" : "INTEGER"
            let id = dialect.quote("id " + name.prefix(4))
            return MoveScenario(
                name: name, dialect: dialect,
                setUp: [
                    "CREATE TABLE \(table) (\(id) \(key) PRIMARY KEY, \(dialect.quote(name)) text)",
                    "CREATE TABLE \(target) (\(id) \(key) PRIMARY KEY REFERENCES \(table))",
                    "INSERT INTO \(table) VALUES (1, 'one'), (2, NULL)", "INSERT INTO \(target) VALUES (2)",
                ],
                move: MoveColumn(
                    table: TableName(name), column: name, toTable: TableName(other),
                    join: [.init(source: "id " + name.prefix(4), target: "id " + name.prefix(4))]),
                key: { [String(1000 + $0)] }, values: ["'a'", "'b'", "NULL", "'d'"],
                oracle: ["ALTER TABLE \(target) ADD COLUMN \(dialect.quote(name)) text"])
        }
    }
}
