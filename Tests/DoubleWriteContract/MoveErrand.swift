package import DoubleWrite

/// One thing that an application does to a table into which a column moves.
package struct MoveErrand: Sendable, CustomStringConvertible {
    package let description: String
    package let request: @Sendable (TableDeclaration, _ code: String) -> Request

    package var isRead: Bool { description.hasPrefix("select") || description.hasPrefix("count") }

    private init(_ description: String, _ request: @escaping @Sendable (TableDeclaration, String) -> Request)
    {
        self.description = description
        self.request = request
    }

    /// Every kind of statement. Run in order from the rows of ``MoveScene``.
    package static let all: [MoveErrand] = reads + writes.flatMap { [$0] + reads.suffix(1) } + deletions

    private static let reads: [MoveErrand] = [
        MoveErrand("select by a value") { table, code in
            .select(from: table, columns: ["maker", code], where: table[code] == "c4")
        },
        MoveErrand("select by another column") { table, code in
            .select(
                from: table, columns: [code], where: table["maker"] == nil || table["maker"] == "m2",
                orderBy: [.descending("animal_id")], limit: 3, offset: 1)
        },
        MoveErrand("select by key") { table, code in
            .select(
                from: table, where: table["animal_id"].isOne(of: [1, 5, 6, 7, 99]),
                orderBy: [.ascending(code), .ascending("animal_id")])
        },
        MoveErrand("select nothing") { table, code in .select(from: table, where: table[code] == "no such") },
        MoveErrand("count") { table, code in
            .count(in: table, where: table[code].isLike("c%") && table["animal_id"] > 2)
        },
        MoveErrand("count all") { table, _ in .count(in: table) },
        MoveErrand("select all") { table, _ in .select(from: table, orderBy: [.ascending("animal_id")]) },
    ]

    private static let writes: [MoveErrand] = [
        MoveErrand("update a row that only the source has") { table, code in
            .update(
                table, set: [code: "u4"], where: table["animal_id"] == 4,
                returning: ["animal_id", code, "maker"])
        },
        MoveErrand("update another column of such a row") { table, code in
            .update(table, set: ["maker": "u5"], where: table[code] == "c5", returning: [code])
        },
        MoveErrand("update both columns") { table, code in
            .update(table, set: [code: "🐕‍🦺", "maker": "it's"], where: table["animal_id"] == 1)
        },
        MoveErrand("update to NULL") { table, code in
            .update(table, set: [code: nil], where: table[code] == "c2", returning: [code])
        },
        MoveErrand("update by itself") { table, code in
            .update(table, set: [code: "was NULL"], where: table[code] == nil && table["animal_id"] >= 6)
        },
        MoveErrand("update nothing") { table, code in
            .update(table, set: [code: "x"], where: table["animal_id"] == 99)
        },
        MoveErrand("update nothing by another column") { table, code in
            .update(table, set: ["maker": "x"], where: table["maker"] == "nobody", returning: [code])
        },
        MoveErrand("insert") { table, code in
            .insert(
                into: table, rows: [["animal_id": 7, code: "i7", "maker": "m"]],
                returning: [code, "animal_id"])
        },
        MoveErrand("insert a row that is there") { table, code in
            .insert(into: table, rows: [["animal_id": 3, code: "i3"]])
        },
        MoveErrand("insert without a value") { table, _ in
            .insert(into: table, rows: [["animal_id": 8, "maker": nil]])
        },
        MoveErrand("insert for nobody") { table, code in
            .insert(into: table, rows: [["animal_id": 99, code: "i"]])
        },
        MoveErrand("upsert rows, new and there") { table, code in
            .upsert(
                into: table,
                rows: [
                    ["animal_id": 9, code: "", "maker": "$1"],
                    ["animal_id": 3, code: "p3", "maker": "{fence}"],
                ],
                conflict: ["animal_id"], update: [code, "maker"], returning: ["animal_id", code, "maker"])
        },
        MoveErrand("upsert that leaves the row") { table, code in
            .upsert(
                into: table, rows: [["animal_id": 9, code: "not", "maker": "not"]], conflict: ["animal_id"],
                update: [],
                returning: [code])
        },
        MoveErrand("upsert of another column") { table, code in
            .upsert(
                into: table, rows: [["animal_id": 9, code: "not", "maker": "yes"]], conflict: ["animal_id"],
                update: ["maker"], returning: [code, "maker"])
        },
        MoveErrand("upsert of the value alone") { table, code in
            .upsert(
                into: table, rows: [["animal_id": 1, code: "alone"]], conflict: ["animal_id"], update: [code])
        },
        MoveErrand("upsert with the value left out") { table, code in
            .upsert(
                into: table, rows: [["animal_id": 4, "maker": "o"]], conflict: ["animal_id"],
                update: ["maker", code])
        },
        MoveErrand("update every row") { table, code in .update(table, set: [code: "all"], where: nil) },
    ]

    private static let deletions: [MoveErrand] = [
        MoveErrand("delete by key") { table, code in
            .delete(from: table, where: table["animal_id"] == 5, returning: [code, "maker"])
        },
        MoveErrand("delete nothing") { table, code in .delete(from: table, where: table[code] == "c1") },
        MoveErrand("insert again") { table, code in
            .insert(into: table, rows: [["animal_id": 5, code: "again"]])
        },
        MoveErrand("select all once more") { table, _ in
            .select(from: table, orderBy: [.ascending("animal_id")])
        },
        MoveErrand("delete by value") { table, code in .delete(from: table, where: table[code] == "all") },
        MoveErrand("delete every row") { table, _ in
            .delete(from: table, where: nil, returning: ["animal_id"])
        },
        MoveErrand("count none") { table, _ in .count(in: table) },
    ]

    /// Those that find rows only the source has, before anything else has made them.
    package static let unseen: [MoveErrand] = [
        MoveErrand("delete a row that only the source has") { table, code in
            .delete(from: table, where: table[code] == "c4", returning: ["animal_id", code])
        },
        MoveErrand("insert a row that only the source has") { table, code in
            .insert(into: table, rows: [["animal_id": 5, code: "i5"]])
        },
        MoveErrand("upsert a row that only the source has, and leave it") { table, code in
            .upsert(
                into: table, rows: [["animal_id": 5, code: "i5"]], conflict: ["animal_id"], update: [],
                returning: [code])
        },
        MoveErrand("upsert a row that only the source has") { table, code in
            .upsert(
                into: table, rows: [["animal_id": 5, code: "i5", "maker": "m5"]], conflict: ["animal_id"],
                update: ["maker"], returning: [code, "maker"])
        },
        MoveErrand("select all at last") { table, _ in
            .select(from: table, orderBy: [.ascending("animal_id")])
        },
    ]
}
