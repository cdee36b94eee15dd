import DoubleWrite
import MigrationCore

/// Columns that come, go and change.
extension LifeCycle {
    static func columns(_ dialect: Dialect) -> [LifeCycle] {
        [addColumn(dialect), dropColumn(dialect), renameColumn(dialect), renameColumnInPlace(dialect)]
    }

    /// The table that most of these are about, with rows.
    static func animals(_ dialect: Dialect, _ columns: String) -> [String] {
        [
            "CREATE TABLE animals (id \(dialect.keyType), name text NOT NULL, \(columns))",
            "INSERT INTO animals (id, name) VALUES (1, 'Rex'), (2, 'Tom')",
        ]
    }

    static let names = View("SELECT id, name FROM animals WHERE id >= 1000") { [.text("n\($0)")] }

    private static func addColumn(_ dialect: Dialect) -> LifeCycle {
        let column = ColumnDefinition(name: "weight", type: "integer", defaultValue: "0")
        return LifeCycle(
            name: "add_column", dialect: dialect, setUp: animals(dialect, "kind text"),
            operations: [.addColumn(AddColumn(table: "animals", column: column))],
            target: ["ALTER TABLE animals ADD COLUMN weight integer DEFAULT 0"],
            write: { number, client in
                try client.run("INSERT INTO animals (id, name) VALUES (\(number), 'n\(number)')")
            }, before: names, after: names)
    }

    private static func dropColumn(_ dialect: Dialect) -> LifeCycle {
        LifeCycle(
            name: "drop_column", dialect: dialect, setUp: animals(dialect, "kind text"),
            operations: [.dropColumn(DropColumn(table: "animals", column: "kind"))],
            target: ["ALTER TABLE animals DROP COLUMN kind"],
            write: { number, client in
                try client.run("INSERT INTO animals (id, name) VALUES (\(number), 'n\(number)')")
            }, before: names, after: names)
    }

    static let renamed = TableDeclaration(
        "animals", columns: ["id": "bigint", "name": "text", "species": "text"], key: ["id"],
        changes: [.renameColumn(from: "kind", to: "species")])

    /// A row through the helper: inserted with one value, and given another.
    @Sendable private static func writeSpecies(_ number: Int, _ client: Client) throws {
        let id = SQLValue.integer(Int64(number))
        try client.helper.insert(
            into: renamed, ["id": id, "name": .text("n\(number)"), "species": "first"])
        try client.helper.update(
            renamed, set: ["species": .text("s\(number)")], where: renamed["id"] == id)
    }

    static func renameColumn(_ dialect: Dialect, sync: Sync = .doubleWrite) -> LifeCycle {
        LifeCycle(
            name: "rename_column", dialect: dialect,
            setUp: animals(dialect, "kind text DEFAULT 'dog'") + ["CREATE INDEX kinds ON animals (kind)"],
            operations: [
                .renameColumn(RenameColumn(table: "animals", from: "kind", to: "species", sync: sync))
            ],
            target: ["ALTER TABLE animals RENAME COLUMN kind TO species"], write: writeSpecies,
            before: View("SELECT id, kind FROM animals WHERE id >= 1000") { [.text("s\($0)")] },
            after: View("SELECT id, species FROM animals WHERE id >= 1000") { [.text("s\($0)")] })
    }

    private static func renameColumnInPlace(_ dialect: Dialect) -> LifeCycle {
        var cycle = renameColumn(dialect)
        cycle.name = "rename_column in place"
        cycle.operations = [
            .renameColumn(RenameColumn(table: "animals", from: "kind", to: "species", strategy: .inPlace))
        ]
        return cycle
    }
}
