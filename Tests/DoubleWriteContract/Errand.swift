package import DoubleWrite

/// One thing an application does to a table with columns `id`, `name` and one that changes.
package struct Errand: Sendable, CustomStringConvertible {
    package let description: String
    package let request: @Sendable (TableDeclaration, _ name: String, _ changed: String) -> Request

    package var isWrite: Bool { !description.hasPrefix("select") && !description.hasPrefix("count") }

    /// Every kind of statement, hostile values among them. Run in order from the rows of ``seed``.
    package static let all: [Errand] = [
        Errand(description: "insert") { table, name, changed in
            .insert(
                into: table, rows: [["id": 10, name: "Rex", changed: "dog"]],
                returning: ["id", changed, name])
        },
        Errand(description: "insert many") { table, name, changed in
            .insert(
                into: table,
                rows: zip(11..., hostileValues).map { ["id": .integer($0), name: $1, changed: $1] })
        },
        Errand(description: "insert with a value left out") { table, name, changed in
            .insert(into: table, rows: [["id": 30, name: "Tom"]], returning: [changed])
        },
        Errand(description: "insert many with a value left out") { table, name, changed in
            .insert(
                into: table, rows: [["id": 31, name: nil], ["id": 32, name: ""]], returning: ["id", changed])
        },
        Errand(description: "insert the changed column alone") { table, name, changed in
            .insert(into: table, rows: [[changed: "alone"]], returning: [changed])
        },
        Errand(description: "update the changed column") { table, name, changed in
            .update(table, set: [changed: "wolf's 🐺"], where: table["id"] == 1, returning: [changed, name])
        },
        Errand(description: "update both") { table, name, changed in
            .update(table, set: [changed: nil, name: "x"], where: table["id"] == 2)
        },
        Errand(description: "update another column by the changed one") { table, name, changed in
            .update(table, set: [name: "by"], where: table[changed] == "cat", returning: ["id"])
        },
        Errand(description: "update the changed column by itself") { table, name, changed in
            .update(table, set: [changed: "was NULL"], where: table[changed].isOne(of: ["bird", nil]))
        },
        Errand(description: "update nothing") { table, name, changed in
            .update(table, set: [changed: "nobody"], where: table["id"] == 999)
        },
        Errand(description: "update every row") { table, name, changed in
            .update(table, set: [changed: "all"], where: table["id"] >= 30 || table[changed] == nil)
        },
        Errand(description: "upsert a new row") { table, name, changed in
            .upsert(
                into: table, rows: [["id": 40, name: "Up", changed: "sert"]], conflict: ["id"],
                update: [name, changed], returning: [changed])
        },
        Errand(description: "upsert rows, new and there") { table, name, changed in
            .upsert(
                into: table,
                rows: [["id": 40, name: "Up2", changed: nil], ["id": 41, name: "U", changed: ""]],
                conflict: ["id"], update: [changed], returning: ["id", name, changed])
        },
        Errand(description: "upsert that leaves the row") { table, name, changed in
            .upsert(
                into: table, rows: [["id": 40, name: "not", changed: "not"]], conflict: ["id"], update: [])
        },
        Errand(description: "upsert with the value left out") { table, name, changed in
            .upsert(into: table, rows: [["id": 3, name: "left"]], conflict: ["id"], update: [name, changed])
        },
        Errand(description: "select all") { table, name, changed in
            .select(from: table, orderBy: [.ascending("id")])
        },
        Errand(description: "select by the changed column") { table, name, changed in
            .select(
                from: table, columns: [changed, "id"],
                where: !(table[changed] == "all") && (table[changed] > "a" || table[changed] <= "Z"),
                orderBy: [.descending(changed), .ascending("id")], limit: 3, offset: 1)
        },
        Errand(description: "select nothing") { table, name, changed in
            .select(from: table, where: table[changed] == "no such thing")
        },
        Errand(description: "select with an offset") { table, name, changed in
            .select(from: table, columns: ["id", changed], orderBy: [.ascending("id")], offset: 4)
        },
        Errand(description: "count") { table, name, changed in
            .count(in: table, where: table[changed].isLike("%o%") && table[changed] != "wolf")
        },
        Errand(description: "count none") { table, name, changed in
            .count(in: table, where: table[changed] < "")
        },
        Errand(description: "delete by the changed column") { table, name, changed in
            .delete(from: table, where: table[changed] == "all", returning: ["id", changed])
        },
        Errand(description: "delete nothing") { table, name, changed in
            .delete(from: table, where: table[changed].isOne(of: []))
        },
        Errand(description: "delete by key") { table, name, changed in
            .delete(from: table, where: table["id"] == 1)
        },
        Errand(description: "delete every row") { table, name, changed in
            .delete(from: table, where: nil, returning: [changed])
        },
    ]

    package static let hostileValues: [SQLValue] = [
        nil, "", "🐕‍🦺", "it's", "\"quoted\"", "back`tick", "back\\slash", "$1 ?1 {fence}", "line\nbreak", " ",
    ]

    /// The rows that are there before the first errand.
    package static let seed: [[SQLValue]] = [
        [1, "Ada", "dog"], [2, "Bob", "cat"], [3, "Cy", "bird"], [4, "Di", nil], [5, nil, ""],
        [6, "Eve", "cat"],
    ]
}
