import DoubleWrite
import DoubleWriteContract
import DoubleWriteSQLite
import SQLiteDriver
import Testing

/// What SQLite makes of the values of two shapes: defaults, storage classes, unique columns.
@Suite struct ValueTests {
    let database: SQLiteStandIn

    init() throws {
        database = try SQLiteStandIn()
    }

    private func make(_ table: TableDeclaration, _ columns: String, generation: Int = 1) throws {
        _ = try database.engine("CREATE TABLE \(table.name.name) (id integer PRIMARY KEY, \(columns))")
        try database.createState()
        _ = try database.engine(database.flipSQL(table.changes[0], .both, generation: generation))
    }

    @Test func anOmittedValueIsDrawnOnceARow() throws {
        let codes = TableDeclaration(
            "codes", columns: ["id": "bigint", "big": "text", "small": "text"], key: ["id"],
            changes: [
                .splitColumn(
                    from: "code", type: "text",
                    to: ["big": "substr(code, 1, 4)", "small": "substr(code, 5)"],
                    down: "big || small")
            ])
        try make(codes, "code text DEFAULT (hex(randomblob(8))), big text, small text")
        for stage in [Stage.both, .bothReadNew] {
            try database.flip(codes.changes[0], stage)
            try database.helper.insert(into: codes, rows: [["id": nil], ["id": nil], ["id": nil]])
        }
        let rows = try database.engine("SELECT code, big || small FROM codes").rows
        #expect(rows.count == 6)
        #expect(rows.allSatisfy { $0[0] == $0[1] })
        #expect(Set(rows.map { $0[0] }).count == 6)
    }

    /// A value is taken as its column stores it, whatever the application binds.
    @Test(arguments: [SQLValue.text("5"), .integer(5), .real(5), .text("05"), .text("5.0"), .null])
    func aValueIsTakenAsItIsStored(_ value: SQLValue) throws {
        let sizes = TableDeclaration(
            "sizes", columns: ["id": "bigint", "width": "integer"], key: ["id"],
            changes: [
                .changeColumn(
                    from: "size", type: "text", to: "width", up: "CAST(substr(size, 2) AS integer)",
                    down: "'w' || width")
            ])
        try make(sizes, "size text, width integer")
        for (id, stage) in zip(Int64(1)..., [Stage.both, .bothReadNew]) {
            try database.flip(sizes.changes[0], stage)
            try database.helper.insert(into: sizes, ["id": .integer(id), "width": value])
            try database.helper.update(sizes, set: ["width": value], where: sizes["width"] == value)
            #expect(try database.helper.count(in: sizes, where: sizes["width"] == value) == Int(id))
        }
        let expected: [SQLValue] = value.isNull ? [nil, nil] : ["w5", 5]
        #expect(try database.engine("SELECT size, width FROM sizes").rows == [expected, expected])
    }

    @Test(arguments: [Stage.both, .bothReadNew]) func anUpsertByAChangedColumn(_ stage: Stage) throws {
        let tags = TableDeclaration(
            "tags", columns: ["id": "bigint", "code": "text", "note": "text"], key: ["id"],
            changes: [.changeType("code", from: "integer")])
        try make(tags, "code integer UNIQUE, note text, `_bellows_new_code` text")
        _ = try database.engine("CREATE UNIQUE INDEX by_code ON tags (_bellows_new_code)")
        try database.flip(tags.changes[0], stage)
        for note in ["a", "b"] as [SQLValue] {
            try database.helper.upsert(
                into: tags, rows: [["code": "1", "note": note], ["code": "2", "note": note]],
                conflict: ["code"],
                update: ["note"])
        }
        let rows = try database.engine("SELECT code, _bellows_new_code, note FROM tags ORDER BY code").rows
        #expect(rows == [[1, "1", "b"], [2, "2", "b"]])
    }
}
