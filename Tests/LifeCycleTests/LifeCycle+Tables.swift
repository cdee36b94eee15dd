import DoubleWrite
import MigrationCore

/// Whole tables, their indexes, and SQL of one's own.
extension LifeCycle {
    static func tables(_ dialect: Dialect) -> [LifeCycle] {
        [createTable(dialect), createIndex(dialect), dropIndex(dialect), rawSQL(dialect)]
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
                        CREATE TABLE visits (id INTEGER NOT NULL PRIMARY KEY, \
                        animal_id INTEGER NOT NULL REFERENCES animals ON DELETE CASCADE)
                        """)
            ])
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
}
