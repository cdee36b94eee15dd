import DoubleWrite
import MigrationCore

extension ShapeScenario {
    /// SQLite, as far as ALTER TABLE reaches.
    static let sqlite: [ShapeScenario] = [
        ShapeScenario(
            name: "text to integer", dialect: .sqlite,
            setUp: [
                "CREATE TABLE t (id INTEGER PRIMARY KEY, n text, other text)",
                "CREATE INDEX ns ON t (n DESC, other)", "CREATE UNIQUE INDEX one ON t (n)",
                "INSERT INTO t (id, n) VALUES (1, '12'), (2, NULL), (3, '-7')",
            ],
            operation: .changeType(ChangeType(table: "t", column: "n", type: "INTEGER")),
            olds: ["n"], news: ["n"],
            writes: [Write("'5'", "5"), Write("NULL", "NULL"), Write("'6'", "6"), Write("'7'", "7")],
            directly: [
                "DROP INDEX ns", "DROP INDEX one", "ALTER TABLE t ADD COLUMN new INTEGER",
                "UPDATE t SET new = n",
                "ALTER TABLE t DROP COLUMN n", "ALTER TABLE t RENAME COLUMN new TO n",
                "CREATE INDEX ns ON t (n DESC, other)", "CREATE UNIQUE INDEX one ON t (n)",
            ]),
        ShapeScenario(
            name: "another meaning under the same name", dialect: .sqlite,
            setUp: [
                "CREATE TABLE t (id INTEGER PRIMARY KEY, price REAL NOT NULL DEFAULT 1)",
                "INSERT INTO t SELECT 1, 1 UNION SELECT 2, 2.25",
            ],
            operation: .changeColumn(
                ChangeColumn(
                    table: "t", from: "price", to: "price", type: "INTEGER", defaultValue: "100",
                    up: "price * 100", down: "price / 100.0")),
            olds: ["price"], news: ["price"],
            writes: [Write("6", "600"), Write("7.5", "750"), Write("8", "800"), Write("9", "900")],
            directly: [
                "ALTER TABLE t ADD COLUMN new INTEGER NOT NULL DEFAULT 100", "UPDATE t SET new = price * 100",
                "ALTER TABLE t DROP COLUMN price", "ALTER TABLE t RENAME COLUMN new TO price",
            ]),
        ShapeScenario(
            name: "another name and meaning", dialect: .sqlite,
            setUp: [
                "CREATE TABLE t (id text PRIMARY KEY, price integer) WITHOUT ROWID",
                "CREATE INDEX prices ON t (price)",
                "INSERT INTO t VALUES (1, 1), (2, NULL)",
            ],
            operation: .changeColumn(
                ChangeColumn(
                    table: "t", from: "price", to: "cents", type: "NUMERIC", up: "price * 100.0",
                    down: "cents / 100")),
            olds: ["price"], news: ["cents"],
            writes: ["6", "7", "NULL", "9"].map { Write($0, $0 == "NULL" ? $0 : $0 + "00") },
            directly: [
                "DROP INDEX prices", "ALTER TABLE t ADD COLUMN cents NUMERIC",
                "UPDATE t SET cents = price * 100",
                "ALTER TABLE t DROP COLUMN price", "CREATE INDEX prices ON t (cents)",
            ]),
        ShapeScenario(
            name: "a name in two", dialect: .sqlite,
            setUp: [
                "CREATE TABLE t (id INTEGER PRIMARY KEY, name text DEFAULT 'x')",
                "INSERT INTO t VALUES (1, 'Anna Maria Smith'), (2, NULL), (3, ''), (4, 'Bo')",
            ],
            operation: .splitColumn(splitName),
            olds: ["name"], news: ["given", "family"], writes: splitWrites,
            directly: [
                "ALTER TABLE t ADD COLUMN given text DEFAULT 'x' CHECK (given <> 'y')",
                "ALTER TABLE t ADD COLUMN family text", "CREATE UNIQUE INDEX t_family_key ON t (family)",
                "UPDATE t SET given = substr(name, 1, instr(name || ' ', ' ') - 1), "
                    + "family = nullif(substr(name, instr(name || ' ', ' ') + 1), '')",
                "ALTER TABLE t DROP COLUMN name",
            ]),
        hostile(.sqlite),
        hostileType(.sqlite),
    ]
}
