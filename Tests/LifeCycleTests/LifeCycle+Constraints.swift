import DoubleWrite
import MigrationCore

/// What holds a table's values: NOT NULL, defaults, constraints.
extension LifeCycle {
    static func constraints(_ dialect: Dialect) -> [LifeCycle] {
        [
            setNotNull(dialect), dropNotNull(dialect), setDefault(dialect), dropDefault(dialect),
            addCheck(dialect), addForeignKey(dialect), addUnique(dialect), addPrimaryKey(dialect),
            dropConstraint(dialect), renameConstraint(dialect), dropUnique(dialect), renameUnique(dialect),
        ] + (dialect == .postgres ? [setComment()] : [])
    }

    /// The table with `columns` as it is directly made: SQLite cannot alter most of it.
    private static func remade(
        _ dialect: Dialect, postgres: String..., sqlite columns: String
    ) -> [String] {
        switch dialect {
        case .postgres: postgres
        case .sqlite:
            [
                "DROP TABLE animals",
                "CREATE TABLE animals (id INTEGER PRIMARY KEY, name text NOT NULL, \(columns))",
            ]
        }
    }

    /// An operation on a table with a `kind`, by an application that fills it from the beginning.
    private static func filled(
        _ name: String, _ dialect: Dialect, columns: String = "kind text", setUp: [String] = [],
        _ operation: MigrationCore.Operation, target: [String]
    ) -> LifeCycle {
        LifeCycle(
            name: name, dialect: dialect,
            setUp: [
                "CREATE TABLE animals (id \(dialect.keyType), name text NOT NULL, \(columns))",
                "INSERT INTO animals (id, name, kind) VALUES (1, 'Rex', 'dog'), (2, 'Tom', 'cat')",
            ] + setUp,
            operations: [operation], target: target,
            write: { number, client in
                try client.run(
                    "INSERT INTO animals (id, name, kind) VALUES (\(number), 'n\(number)', 'k\(number)')")
            },
            before: View("SELECT id, name, kind FROM animals WHERE id >= 1000") {
                [.text("n\($0)"), .text("k\($0)")]
            },
            after: View("SELECT id, name, kind FROM animals WHERE id >= 1000") {
                [.text("n\($0)"), .text("k\($0)")]
            })
    }

    private static func setNotNull(_ dialect: Dialect) -> LifeCycle {
        var cycle = filled(
            "set_not_null", dialect,
            setUp: ["INSERT INTO animals (id, name) VALUES (3, 'Sam')"],
            .setNotNull(SetNotNull(table: "animals", column: "kind", fill: "'unknown'")),
            target: remade(
                dialect,
                postgres:
                    "UPDATE animals SET kind = 'unknown' WHERE kind IS NULL",
                "ALTER TABLE animals ALTER kind SET NOT NULL",
                sqlite: "kind text NOT NULL"))
        cycle.leavesRows = true
        return cycle
    }

    private static func dropNotNull(_ dialect: Dialect) -> LifeCycle {
        filled(
            "drop_not_null", dialect, columns: "kind text NOT NULL",
            .dropNotNull(DropNotNull(table: "animals", column: "kind")),
            target: remade(
                dialect, postgres: "ALTER TABLE animals ALTER kind DROP NOT NULL", sqlite: "kind text"))
    }

    private static func setDefault(_ dialect: Dialect) -> LifeCycle {
        filled(
            "set_default", dialect,
            .setDefault(SetDefault(table: "animals", column: "kind", defaultValue: "'dog'")),
            target: remade(
                dialect, postgres: "ALTER TABLE animals ALTER kind SET DEFAULT 'dog'",
                sqlite: "kind text DEFAULT 'dog'"))
    }

    private static func dropDefault(_ dialect: Dialect) -> LifeCycle {
        filled(
            "drop_default", dialect, columns: "kind text DEFAULT 'dog'",
            .dropDefault(DropDefault(table: "animals", column: "kind")),
            target: remade(
                dialect, postgres: "ALTER TABLE animals ALTER kind DROP DEFAULT", sqlite: "kind text"))
    }

    private static func setComment() -> LifeCycle {
        filled(
            "set_comment", .postgres,
            .setComment(SetComment(table: "animals", column: "kind", comment: "What it's")),
            target: ["COMMENT ON COLUMN animals.kind IS 'What it''s'"])
    }

    private static func addCheck(_ dialect: Dialect) -> LifeCycle {
        filled(
            "add_check", dialect,
            .addCheck(AddCheck(table: "animals", name: "kinds", check: "kind <> ''")),
            target: remade(
                dialect, postgres: "ALTER TABLE animals ADD CONSTRAINT kinds CHECK (kind <> '')",
                sqlite: "kind text, CONSTRAINT kinds CHECK (kind <> '')"))
    }

    private static func addForeignKey(_ dialect: Dialect) -> LifeCycle {
        let table = [
            "CREATE TABLE owners (id \(dialect.keyType))", "INSERT INTO owners VALUES (1), (2)",
            "CREATE TABLE animals (id \(dialect.keyType), name text NOT NULL, owner bigint)",
            "INSERT INTO animals VALUES (1, 'Rex', 1), (2, 'Tom', NULL)",
        ]
        let seen = View("SELECT id, owner FROM animals WHERE id >= 1000") { [.integer(Int64($0 % 2 + 1))] }
        return LifeCycle(
            name: "add_foreign_key", dialect: dialect, setUp: table,
            operations: [
                .addForeignKey(
                    AddForeignKey(
                        table: "animals", name: "owned", columns: ["owner"],
                        target: ForeignKeyTarget(table: "owners", columns: ["id"], onDelete: .cascade)))
            ],
            target: remade(
                dialect,
                postgres:
                    "ALTER TABLE animals ADD CONSTRAINT owned FOREIGN KEY (owner) REFERENCES owners ON DELETE CASCADE",
                sqlite:
                    "owner bigint, CONSTRAINT owned FOREIGN KEY (owner) REFERENCES owners (id) ON DELETE CASCADE"
            ),
            write: { number, client in
                try client.run(
                    "INSERT INTO animals (id, name, owner) VALUES (\(number), 'n', \(number % 2 + 1))")
            }, before: seen, after: seen)
    }

    private static func addUnique(_ dialect: Dialect) -> LifeCycle {
        filled(
            "add_unique", dialect,
            .addUnique(AddUnique(table: "animals", name: "one_kind", columns: ["kind", "name"])),
            target: [
                dialect.text(
                    postgres: "ALTER TABLE animals ADD CONSTRAINT one_kind UNIQUE (kind, name)",
                    sqlite: "CREATE UNIQUE INDEX one_kind ON animals (kind, name)")
            ])
    }

    private static func addPrimaryKey(_ dialect: Dialect) -> LifeCycle {
        let seen = View("SELECT number, name FROM animals WHERE number >= 1000") { [.text("n\($0)")] }
        let key = dialect.text(postgres: "bigint", sqlite: "INTEGER")
        return LifeCycle(
            name: "add_primary_key", dialect: dialect,
            setUp: [
                "CREATE TABLE animals (number \(key) NOT NULL, house \(key) NOT NULL, name text)",
                "INSERT INTO animals VALUES (1, 1, 'Rex'), (2, 1, 'Tom')",
            ],
            operations: [
                .addPrimaryKey(AddPrimaryKey(table: "animals", columns: ["house", "number"]))
            ],
            target: dialect == .postgres
                ? ["ALTER TABLE animals ADD PRIMARY KEY (house, number)"]
                : [
                    "DROP TABLE animals",
                    """
                    CREATE TABLE animals (number INTEGER NOT NULL, house INTEGER NOT NULL, name text, \
                    PRIMARY KEY (house, number))
                    """,
                ],
            write: { number, client in
                try client.run(
                    "INSERT INTO animals (number, house, name) VALUES (\(number), 7, 'n\(number)')")
            }, before: seen, after: seen)
    }

    private static func dropConstraint(_ dialect: Dialect) -> LifeCycle {
        filled(
            "drop_constraint", dialect, columns: "kind text, CONSTRAINT kinds CHECK (kind <> '')",
            .dropConstraint(DropConstraint(table: "animals", name: "kinds")),
            target: remade(
                dialect, postgres: "ALTER TABLE animals DROP CONSTRAINT kinds", sqlite: "kind text"))
    }

    private static func renameConstraint(_ dialect: Dialect) -> LifeCycle {
        filled(
            "rename_constraint", dialect, columns: "kind text, CONSTRAINT kinds CHECK (kind <> '')",
            .renameConstraint(RenameConstraint(table: "animals", from: "kinds", to: "no empty kind")),
            target: remade(
                dialect,
                postgres: "ALTER TABLE animals RENAME CONSTRAINT kinds TO \"no empty kind\"",
                sqlite: "kind text, CONSTRAINT \"no empty kind\" CHECK (kind <> '')"))
    }

    /// One file for both databases: in SQLite `add_unique` makes an index.
    private static func dropUnique(_ dialect: Dialect) -> LifeCycle {
        filled(
            "drop_constraint of UNIQUE", dialect, setUp: [unique(dialect)],
            .dropConstraint(DropConstraint(table: "animals", name: "one kind")),
            target: [
                dialect.text(
                    postgres: "ALTER TABLE animals DROP CONSTRAINT \"one kind\"",
                    sqlite: "DROP INDEX \"one kind\"")
            ])
    }

    private static func renameUnique(_ dialect: Dialect) -> LifeCycle {
        filled(
            "rename_constraint of UNIQUE", dialect, setUp: [unique(dialect)],
            .renameConstraint(RenameConstraint(table: "animals", from: "one kind", to: "it's \"one")),
            target: dialect == .postgres
                ? ["ALTER TABLE animals RENAME CONSTRAINT \"one kind\" TO \"it's \"\"one\""]
                : [
                    "DROP INDEX \"one kind\"",
                    "CREATE UNIQUE INDEX \"it's \"\"one\" ON animals (kind, name)",
                ])
    }

    private static func unique(_ dialect: Dialect) -> String {
        dialect.text(
            postgres: "ALTER TABLE animals ADD CONSTRAINT \"one kind\" UNIQUE (kind, name)",
            sqlite: "CREATE UNIQUE INDEX \"one kind\" ON animals (kind, name)")
    }
}
