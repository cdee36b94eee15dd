import DoubleWrite
import DoubleWriteContract
import Testing

/// A value that does not survive the way to the other shape and back is refused by the statement itself, until nothing
/// but the new shape is written.
@Suite struct RefusalTests {
    static let stations = [Station.state, .undone, .both, .bothReadNew]

    @Test(arguments: StandIn.allCases, pairs(ShapeCase.all.filter { !$0.refused.isEmpty }, stations))
    func isAtomicAndClear(_ standIn: StandIn, _ place: (shape: ShapeCase, station: Station)) throws {
        let (shape, station) = place
        let scene = try ShapeScene(try standIn.make(), shape)
        try scene.advance(to: station)
        expectNone(try scene.refusalDifferences(isInTransaction: false))
        expectNone(try scene.refusalDifferences(isInTransaction: true))
        expectNone(try scene.differences(after: "refusals"))
    }

    @Test(
        arguments: StandIn.allCases,
        pairs(ShapeCase.all.filter { !$0.isOldShape }, [Station.new, .retired, .dropped]))
    func endsWithTheOldShape(_ standIn: StandIn, _ place: (shape: ShapeCase, station: Station)) throws {
        let (shape, station) = place
        let scene = try ShapeScene(try standIn.make(), shape)
        try scene.advance(to: station)
        for (id, values) in zip(Int64(80)..., shape.refused) {
            for table in [scene.table, scene.twin] {
                try scene.database.helper.insert(into: table, ["id": .integer(id)].merging(values) { $1 })
            }
        }
        expectNone(try scene.differences(after: "free writes"))
    }

    /// A statement that was built while values were refused, and is sent when they are no longer.
    @Test(arguments: StandIn.allCases)
    func aPausedStatementIsNotRefusedAfterTheFlip(_ standIn: StandIn) throws {
        let shape = ShapeCase.split()
        let schedules: [Schedule] = [
            Schedule(start: .both, moves: [.bothReadNew, .new]), Schedule(start: .bothReadNew, moves: [.new]),
            Schedule(start: .bothReadNew, moves: [.new, .retire]),
            Schedule(start: .state, moves: [.expand, .bothReadNew, .new]),
        ]
        for schedule in schedules {
            for isInsertion in [false, true] {
                let database = try standIn.make()
                let scene = try ShapeScene(database, shape)
                try scene.advance(to: schedule.start)
                let row = ["id": SQLValue.integer(70)].merging(shape.refused[0]) { $1 }
                let request =
                    isInsertion
                    ? Request.insert(into: scene.table, rows: [row])
                    : .update(scene.table, set: shape.refused[0], where: scene.table["id"] == 1)
                var first = Paused(.count(in: scene.table, where: scene.table["given"] == nil), database)
                _ = try first.resume()
                var paused = Paused(request, database, memory: first.memory)
                #expect(paused.statement != nil)
                for move in schedule.moves { try scene.make(move) }
                #expect(try paused.resume().affectedRows == 1)
            }
        }
    }

    @Test(arguments: StandIn.allCases, stations)
    func aLossyChangeForgives(_ standIn: StandIn, _ station: Station) throws {
        var shape = ShapeCase.split()
        shape.change = .splitColumn(
            from: "name", type: "text",
            to: KeyValuePairs(dictionaryLiteral: ("given", shape.ups[0]), ("family", shape.ups[1])),
            down: shape.down,
            lossyDown: true)
        let scene = try ShapeScene(try standIn.make(), shape)
        try scene.advance(to: station)
        let table = scene.table
        let answer = try scene.database.helper.update(
            table, set: ["given": "Anna Maria", "family": "Smith"], where: table["id"] == 1,
            returning: ["given", "family"])
        // While the old column is the truth, what it cannot hold is gone; afterwards nothing is.
        #expect(
            answer.rows == [station == .bothReadNew ? ["Anna Maria", "Smith"] : ["Anna", "Maria Smith"]])
    }
}
