import DoubleWrite
import MigrationCore

extension OperationScenario {
    private static let tables = [
        "CREATE TABLE owners (id INTEGER PRIMARY KEY, code text)",
        "INSERT INTO owners VALUES (1, 'a'), (2, 'b')",
        """
        CREATE TABLE animals (id INTEGER PRIMARY KEY AUTOINCREMENT, kind text NOT NULL DEFAULT 'dog', age integer,
            owner integer REFERENCES owners, boss integer REFERENCES animals)
        """,
        "CREATE INDEX animals_kind ON animals (kind)", "CREATE UNIQUE INDEX animals_age ON animals (age)",
        "CREATE TABLE notes (text text)",
        "INSERT INTO animals (kind, age, owner) VALUES ('dog', 3, 1), ('cat', 4, NULL)",
    ]

    private init(
        _ name: String, _ operation: MigrationCore.Operation, _ directly: String..., more: [String] = []
    ) {
        self.init(
            name: name, dialect: .sqlite, setUp: Self.tables + more, operation: operation, directly: directly,
            rows: "SELECT * FROM owners ORDER BY id")
    }

    static let sqlite = [
        OperationScenario(
            "replace_index",
            .replaceIndex(
                ReplaceIndex(
                    old: "animals_kind",
                    new: CreateIndex(
                        table: "animals", name: "animals_kind",
                        keys: [.init(.column("kind")), .init(.expression("lower(kind)"))],
                        condition: "age > 1"))),
            "DROP INDEX animals_kind",
            "CREATE INDEX animals_kind ON animals (`kind`, (lower(kind))) WHERE (age > 1)"),
        OperationScenario(
            "replace_index, unique by not unique",
            .replaceIndex(
                ReplaceIndex(
                    old: "animals_age",
                    new: CreateIndex(table: "animals", name: "ages", keys: [.init(.column("age"))]))),
            "DROP INDEX animals_age", "CREATE INDEX ages ON animals (age)"),
        OperationScenario("drop_table", .dropTable(DropTable(table: "animals")), "DROP TABLE animals"),
        OperationScenario(
            "drop_table with a trigger of its own", .dropTable(DropTable(table: "animals")),
            "DROP TABLE animals",
            more: [
                "CREATE TRIGGER noted AFTER INSERT ON animals BEGIN INSERT INTO notes VALUES (NEW.kind); END"
            ]),
        OperationScenario(
            "rename_table", .renameTable(RenameTable(table: "animals", to: "resi`dents")),
            "ALTER TABLE animals RENAME TO `resi``dents`",
            more: [
                "CREATE VIEW dogs AS SELECT id, kind FROM animals WHERE kind = 'dog'",
                "CREATE TRIGGER noted AFTER INSERT ON animals BEGIN INSERT INTO notes VALUES (NEW.kind); END",
                "CREATE TABLE visits (animal integer REFERENCES animals ON DELETE CASCADE)",
            ]),
    ]
}

/// The same operations with names that break whatever pastes them.
enum HostileTable {
    /// A hostile name for everything, so that each is at every place once.
    static let all: [OperationScenario] = Dialect.allCases.flatMap { dialect in
        names.flatMap { scenarios($0, dialect) }
    }

    private static let names = [
        "a\"b'c`d", "select", " two words ", "🐕 犬", "semi; -- colon", "[x]",
        String(repeating: "long_", count: 12) + "end",
    ]

    private static func scenarios(_ name: String, _ dialect: Dialect) -> [OperationScenario] {
        let quoted = dialect.quote(name)
        let setUp = [
            "CREATE TABLE \(quoted) (id \(dialect == .postgres ? "bigint" : "integer") PRIMARY KEY, \(quoted) text)",
            "INSERT INTO \(quoted) VALUES (1, 'a'), (2, 'b')",
        ]
        func scenario(_ operation: MigrationCore.Operation, _ directly: String...) -> OperationScenario {
            OperationScenario(
                name: "\(operation.keyword) \(name)", dialect: dialect, setUp: setUp, operation: operation,
                directly: directly)
        }
        let table = TableName(name)
        let new = String(name.reversed())
        let both = [
            scenario(.dropTable(DropTable(table: table)), "DROP TABLE \(quoted)"),
            scenario(
                .renameTable(RenameTable(table: table, to: new)),
                "ALTER TABLE \(quoted) RENAME TO \(dialect.quote(new))"),
        ]
        return dialect == .sqlite ? both : both + postgres(scenario, table, name, new)
    }

    private static func postgres(
        _ scenario: (MigrationCore.Operation, String...) -> OperationScenario, _ table: TableName,
        _ name: String,
        _ new: String
    ) -> [OperationScenario] {
        let quoted = Dialect.postgres.quote(name)
        let alter = "ALTER TABLE \(quoted)"
        let other = Dialect.postgres.quote(new)
        return [
            scenario(
                .addCheck(AddCheck(table: table, name: new, check: PerDialect("\(quoted) <> 'x'"))),
                "\(alter) ADD CONSTRAINT \(other) CHECK (\(quoted) <> 'x')"),
            scenario(
                .addUnique(AddUnique(table: table, name: new, columns: [name])),
                "\(alter) ADD CONSTRAINT \(other) UNIQUE (\(quoted))"),
            scenario(
                .addForeignKey(
                    AddForeignKey(
                        table: table, name: new, columns: ["id"], target: ForeignKeyTarget(table: table))),
                "\(alter) ADD CONSTRAINT \(other) FOREIGN KEY (id) REFERENCES \(quoted)"),
            scenario(
                .setNotNull(SetNotNull(table: table, column: name)), "\(alter) ALTER \(quoted) SET NOT NULL"),
            scenario(
                .setDefault(SetDefault(table: table, column: name, defaultValue: "'x'")),
                "\(alter) ALTER \(quoted) SET DEFAULT 'x'"),
            scenario(
                .setComment(SetComment(table: table, column: name, comment: name)),
                "COMMENT ON COLUMN \(quoted).\(quoted) IS \(Dialect.postgres.literal(name))"),
        ]
    }
}
