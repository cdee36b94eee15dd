import DoubleWrite
import MigrationCore

extension ShapeScenario {
    static let all: [ShapeScenario] = postgresTypes + postgresValues + postgresShapes + sqlite

    static let postgresTypes: [ShapeScenario] = [
        ShapeScenario(
            name: "integer to bigint, with everything on it", dialect: .postgres,
            setUp: [
                """
                DO $$ BEGIN CREATE ROLE plan_keeper;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
                """,
                "CREATE TABLE owners (id integer PRIMARY KEY)",
                "INSERT INTO owners SELECT generate_series(1, 9)",
                """
                CREATE TABLE t (id bigint PRIMARY KEY, other integer,
                    n integer NOT NULL DEFAULT 1 REFERENCES owners ON DELETE CASCADE,
                    CONSTRAINT positive CHECK (n > 0), CONSTRAINT pair CHECK (n <> other), UNIQUE (n, id))
                """,
                "CREATE INDEX t_n_idx ON t (n DESC) INCLUDE (other)",
                "COMMENT ON INDEX t_n_idx IS 'by n'",
                "CREATE INDEX doubled ON t ((n * 2)) WHERE n > 3",
                "CREATE UNIQUE INDEX one ON t (n, other)",
                "COMMENT ON COLUMN t.n IS 'how many'",
                "ALTER TABLE t ALTER n SET STATISTICS 300",
                "GRANT SELECT (n) ON t TO plan_keeper",
                "INSERT INTO t (id, n) SELECT i, i FROM generate_series(1, 5) i",
            ],
            operation: .changeType(ChangeType(table: "t", column: "n", type: "int8")),
            olds: ["n"], news: ["n"],
            writes: ["6", "7", "8", "9"].map { Write($0, $0) },
            directly: ["ALTER TABLE t ALTER n TYPE bigint"]),
        ShapeScenario(
            name: "a serial", dialect: .postgres,
            setUp: [
                "CREATE TABLE t (id bigint PRIMARY KEY, n serial)",
                "INSERT INTO t (id) SELECT generate_series(1, 5)",
            ],
            operation: .changeType(ChangeType(table: "t", column: "n", type: "bigint")),
            olds: ["n"], news: ["n"], writes: ["60", "70", "80", "90"].map { Write($0, $0) },
            directly: ["ALTER TABLE t ALTER n TYPE bigint", "ALTER SEQUENCE t_n_seq AS bigint"]),
        ShapeScenario(
            name: "text to integer", dialect: .postgres,
            setUp: [
                "CREATE TABLE t (id bigint PRIMARY KEY, n text COLLATE \"C\")",
                "INSERT INTO t VALUES (1, '12'), (2, NULL), (3, '-7')",
            ],
            operation: .changeType(ChangeType(table: "t", column: "n", type: "integer")),
            olds: ["n"], news: ["n"],
            writes: [Write("'5'", "5"), Write("NULL", "NULL"), Write("'6'", "6"), Write("'7'", "7")],
            directly: ["ALTER TABLE t ALTER n TYPE integer USING n::integer"]),
        ShapeScenario(
            name: "scale of a numeric", dialect: .postgres,
            setUp: [
                "CREATE TABLE t (id bigint PRIMARY KEY, n numeric(10,2))",
                "INSERT INTO t VALUES (1, 1.10), (2, NULL), (3, 12345678.99)",
            ],
            operation: .changeType(ChangeType(table: "t", column: "n", type: "numeric(14,4)")),
            olds: ["n"], news: ["n"], writes: ["1.00", "NULL", "2.5", "3.25"].map { Write($0, $0) },
            directly: ["ALTER TABLE t ALTER n TYPE numeric(14,4)"]),
        ShapeScenario(
            name: "a zone for a timestamp", dialect: .postgres,
            setUp: [
                "SET timezone = 'Asia/Tokyo'",
                "CREATE TABLE t (id bigint PRIMARY KEY, n timestamp)",
                "INSERT INTO t VALUES (1, '2020-01-01 00:00'), (2, NULL), (3, 'infinity')",
            ],
            operation: .changeType(
                ChangeType(
                    table: "t", column: "n", type: "timestamptz", up: "n AT TIME ZONE 'UTC'",
                    down: "n AT TIME ZONE 'UTC' -- back")),
            olds: ["n"], news: ["n"],
            writes: [Write("'2021-01-01 10:00'", "'2021-01-01 10:00Z'"), Write("NULL", "NULL")],
            directly: ["ALTER TABLE t ALTER n TYPE timestamptz USING n AT TIME ZONE 'UTC'"]),
        ShapeScenario(
            name: "an interval to seconds", dialect: .postgres,
            setUp: [
                "CREATE TABLE t (id bigint PRIMARY KEY, n interval)",
                "INSERT INTO t VALUES (1, '90 s'), (2, NULL)",
            ],
            operation: .changeType(
                ChangeType(
                    table: "t", column: "n", type: "bigint", up: "extract(epoch FROM n)",
                    down: "make_interval(secs => n)")),
            olds: ["n"], news: ["n"], writes: [Write("'2 s'", "2"), Write("'3 s'", "3")],
            directly: ["ALTER TABLE t ALTER n TYPE bigint USING extract(epoch FROM n)"]),
    ]

    /// Values that `=` takes for one another, or that no number is.
    static let postgresValues: [ShapeScenario] = [
        ShapeScenario(
            name: "citext to text", dialect: .postgres,
            setUp: [
                "CREATE EXTENSION IF NOT EXISTS citext",
                "CREATE TABLE t (id bigint PRIMARY KEY, n citext UNIQUE)",
                "INSERT INTO t VALUES (1, 'Bob'), (2, NULL), (3, '')",
            ],
            operation: .changeType(ChangeType(table: "t", column: "n", type: "text")),
            olds: ["n"], news: ["n"], writes: ["'Eve'", "NULL", "'ada'", "'Zoë'"].map { Write($0, $0) },
            directly: ["ALTER TABLE t ALTER n TYPE text"]),
        ShapeScenario(
            name: "an array", dialect: .postgres,
            setUp: [
                "CREATE TABLE t (id bigint PRIMARY KEY, n integer[] NOT NULL)",
                "INSERT INTO t VALUES (1, '{1,2}'), (2, '{NULL}'), (3, '[2:3]={5,6}')",
            ],
            operation: .changeType(ChangeType(table: "t", column: "n", type: "bigint[]")),
            olds: ["n"], news: ["n"], writes: ["'{}'", "'{{1,2},{3,4}}'", "'{7}'"].map { Write($0, $0) },
            directly: ["ALTER TABLE t ALTER n TYPE bigint[]"]),
        ShapeScenario(
            name: "what is no number", dialect: .postgres,
            setUp: [
                "CREATE TABLE t (id bigint PRIMARY KEY, n double precision)",
                "INSERT INTO t VALUES (1, 'NaN'), (2, NULL), (3, 'infinity'), (4, '-infinity'), (5, 0.1), (6, 0)",
            ],
            operation: .changeType(ChangeType(table: "t", column: "n", type: "numeric")),
            olds: ["n"], news: ["n"], writes: ["'NaN'", "NULL", "'-infinity'", "2.5"].map { Write($0, $0) },
            directly: ["ALTER TABLE t ALTER n TYPE numeric"]),
        ShapeScenario(
            name: "a domain to its type", dialect: .postgres,
            setUp: [
                "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
                "CREATE TABLE t (id bigint PRIMARY KEY, n positive)",
                "INSERT INTO t VALUES (1, 5), (2, NULL)",
            ],
            operation: .changeType(ChangeType(table: "t", column: "n", type: "bigint")),
            olds: ["n"], news: ["n"], writes: ["6", "NULL", "7"].map { Write($0, $0) },
            directly: ["ALTER TABLE t ALTER n TYPE bigint"]),
        ShapeScenario(
            name: "json to jsonb", dialect: .postgres,
            setUp: [
                "CREATE TABLE t (id bigint PRIMARY KEY, n json)",
                "INSERT INTO t VALUES (1, '{\"a\": 1.0}'), (2, NULL), (3, 'null'), (4, '[]')",
            ],
            operation: .changeType(ChangeType(table: "t", column: "n", type: "jsonb")),
            olds: ["n"], news: ["n"], writes: ["'{\"b\": [1, 2]}'", "'\"x\"'", "NULL"].map { Write($0, $0) },
            directly: ["ALTER TABLE t ALTER n TYPE jsonb"]),
    ]

    static let postgresShapes: [ShapeScenario] = [
        ShapeScenario(
            name: "another meaning under the same name", dialect: .postgres,
            setUp: [
                "CREATE TABLE t (id bigint PRIMARY KEY, price integer NOT NULL DEFAULT 1 CONSTRAINT t_price_check CHECK (price > 0))",
                "CREATE UNIQUE INDEX prices ON t (price, id)",
                "INSERT INTO t SELECT i, i FROM generate_series(1, 5) i",
            ],
            operation: .changeColumn(
                ChangeColumn(
                    table: "t", from: "price", to: "price", type: "bigint", defaultValue: "100",
                    check: "price >= 100", comment: "in cents", up: "price * 100", down: "price / 100")),
            olds: ["price"], news: ["price"],
            writes: ["6", "7", "8", "9"].map { Write($0, $0 + "00") },
            directly: [
                "ALTER TABLE t DROP CONSTRAINT t_price_check, ALTER price DROP DEFAULT",
                "ALTER TABLE t ALTER price TYPE bigint USING price * 100, ALTER price SET DEFAULT 100",
                "ALTER TABLE t ADD CONSTRAINT t_price_check CHECK (price >= 100)",
                "COMMENT ON COLUMN t.price IS 'in cents'",
            ]),
        ShapeScenario(
            name: "another name and meaning", dialect: .postgres,
            setUp: [
                "CREATE TABLE t (id bigint PRIMARY KEY, price integer UNIQUE, other text)",
                "CREATE INDEX prices ON t (other, price)",
                "INSERT INTO t SELECT i, i FROM generate_series(1, 5) i",
            ],
            operation: .changeColumn(
                ChangeColumn(
                    table: "t", from: "price", to: "cents", type: "bigint", check: "cents > 0",
                    up: "price::bigint * 100", down: "cents / 100")),
            olds: ["price"], news: ["cents"],
            writes: ["6", "7", "NULL", "9"].map { Write($0, $0 == "NULL" ? $0 : $0 + "00") },
            directly: [
                "ALTER TABLE t RENAME price TO cents",
                "ALTER TABLE t ALTER cents TYPE bigint USING cents * 100",
                "ALTER TABLE t ADD CHECK (cents > 0)",
            ]),
        ShapeScenario(
            name: "a name in two", dialect: .postgres,
            setUp: [
                "CREATE TABLE t (id bigint PRIMARY KEY, name text DEFAULT 'x')",
                "INSERT INTO t VALUES (1, 'Anna Maria Smith'), (2, NULL), (3, ''), (4, 'Bo')",
            ],
            operation: .splitColumn(splitName),
            olds: ["name"], news: ["given", "family"], writes: splitWrites,
            directly: [
                "ALTER TABLE t ADD given text DEFAULT 'x' CHECK (given <> 'y'), ADD family text UNIQUE",
                "UPDATE t SET given = split_part(name, ' ', 1), "
                    + "family = nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')",
                "ALTER TABLE t DROP name",
            ]),
        ShapeScenario(
            name: "two in one", dialect: .postgres,
            setUp: [
                "CREATE TABLE houses (house integer PRIMARY KEY)",
                "CREATE TABLE t (id bigint PRIMARY KEY, x integer NOT NULL, y integer NOT NULL DEFAULT 0)",
                "CREATE INDEX xs ON t (x)",
                "INSERT INTO t SELECT i, i, -i FROM generate_series(1, 5) i",
            ],
            operation: .mergeColumns(
                MergeColumns(
                    table: "t",
                    from: [
                        MergedColumn(name: "x", down: "split_part(at, ',', 1)"),
                        MergedColumn(name: "y", down: "split_part(at, ',', 2)"),
                    ],
                    to: DerivedColumn(
                        definition: ColumnDefinition(
                            name: "at", type: "varchar(30)", isNullable: false, defaultValue: "'0,0'"),
                        up: "x::text || ',' || y::text"))),
            olds: ["x", "y"], news: ["at"],
            writes: ["1", "2", "3", "4"].map { Write(old: [$0, $0], new: ["'\($0),\($0)'"]) },
            directly: [
                "ALTER TABLE t ADD at varchar(30) DEFAULT '0,0'",
                "UPDATE t SET at = x || ',' || y", "ALTER TABLE t ALTER at SET NOT NULL",
                "ALTER TABLE t DROP x, DROP y",
            ]),
        hostile(.postgres),
        hostileType(.postgres),
    ]

    /// A name in two, so that nothing of it is lost, whatever its words are.
    static let splitName = SplitColumn(
        table: "t", from: "name",
        to: [
            DerivedColumn(
                definition: ColumnDefinition(
                    name: "given", type: "text", defaultValue: "'x'", check: "given <> 'y'"),
                up: PerDialect(
                    postgres: "split_part(name, ' ', 1)",
                    sqlite: "substr(name, 1, instr(name || ' ', ' ') - 1)")),
            DerivedColumn(
                definition: ColumnDefinition(name: "family", type: "text", isUnique: true),
                up: PerDialect(
                    postgres: "nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')",
                    sqlite: "nullif(substr(name, instr(name || ' ', ' ') + 1), '')")),
        ],
        down: "given || coalesce(' ' || family, '')")

    static let splitWrites = [
        Write(old: ["'Ed Vall'"], new: ["'Ed'", "'Vall'"]),
        Write(old: ["NULL"], new: ["NULL", "NULL"]),
        Write(old: ["'Jo de la Mare'"], new: ["'Jo'", "'de la Mare'"]),
        Write(old: ["'Zoë'"], new: ["'Zoë'", "NULL"]),
    ]

    /// Columns whose names are parts of one another, or of SQL, and expressions that name them.
    static func hostile(_ dialect: Dialect) -> ShapeScenario {
        let name = "\"id;--\""
        return ShapeScenario(
            name: "hostile names", dialect: dialect, table: "select",
            setUp: [
                """
                CREATE TABLE \(dialect.quote(TableName("select"))) (id integer PRIMARY KEY, paid integer, \(name) integer)
                """,
                "INSERT INTO \(dialect.quote(TableName("select"))) VALUES (1, 2, 3), (2, NULL, 4), (3, 5, NULL)",
            ],
            operation: .mergeColumns(
                MergeColumns(
                    table: "select",
                    from: [
                        MergedColumn(
                            name: "paid",
                            down: "nullif(CAST(substr(\"it's 🐕\", 1, 10) AS integer), -1) /* id */"),
                        MergedColumn(
                            name: "id;--", down: "nullif(CAST(substr(\"it's 🐕\", 11) AS integer), -1) -- paid"
                        ),
                    ],
                    to: DerivedColumn(
                        definition: ColumnDefinition(name: "it's 🐕", type: "text"),
                        up: PerDialect(
                            postgres:
                                "lpad(coalesce(paid, -1)::text, 10) || coalesce(\(name), -1)::text -- \"id\"",
                            sqlite:
                                "substr('          ' || coalesce(paid, -1), -10) || coalesce(\(name), -1) -- \"id\""
                        )))
            ),
            olds: ["paid", "id;--"], news: ["it's 🐕"],
            writes: [
                Write(old: ["6", "7"], new: ["'         67'"]),
                Write(old: ["NULL", "7"], new: ["'        -17'"]),
                Write(old: ["8", "9"], new: ["'         89'"]),
                Write(old: ["NULL", "NULL"], new: ["'        -1-1'"]),
            ],
            directly: [
                "ALTER TABLE \(dialect.quote(TableName("select"))) ADD COLUMN \"it's 🐕\" text",
                "UPDATE \(dialect.quote(TableName("select"))) SET \"it's 🐕\" = substr('          ' || coalesce(paid, -1), "
                    + "length(CAST(coalesce(paid, -1) AS text)) + 1) || coalesce(\(name), -1)",
                "ALTER TABLE \(dialect.quote(TableName("select"))) DROP COLUMN paid",
                "ALTER TABLE \(dialect.quote(TableName("select"))) DROP COLUMN \(name)",
            ])
    }

    /// A column of such a name that keeps it, so that the expressions stand in a scope of their own.
    static func hostileType(_ dialect: Dialect) -> ShapeScenario {
        let name = "\"id;--\""
        let direct =
            dialect == .postgres
            ? ["ALTER TABLE t ALTER \(name) TYPE text USING 'n' || \(name)"]
            : [
                "ALTER TABLE t ADD COLUMN new text", "UPDATE t SET new = 'n' || \(name)",
                "ALTER TABLE t DROP COLUMN \(name)", "ALTER TABLE t RENAME COLUMN new TO \(name)",
            ]
        return ShapeScenario(
            name: "a hostile name that stays", dialect: dialect,
            setUp: [
                "CREATE TABLE t (id integer PRIMARY KEY, paid integer, \(name) integer)",
                "INSERT INTO t VALUES (1, 2, 3), (2, NULL, NULL)",
            ],
            operation: .changeType(
                ChangeType(
                    table: "t", column: "id;--", type: "text", up: PerDialect("'n' || \(name) -- id"),
                    down: PerDialect("CAST(substr(\(name), 2) AS integer) /* paid */"))),
            olds: ["id;--"], news: ["id;--"],
            writes: [Write("6", "'n6'"), Write("NULL", "NULL"), Write("7", "'n7'"), Write("8", "'n8'")],
            directly: direct)
    }
}
