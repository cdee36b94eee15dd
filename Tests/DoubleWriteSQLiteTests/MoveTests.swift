import DoubleWrite
import DoubleWriteContract
import Testing

/// A column that moves to another table: every kind of statement, in every stage, does what it does to tables that always
/// had the new shape.
@Suite struct MoveTests {
    @Test(arguments: Station.allCases) func outsideTransactions(_ station: Station) throws {
        for errands in [MoveErrand.all, MoveErrand.unseen] {
            let scene = try MoveScene(try EngineStandIn())
            try scene.advance(to: station)
            for errand in errands { expectNone(try scene.run(errand)) }
        }
    }

    @Test(arguments: Station.allCases) func insideATransaction(_ station: Station) throws {
        for begin in ["BEGIN", "BEGIN IMMEDIATE"] {
            let database = try EngineStandIn()
            let scene = try MoveScene(database)
            try scene.advance(to: station)
            for errand in MoveErrand.all {
                try database.application(begin)
                // One that fails leaves the transaction as it was.
                let found = try scene.run(errand, comparesRows: false)
                try database.application("COMMIT")
                expectNone(found + (try scene.differences(after: errand.description)))
            }
        }
    }

    /// As soon as the column is there, before the backfill, and with it in between.
    @Test func whileTheBackfillRuns() throws {
        for errands in [MoveErrand.all, MoveErrand.unseen] {
            let scene = try MoveScene(try EngineStandIn())
            try scene.database.createState()
            try scene.make(.expand)
            for (number, errand) in errands.enumerated() {
                expectNone(try scene.run(errand))
                if number == errands.count / 2 { try scene.make(.copyForward) }
            }
            expectNone(try scene.disagreements().map { "\($0)" })
        }
    }

    /// Forward to the end, with everything undone once on the way.
    @Test func aWholeLifeOnOneConnection() throws {
        let scene = try MoveScene(try EngineStandIn())
        try scene.database.createState()
        let moves: [Move] = [
            .expand, .bothReadNew, .new, .retire, .unretire, .handBack, .backToBoth, .undoExpand,
            .expand, .bothReadNew, .backToBoth, .bothReadNew, .new, .retire, .drop,
        ]
        for move in moves {
            for errand in MoveErrand.all.dropLast(3) { expectNone(try scene.run(errand)) }
            for errand in MoveErrand.unseen { expectNone(try scene.run(errand)) }
            try scene.make(move)
            expectNone(try scene.differences(after: move.rawValue))
        }
        for errand in MoveErrand.all { expectNone(try scene.run(errand)) }
    }

    @Test func hostileNames() throws {
        let names = ["s", "t", "x", "r", "drop table x; --", "\"", "`", "🐕", "select"]
        for (number, name) in names.enumerated() {
            let other = names[(number + 1) % names.count]
            for station in [Station.state, .both, .bothReadNew, .new] {
                let scene = try MoveScene(
                    try EngineStandIn(), source: name, target: other, chip: other + "'", code: name + "\"")
                try scene.advance(to: station)
                for errand in MoveErrand.all { expectNone(try scene.run(errand)) }
            }
        }
    }

    /// What cannot be exact while the values are in two tables is refused, with what to do, and nothing is written.
    @Test func refusals() throws {
        for station in [Station.state, .both, .bothReadNew] {
            let scene = try MoveScene(try EngineStandIn())
            try scene.advance(to: station)
            let (helper, table) = (scene.database.helper, scene.table)
            let cases: [(Request, String)] = [
                (
                    .update(table, set: ["animal_id": 9], where: table["animal_id"] == 1),
                    "sets 'animal_id', by which its rows"
                ),
                (.insert(into: table, rows: [["code": "x"]]), "does not give 'animal_id'"),
                (
                    .upsert(
                        into: table, rows: [["animal_id": 9, "code": "x"]], conflict: ["maker"],
                        update: ["code"]),
                    "must find its row by 'animal_id' until 'code' has moved"
                ),
                (
                    .upsert(
                        into: table, rows: [["animal_id": 9, "code": "x"], ["animal_id": 9, "code": "y"]],
                        conflict: ["animal_id"], update: ["code"]), "names one row twice"
                ),
                (.update(table, set: ["cod": 9], where: nil), "has no column 'cod'"),
            ]
            for (request, words) in cases {
                let error = #expect(throws: DoubleWriteError.self) { _ = try helper.run(request) }
                #expect(error?.description.contains(words) == true, "\(String(describing: error))")
            }
            expectNone(try scene.differences(after: "refusals"))
            // The connection goes on as if nothing had been asked.
            for errand in MoveErrand.all.prefix(12) { expectNone(try scene.run(errand)) }
        }
    }

    /// Without foreign keys a row may be written that has no row to keep its value in: that is refused.
    @Test func noRowToKeepAValueIn() throws {
        for station in [Station.state, .both, .bothReadNew] {
            let scene = try MoveScene(try EngineStandIn())
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
