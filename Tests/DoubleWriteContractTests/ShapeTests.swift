import DoubleWrite
import DoubleWriteContract
import Testing

/// Every kind of statement, in every stage of every change of shape, does what it does to a table that always had the
/// new shape, and leaves both shapes in agreement.
@Suite struct ShapeTests {
    /// Where a change that keeps a name can stand while an application declares it.
    static let stations = Station.allCases.filter { $0 != .untouched }

    @Test(arguments: StandIn.allCases, pairs(ShapeCase.all, stations))
    func outsideTransactions(_ standIn: StandIn, _ place: (shape: ShapeCase, station: Station)) throws {
        let (shape, station) = place
        let scene = try ShapeScene(try standIn.make(), shape)
        try scene.advance(to: station)
        for errand in ShapeErrand.all(shape) { expectNone(try scene.run(errand)) }
    }

    @Test(arguments: StandIn.beginnings, pairs(ShapeCase.all, stations))
    func insideATransaction(
        _ beginning: (standIn: StandIn, sql: String), _ place: (shape: ShapeCase, station: Station)
    ) throws {
        let (shape, station) = place
        let database = try beginning.standIn.make()
        let scene = try ShapeScene(database, shape)
        try scene.advance(to: station)
        for errand in ShapeErrand.all(shape) {
            try database.application(beginning.sql)
            let answer = try database.helper.run(errand.request(scene.table))
            let expected = try database.helper.run(errand.request(scene.twin))
            try database.application("COMMIT")
            expectNone(
                scene.compare(answer, expected, errand) + (try scene.differences(after: errand.description)))
        }
    }

    /// Tables that are called like what an upsert calls its rows, and like what the helper calls its own queries.
    @Test(arguments: StandIn.allCases, pairs(["excluded", "was", "r"], stations))
    func tablesWithTheStatementsOwnNames(
        _ standIn: StandIn, _ place: (name: String, station: Station)
    ) throws {
        let (name, station) = place
        for shape in [ShapeCase.split(), .type, .merge] {
            let scene = try ShapeScene(try standIn.make(), shape, table: name)
            try scene.advance(to: station)
            for errand in ShapeErrand.all(shape) { expectNone(try scene.run(errand)) }
        }
    }

    /// Forward to the end, with everything undone once on the way.
    @Test(arguments: StandIn.allCases, ShapeCase.all)
    func aWholeLifeOnOneConnection(_ standIn: StandIn, _ shape: ShapeCase) throws {
        let scene = try ShapeScene(try standIn.make(), shape)
        try scene.createState()
        let moves: [Move] = [
            .expand, .bothReadNew, .new, .retire, .unretire, .handBack, .backToBoth, .undoExpand,
            .expand, .bothReadNew, .backToBoth, .bothReadNew, .new, .retire, .drop,
        ]
        for move in moves {
            for errand in ShapeErrand.all(shape).dropLast() { expectNone(try scene.run(errand)) }
            for table in [scene.table, scene.twin] {
                try scene.database.helper.delete(from: table, where: table["id"] >= 10)
            }
            try scene.make(move)
            expectNone(try scene.differences(after: move.rawValue))
        }
        for errand in ShapeErrand.all(shape) { expectNone(try scene.run(errand)) }
    }

    @Test(arguments: StandIn.allCases, pairs(ShapeCase.all, Schedule.ofShapes))
    func continuesAfterTheSchemaMoved(
        _ standIn: StandIn, _ place: (shape: ShapeCase, schedule: Schedule)
    ) throws {
        let (shape, schedule) = place
        let database = try standIn.make()
        for (number, errand) in ShapeErrand.all(shape).enumerated() {
            expectNone(
                try ShapeScene.pausedDifferences(schedule, errand, shape, number: number, in: database))
        }
    }
}
