import DoubleWrite
import DoubleWriteContract
import TestSupport
import Testing

/// A change that keeps a column's name leaves columns that look as before it: what is recorded decides, and nothing is
/// guessed without it.
@Suite struct KeptNameTests {
    static let cases = [ShapeCase.type, ShapeCase.cents(to: "price")]

    private func expectUnclear(_ scene: ShapeScene, transactions: [Bool] = [false, true]) throws {
        let before = try scene.database.engine("SELECT * FROM people ORDER BY id").rows
        let requests: [Request] = [
            .update(scene.table, set: scene.shape.values[0], where: nil), .select(from: scene.table),
            .insert(into: scene.table, rows: [scene.shape.values[0]]),
        ]
        for inTransaction in transactions {
            for request in requests {
                if inTransaction { try scene.database.application(scene.database.begin) }
                let error = #expect(throws: DoubleWriteError.self) { try scene.database.helper.run(request) }
                #expect(error?.reason == .unclearState)
                #expect("\(error.map { "\($0)" } ?? "")".contains("run `bellows apply`"))
                if inTransaction { try scene.database.application("ROLLBACK") }
            }
        }
        #expect(try scene.database.engine("SELECT * FROM people ORDER BY id").rows == before)
    }

    @Test(arguments: StandIn.allCases, cases)
    func nothingIsGuessedBeforeTheStageIsRecorded(_ standIn: StandIn, _ shape: ShapeCase) throws {
        let database = try standIn.make()
        let scene = try ShapeScene(database, shape)
        try expectUnclear(scene)
        try database.createState()
        try expectUnclear(scene)
        try scene.createState()
        for errand in ShapeErrand.all(shape) { expectNone(try scene.run(errand)) }
    }

    /// As a dump without what Bellows keeps: the old values, or the new ones, under the same name.
    @Test(
        arguments: StandIn.allCases,
        pairs(cases, [Station.state, .both, .bothReadNew, .new, .retired, .dropped]))
    func aDatabaseWithoutItsRecordsIsRefused(
        _ standIn: StandIn, _ place: (shape: ShapeCase, station: Station)
    ) throws {
        let (shape, station) = place
        let database = try standIn.make()
        let scene = try ShapeScene(database, shape)
        try scene.advance(to: station)
        try database.dropState()
        try expectUnclear(scene)
    }

    /// A record that does not fit the columns: the one is newer than the other.
    @Test(arguments: StandIn.allCases, cases)
    func aRecordThatDoesNotFitIsRefused(_ standIn: StandIn, _ shape: ShapeCase) throws {
        let stations: [(Station, Stage)] = [
            (.state, .bothReadNew), (.state, .new), (.both, .done), (.dropped, .new), (.dropped, .both),
        ]
        for (station, stage) in stations {
            let database = try standIn.make()
            let scene = try ShapeScene(database, shape)
            try scene.advance(to: station)
            try database.flip(scene.change, stage)
            // In a transaction of PostgreSQL's the record may be as old as its snapshot, and the next one knows better.
            try expectUnclear(scene, transactions: [false])
        }
    }

    /// A process that starts after the end knows that it is the end, for ever.
    @Test(arguments: StandIn.allCases, pairs(cases, [Station.retired, .dropped]))
    func aFreshProcessAfterContract(
        _ standIn: StandIn, _ place: (shape: ShapeCase, station: Station)
    ) throws {
        let (shape, station) = place
        let scene = try ShapeScene(try standIn.make(), shape)
        try scene.advance(to: station)
        // Nothing has been said on this connection since the expand.
        for errand in ShapeErrand.all(shape) { expectNone(try scene.run(errand)) }
        for _ in 1...2 where station == .retired {
            try scene.make(.unretire)
            expectNone(try scene.differences(after: "the names were swapped back"))
            try scene.make(.retire)
        }
    }

    /// Names that the statements use for what they compute.
    @Test(arguments: StandIn.allCases, [Station.state, .both, .bothReadNew, .new])
    func namesOfTheHelpersOwn(_ standIn: StandIn, _ station: Station) throws {
        let database = try standIn.make()
        let names = [
            ("r", "v0", "f0", "b0"), ("excluded", "c0", "r", "row"), ("row", "paid", "id;--", "\"id;--\""),
        ]
        for (table, from, first, second) in names {
            try database.dropState()
            let shape = ShapeCase.split(from: from, to: first, second)
            let scene = try ShapeScene(database, shape, table: table)
            try scene.advance(to: station)
            for errand in ShapeErrand.all(shape) { expectNone(try scene.run(errand)) }
        }
    }

    @Test(arguments: StandIn.allCases, HostileNames.all)
    func hostileNames(_ standIn: StandIn, _ name: String) throws {
        for station in [Station.state, .both, .bothReadNew, .new, .dropped] {
            let database = try standIn.make()
            let (first, second) = (
                database.dialect.shortened("g" + name), database.dialect.shortened("f" + name)
            )
            // The first of the new columns keeps the old one's name.
            for shape in [
                ShapeCase.split(from: name, to: first, second), .split(from: name, to: name, second),
            ] {
                try database.dropState()
                let table = shape.columns[0] == name ? name : name + " 2"
                let scene = try ShapeScene(database, shape, table: database.dialect.shortened(table))
                try scene.advance(to: station)
                for errand in ShapeErrand.all(shape) { expectNone(try scene.run(errand)) }
            }
        }
    }
}
