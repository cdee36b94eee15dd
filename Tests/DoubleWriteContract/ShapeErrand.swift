package import DoubleWrite

/// One thing an application does to a table with columns `id`, `note` and those of a change.
package struct ShapeErrand: Sendable, CustomStringConvertible {
    package let description: String
    package let isWrite: Bool
    package let request: @Sendable (TableDeclaration) -> Request

    private init(
        _ description: String, isWrite: Bool = true,
        _ request: @escaping @Sendable (TableDeclaration) -> Request
    ) {
        self.description = description
        self.isWrite = isWrite
        self.request = request
    }

    /// Every kind of statement. Run in order from rows 1, 2, ... with the case's values.
    package static func all(_ shape: ShapeCase) -> [ShapeErrand] {
        insertions(shape) + updates(shape) + upserts(shape) + queries(shape) + deletions(shape)
    }

    private static func insertions(_ shape: ShapeCase) -> [ShapeErrand] {
        let columns = shape.columns
        return [
            ShapeErrand("insert") { table in
                .insert(
                    into: table, rows: [["id": 20].merging(shape.values[0]) { $1 }],
                    returning: ["id"] + columns)
            },
            ShapeErrand("insert many") { table in
                .insert(
                    into: table,
                    rows: zip(21..., shape.values).map {
                        ["id": .integer($0), "note": "n"].merging($1) { $1 }
                    },
                    returning: columns)
            },
            ShapeErrand("insert with the values left out") { table in
                .insert(into: table, rows: [["id": 30, "note": "out"]], returning: columns)
            },
            ShapeErrand("insert many with the values left out") { table in
                .insert(into: table, rows: [["id": 31], ["id": 32]], returning: columns.reversed())
            },
        ]
    }

    private static func updates(_ shape: ShapeCase) -> [ShapeErrand] {
        let columns = shape.columns
        var errands = [
            ShapeErrand("update all columns") { table in
                .update(table, set: shape.values[0], where: table["id"] == 2, returning: ["id"] + columns)
            },
            ShapeErrand("update all columns to NULL, and another") { table in
                let nulls = Dictionary(uniqueKeysWithValues: columns.map { ($0, SQLValue.null) })
                return .update(table, set: nulls.merging(["note": "x"]) { $1 }, where: table["id"] == 21)
            },
            ShapeErrand("update another column by a changed one") { table in
                .update(table, set: ["note": "by"], where: !(table[columns[0]] == nil), returning: columns)
            },
            ShapeErrand("update by itself") { table in
                .update(
                    table, set: shape.values[1],
                    where: table[columns[0]].isOne(of: [shape.values[0][columns[0]] ?? nil]))
            },
            ShapeErrand("update nothing") { table in
                .update(table, set: shape.values[0], where: table["id"] == 999)
            },
        ]
        for (number, part) in shape.parts.enumerated() {
            errands.append(
                ShapeErrand("update part \(number)") { table in
                    .update(
                        table, set: part, where: table["id"] == 1 || table["id"] == 22, returning: columns)
                })
        }
        return errands
    }

    private static func upserts(_ shape: ShapeCase) -> [ShapeErrand] {
        let columns = shape.columns
        @Sendable func rows(_ id: Int64) -> [[String: SQLValue]] {
            zip(id..., shape.values.prefix(2)).map { ["id": .integer($0), "note": "up"].merging($1) { $1 } }
        }
        return [
            ShapeErrand("upsert new rows") { table in
                .upsert(into: table, rows: rows(40), conflict: ["id"], update: columns, returning: columns)
            },
            ShapeErrand("upsert rows, new and there") { table in
                .upsert(
                    into: table, rows: rows(41), conflict: ["id"], update: columns + ["note"],
                    returning: ["id"])
            },
            ShapeErrand("upsert a part of a row that is there") { table in
                .upsert(
                    into: table, rows: [["id": 1].merging(shape.values[0]) { $1 }], conflict: ["id"],
                    update: [columns[0]], returning: columns)
            },
            ShapeErrand("upsert that leaves the row") { table in
                .upsert(into: table, rows: rows(41), conflict: ["id"], update: [])
            },
            ShapeErrand("upsert with the values left out") { table in
                .upsert(
                    into: table, rows: [["id": 3, "note": "left"]], conflict: ["id"],
                    update: columns + ["note"])
            },
        ]
    }

    private static func queries(_ shape: ShapeCase) -> [ShapeErrand] {
        let (first, last) = (shape.columns[0], shape.columns[shape.columns.count - 1])
        let value = shape.values[0][first] ?? nil
        return [
            ShapeErrand("select all", isWrite: false) { .select(from: $0, orderBy: [.ascending("id")]) },
            ShapeErrand("select by a changed column", isWrite: false) { table in
                .select(
                    from: table, columns: [last, "id", first],
                    where: table[first] == value || table[first] > value || table[last] == nil,
                    orderBy: [.descending(last), .ascending(first), .ascending("id")], limit: 5, offset: 1)
            },
            ShapeErrand("select nothing", isWrite: false) { table in
                .select(from: table, where: table[first] != value && table[first] == value)
            },
            ShapeErrand("count", isWrite: false) { table in
                .count(in: table, where: table[first].isOne(of: [value, nil]) || table[last] <= value)
            },
        ]
    }

    private static func deletions(_ shape: ShapeCase) -> [ShapeErrand] {
        let first = shape.columns[0]
        return [
            ShapeErrand("delete by a changed column") { table in
                .delete(
                    from: table, where: table[first] == (shape.values[1][first] ?? nil),
                    returning: shape.columns)
            },
            ShapeErrand("delete every row") { table in
                .delete(from: table, where: nil, returning: ["id"] + shape.columns)
            },
        ]
    }
}
