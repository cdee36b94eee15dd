import DoubleWrite
import DoubleWriteContract
import Testing

/// A column that moves to another table: every kind of statement, in every stage, does what it does to tables that always
/// had the new shape.
@Suite struct MoveTests {
    @Test(arguments: StandIn.allCases, Station.allCases)
    func outsideTransactions(_ standIn: StandIn, _ station: Station) throws {
        for errands in [MoveErrand.all, MoveErrand.unseen] {
            let scene = try MoveScene(try standIn.make())
            try scene.advance(to: station)
            for errand in errands { expectNone(try scene.run(errand)) }
        }
    }

    @Test(arguments: StandIn.beginnings, Station.allCases)
    func insideATransaction(_ beginning: (standIn: StandIn, sql: String), _ station: Station) throws {
        for errands in [MoveErrand.all, MoveErrand.unseen] {
            let database = try beginning.standIn.make()
            let scene = try MoveScene(database)
            try scene.advance(to: station)
            for errand in errands {
                try database.application(beginning.sql)
                let answer = Result { try database.helper.run(errand.request(scene.table, scene.code)) }
                // PostgreSQL's failed transaction takes nothing more; SQLite's is as it was.
                if case .failure = answer, database.failureEndsTransaction {
                    try database.application("ROLLBACK")
                    try database.application(beginning.sql)
                }
                let expected = Result { try database.helper.run(errand.request(scene.twin, scene.code)) }
                var isFailed = false
                if case .failure = expected { isFailed = database.failureEndsTransaction }
                try database.application(isFailed ? "ROLLBACK" : "COMMIT")
                expectNone(
                    scene.compare(answer, expected, errand)
                        + (try scene.differences(after: errand.description)))
            }
        }
    }

    /// As soon as the column is there, before the backfill, and with it in between.
    @Test(arguments: StandIn.allCases) func whileTheBackfillRuns(_ standIn: StandIn) throws {
        for errands in [MoveErrand.all, MoveErrand.unseen] {
            let scene = try MoveScene(try standIn.make())
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
    @Test(arguments: StandIn.allCases) func aWholeLifeOnOneConnection(_ standIn: StandIn) throws {
        let scene = try MoveScene(try standIn.make())
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

    @Test(arguments: StandIn.allCases) func hostileNames(_ standIn: StandIn) throws {
        let names = ["s", "t", "x", "r", "drop table x; --", "\"", "`", "🐕", "select"]
        for (number, name) in names.enumerated() {
            let other = names[(number + 1) % names.count]
            for station in [Station.state, .both, .bothReadNew, .new] {
                let scene = try MoveScene(
                    try standIn.make(), source: name, target: other, chip: other + "'", code: name + "\"")
                try scene.advance(to: station)
                for errand in MoveErrand.all { expectNone(try scene.run(errand)) }
            }
        }
    }

    /// What cannot be exact while the values are in two tables is refused, with what to do, and nothing is written.
    @Test(arguments: StandIn.allCases) func refusals(_ standIn: StandIn) throws {
        for station in [Station.state, .both, .bothReadNew] {
            let scene = try MoveScene(try standIn.make())
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
}
