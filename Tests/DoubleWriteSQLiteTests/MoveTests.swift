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
}
