import DoubleWrite
import MigrationCore

/// Whole tables, their indexes, and SQL of one's own.
extension LifeCycle {
    static func tables(_ dialect: Dialect) -> [LifeCycle] {
        [
            createTable(dialect), dropTable(dialect), renameTable(dialect), createIndex(dialect),
            replaceIndex(dialect), dropIndex(dialect), createUniqueIndex(dialect), dropUniqueIndex(dialect),
            rawSQL(dialect),
        ] + (dialect == .postgres ? [createEnum(), addEnumValue(), dropEnum(), setReplicaIdentity()] : [])
    }

    /// A row that every state of the database takes.
    @Sendable static func writeName(_ number: Int, _ client: Client) throws {
        try client.run("INSERT INTO animals (id, name) VALUES (\(number), 'n\(number)')")
    }

    /// An operation that an application which writes `name` does not notice.
    static func unnoticed(
        _ name: String, _ dialect: Dialect, setUp: [String] = [], _ operation: MigrationCore.Operation,
        target: [String]
    ) -> LifeCycle {
        LifeCycle(
            name: name, dialect: dialect, setUp: animals(dialect, "kind text") + setUp,
            operations: [operation], target: target, write: writeName, before: names, after: names)
    }

    private static func createTable(_ dialect: Dialect) -> LifeCycle {
        let key = PerDialect(postgres: "bigint", sqlite: "INTEGER")
        let table = CreateTable(
            table: "visits",
            columns: [
                ColumnDefinition(name: "id", type: key, isNullable: false, isPrimaryKey: true),
                ColumnDefinition(
                    name: "animal_id", type: key, isNullable: false,
                    references: ForeignKeyTarget(table: "animals", onDelete: .cascade)),
            ])
        return unnoticed(
            "create_table", dialect, .createTable(table),
            target: [
                dialect.text(
                    postgres: """
                        CREATE TABLE visits (id bigint PRIMARY KEY, \
                        animal_id bigint NOT NULL REFERENCES animals ON DELETE CASCADE)
                        """,
                    sqlite: """
                        CREATE TABLE visits (id INTEGER PRIMARY KEY NOT NULL, \
                        animal_id INTEGER NOT NULL REFERENCES animals ON DELETE CASCADE)
                        """)
            ])
    }

    private static func createUniqueIndex(_ dialect: Dialect) -> LifeCycle {
        unnoticed(
            "create_index (unique)", dialect,
            .createIndex(
                CreateIndex(
                    table: "animals", name: "one name", keys: [.init(.expression("lower(name)"))],
                    isUnique: true, condition: "id > 0")),
            target: ["CREATE UNIQUE INDEX \"one name\" ON animals ((lower(name))) WHERE (id > 0)"])
    }

    private static func dropUniqueIndex(_ dialect: Dialect) -> LifeCycle {
        unnoticed(
            "drop_index (unique)", dialect, setUp: ["CREATE UNIQUE INDEX names ON animals (name, id)"],
            .dropIndex(DropIndex(table: "animals", name: "names")), target: ["DROP INDEX names"])
    }

    private static func createIndex(_ dialect: Dialect) -> LifeCycle {
        unnoticed(
            "create_index", dialect,
            .createIndex(
                CreateIndex(
                    table: "animals", name: "by kind and name",
                    keys: [.init(.column("kind"), isDescending: true), .init(.column("name"))])),
            target: ["CREATE INDEX \"by kind and name\" ON animals (kind DESC, name)"])
    }

    private static func dropIndex(_ dialect: Dialect) -> LifeCycle {
        unnoticed(
            "drop_index", dialect, setUp: ["CREATE INDEX kinds ON animals (kind)"],
            .dropIndex(DropIndex(table: "animals", name: "kinds")), target: ["DROP INDEX kinds"])
    }

    private static func rawSQL(_ dialect: Dialect) -> LifeCycle {
        let view = "CREATE VIEW dogs AS SELECT id, name FROM animals WHERE kind = 'dog'"
        return unnoticed(
            "sql", dialect, .sql(RawSQL(expand: [PerDialect(view)], undo: ["DROP VIEW dogs"])),
            target: [view])
    }

    private static func dropTable(_ dialect: Dialect) -> LifeCycle {
        unnoticed(
            "drop_table", dialect,
            setUp: [
                """
                CREATE TABLE visits (id \(dialect.keyType), animal_id bigint REFERENCES animals (id), day text)
                """, "CREATE INDEX visits_day ON visits (day)", "INSERT INTO visits VALUES (1, 1, 'x')",
            ], .dropTable(DropTable(table: "visits")), target: ["DROP TABLE visits"])
    }

    /// The old release writes to the old name, whatever it is by now; the new one to the new name.
    private static func renameTable(_ dialect: Dialect) -> LifeCycle {
        LifeCycle(
            name: "rename_table", dialect: dialect, setUp: animals(dialect, "kind text"),
            operations: [.renameTable(RenameTable(table: "animals", to: "pets"))],
            target: ["ALTER TABLE animals RENAME TO pets"],
            write: { number, client in
                let row = "(id, name) VALUES (\(number), 'n\(number)')"
                if number.isMultiple(of: 2) {
                    try client.run(anyOf: "INSERT INTO animals \(row)", "INSERT INTO pets \(row)")
                } else {
                    try client.run(anyOf: "INSERT INTO pets \(row)", "INSERT INTO animals \(row)")
                }
            }, before: names,
            after: View("SELECT id, name FROM pets WHERE id >= 1000") { [.text("n\($0)")] })
    }

    private static func replaceIndex(_ dialect: Dialect) -> LifeCycle {
        unnoticed(
            "replace_index", dialect, setUp: ["CREATE INDEX kinds ON animals (kind)"],
            .replaceIndex(
                ReplaceIndex(
                    old: "kinds",
                    new: CreateIndex(
                        table: "animals", name: "kinds",
                        keys: [.init(.column("kind")), .init(.column("name"))]))),
            target: ["DROP INDEX kinds", "CREATE INDEX kinds ON animals (kind, name)"])
    }

    private static func createEnum() -> LifeCycle {
        unnoticed(
            "create_enum", .postgres, .createEnum(CreateEnum(name: "mood", values: ["calm", "it's wild"])),
            target: ["CREATE TYPE mood AS ENUM ('calm', 'it''s wild')"])
    }

    private static func addEnumValue() -> LifeCycle {
        var cycle = unnoticed(
            "add_enum_value", .postgres, setUp: ["CREATE TYPE mood AS ENUM ('calm', 'wild')"],
            .addEnumValue(AddEnumValue(name: "mood", value: "asleep", place: .before("wild"))),
            target: ["ALTER TYPE mood ADD VALUE 'asleep' BEFORE 'wild'"])
        cycle.isReversible = false
        return cycle
    }

    private static func dropEnum() -> LifeCycle {
        unnoticed(
            "drop_enum", .postgres, setUp: ["CREATE TYPE mood AS ENUM ('calm', 'wild')"],
            .dropEnum(DropEnum(name: "mood")), target: ["DROP TYPE mood"])
    }

    private static func setReplicaIdentity() -> LifeCycle {
        unnoticed(
            "set_replica_identity", .postgres,
            .setReplicaIdentity(SetReplicaIdentity(table: "animals", identity: .full)),
            target: ["ALTER TABLE animals REPLICA IDENTITY FULL"])
    }
}
