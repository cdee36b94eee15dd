import DoubleWrite
import DoubleWriteContract
import Testing

/// What only SQLite lets happen to a column that moves to another table.
@Suite struct MoveTests {
    /// Without foreign keys a row may be written that has no row to keep its value in: that is refused.
    @Test func noRowToKeepAValueIn() throws {
        for station in [Station.state, .both, .bothReadNew] {
            let scene = try MoveScene(try SQLiteStandIn())
            try scene.advance(to: station)
            try scene.database.application("PRAGMA foreign_keys = OFF")
            for conflict in [nil, ["animal_id"]] {
                let rows: [[String: SQLValue]] = [
                    ["animal_id": 8, "code": "x"], ["animal_id": 77, "code": "y"],
                ]
                let request =
                    conflict.map {
                        Request.upsert(into: scene.table, rows: rows, conflict: $0, update: ["code"])
                    }
                    ?? .insert(into: scene.table, rows: rows)
                let error = #expect(throws: DoubleWriteError.self) {
                    _ = try scene.database.helper.run(request)
                }
                #expect(
                    error?.description.contains("has no row of 'animals'") == true,
                    "\(String(describing: error))")
            }
            expectNone(try scene.differences(after: "a row for nobody"))
            try scene.database.application("INSERT INTO chips (animal_id, maker) VALUES (88, 'orphan')")
            let update = Request.update(
                scene.table, set: ["code": "z"], where: scene.table["maker"] == "orphan")
            #expect(throws: DoubleWriteError.self) { _ = try scene.database.helper.run(update) }
            let empty = Request.update(
                scene.table, set: ["code": nil], where: scene.table["maker"] == "orphan")
            #expect(try scene.database.helper.run(empty).affectedRows == 1)
        }
    }
}
