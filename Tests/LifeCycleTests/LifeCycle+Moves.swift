import DoubleWrite
import MigrationCore

/// Values that go from one table to another, written through the helper in their new place.
extension LifeCycle {
    static func moves(_ dialect: Dialect) -> [LifeCycle] { [moveColumn(dialect)] }

    private static func moveColumn(_ dialect: Dialect) -> LifeCycle {
        let declared = TableDeclaration(
            "chips", columns: ["animal_id": "bigint", "code": "text", "maker": "text"], key: ["animal_id"],
            moved: .init("code", from: "animals", column: "chip", join: ["id": "animal_id"]))
        // An animal with a chip that has no row yet, one whose row has no code, and one with neither.
        let setUp =
            animals(dialect, "chip text")
            + [
                "INSERT INTO animals (id, name, chip) VALUES (3, 'Sam', 'c3'), (4, 'Eve', 'c4')",
                """
                CREATE TABLE chips (animal_id \(dialect.keyType) REFERENCES animals (id) ON DELETE CASCADE,
                maker text)
                """,
                "INSERT INTO chips VALUES (1, 'm1'), (3, 'm3')",
            ]
        return LifeCycle(
            name: "move_column", dialect: dialect, setUp: setUp,
            operations: [
                .moveColumn(
                    MoveColumn(
                        table: "animals", column: "chip", toTable: "chips", to: "code",
                        join: [.init(source: "id", target: "animal_id")]))
            ],
            target: ["ALTER TABLE chips ADD code text", "ALTER TABLE animals DROP chip"],
            leavesRows: true,
            write: { number, client in try writeChip(number, client, declared) },
            before: View("SELECT id, chip FROM animals WHERE id >= 1000") { number in
                [number.isMultiple(of: 3) ? .null : .text("c\(number)")]
            },
            after: View(
                "SELECT id, code FROM animals LEFT JOIN chips ON animal_id = id WHERE id >= 1000"
            ) { number in [number.isMultiple(of: 3) ? .null : .text("c\(number)")] })
    }

    /// An animal gets a chip, which gets another code; every third loses it again.
    @Sendable private static func writeChip(
        _ number: Int, _ client: Client, _ chips: TableDeclaration
    ) throws {
        let id = SQLValue.integer(Int64(number))
        try writeName(number, client)
        try client.helper.insert(into: chips, ["animal_id": id, "code": "first", "maker": "m"])
        if number.isMultiple(of: 3) {
            try client.helper.delete(from: chips, where: chips["animal_id"] == id)
        } else {
            try client.helper.update(
                chips, set: ["code": .text("c\(number)")], where: chips["animal_id"] == id)
        }
    }
}
