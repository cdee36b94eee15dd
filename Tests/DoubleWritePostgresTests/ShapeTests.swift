import DoubleWrite
import DoubleWriteContract
import Testing

/// Every kind of statement, in every stage of every change of shape, does what it does to a table that always had the
/// new shape, and leaves both shapes in agreement.
@Suite struct ShapeTests {
    /// Where a change that keeps a name can stand while an application declares it.
    static let stations = Station.allCases.filter { $0 != .untouched }

    @Test(arguments: ShapeCase.all, stations) func outsideTransactions(_ shape: ShapeCase, _ station: Station)
        throws
    {
        let scene = try ShapeScene(try EngineStandIn(), shape)
        try scene.advance(to: station)
        for errand in ShapeErrand.all(shape) { expectNone(try scene.run(errand)) }
    }

    static let isolations = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]

    @Test(arguments: ShapeCase.all, stations.flatMap { station in isolations.map { (station, $0) } })
    func insideATransaction(_ shape: ShapeCase, _ place: (station: Station, isolation: String)) throws {
        let station = place.station
        let database = try EngineStandIn()
        try database.application(
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL \(place.isolation)")
        let scene = try ShapeScene(database, shape)
        try scene.advance(to: station)
        for errand in ShapeErrand.all(shape) {
            try database.application(database.begin)
            let answer = try database.helper.run(errand.request(scene.table))
            let expected = try database.helper.run(errand.request(scene.twin))
            try database.application("COMMIT")
            expectNone(
                scene.compare(answer, expected, errand) + (try scene.differences(after: errand.description)))
        }
    }

    /// Tables that are called like what an upsert calls its rows, and like what the helper calls its own queries.
    @Test(arguments: ["excluded", "was", "r"], stations) func tablesWithTheStatementsOwnNames(
        _ name: String, _ station: Station
    ) throws {
        for shape in [ShapeCase.split(), .type, .merge] {
            let scene = try ShapeScene(try EngineStandIn(), shape, table: name)
            try scene.advance(to: station)
            for errand in ShapeErrand.all(shape) { expectNone(try scene.run(errand)) }
        }
    }

    /// Forward to the end, with everything undone once on the way.
    @Test(arguments: ShapeCase.all) func aWholeLifeOnOneConnection(_ shape: ShapeCase) throws {
        let scene = try ShapeScene(try EngineStandIn(), shape)
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

    @Test(arguments: ShapeCase.all, Schedule.ofShapes) func continuesAfterTheSchemaMoved(
        _ shape: ShapeCase, _ schedule: Schedule
    ) throws {
        let database = try EngineStandIn()
        for (number, errand) in ShapeErrand.all(shape).enumerated() {
            expectNone(
                try ShapeScene.pausedDifferences(schedule, errand, shape, number: number, in: database))
        }
    }
}
