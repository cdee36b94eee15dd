import DoubleWrite
import DoubleWriteContract
import DoubleWritePostgres
import PostgresDriver
import TestSupport
import Testing

/// Values that are made of other values are made of the row's latest version, whoever waited for whom.
@Suite struct ShapeConcurrencyTests {
    /// One writer sets the given name, the other the family's, in adjacent stages.
    @Test(arguments: [Stage.both, .bothReadNew], [Stage.both, .bothReadNew])
    func partialUpdatesOfOneRow(_ first: Stage, _ second: Stage) throws {
        let database = try PostgresStandIn()
        let scene = try ShapeScene(database, .split())
        try scene.advance(to: .both)
        if first == .bothReadNew { try scene.make(.bothReadNew) }
        let table = scene.table
        try database.application("BEGIN")
        try database.helper.update(table, set: ["given": "Eve"], where: table["id"] == 1)
        if first != second { try scene.make(second == .both ? .backToBoth : .bothReadNew) }
        let location = database.location
        let other = Background {
            let helper = DoubleWritePostgres(try PostgresConnection(location))
            return try helper.update(
                table, set: ["family": "Jones"], where: table["id"] == 1, returning: ["given", "family"])
        }
        try database.connection.waitForABlockedSession()
        try database.application("COMMIT")
        #expect(try other.value().rows == [["Eve", "Jones"]])
        #expect(
            try database.engine("SELECT name, given, family FROM people WHERE id = 1").rows
                == [["Eve Jones", "Eve", "Jones"]])
    }

    /// A value that survived beside what the row had, and does not beside what it has now.
    @Test func theLatestVersionDecidesWhatSurvives() throws {
        let database = try PostgresStandIn()
        let scene = try ShapeScene(database, .split())
        try scene.advance(to: .both)
        let table = scene.table
        try database.application("BEGIN")
        try database.helper.update(table, set: ["given": nil, "family": nil], where: table["id"] == 1)
        let location = database.location
        let other = Background { () throws -> DoubleWriteError.Reason? in
            let helper = DoubleWritePostgres(try PostgresConnection(location))
            let result = Result {
                try helper.update(table, set: ["family": "Jones"], where: table["id"] == 1)
            }
            guard case .failure(let error as DoubleWriteError) = result else { return nil }
            return error.reason
        }
        try database.connection.waitForABlockedSession()
        try database.application("COMMIT")
        #expect(try other.value() == .doesNotSurvive([scene.change.id]))
        #expect(try database.engine("SELECT name FROM people WHERE id = 1").rows == [[nil]])
    }

    /// `ON CONFLICT` by a changed column, with a unique index on either side of it.
    @Test(arguments: [Stage.both, .bothReadNew]) func contendedUpserts(_ stage: Stage) throws {
        let database = try PostgresStandIn()
        let scene = try ShapeScene(database, .type)
        try scene.advance(to: .both)
        _ = try database.engine(
            "DELETE FROM people; ALTER TABLE people ADD UNIQUE (_bellows_new_age), ADD UNIQUE (age)")
        try database.flip(scene.change, stage)
        let (location, table) = (database.location, scene.table)
        let writers = (0..<3).map { writer in
            Background {
                let helper = DoubleWritePostgres(try PostgresConnection(location))
                for number in 0..<100 {
                    do {
                        try helper.upsert(
                            into: table, ["note": .text("\(writer)"), "age": .text("\(number)")],
                            conflict: ["age"], update: ["note"])
                    } catch let error as DoubleWriteError where error.isRetryable { continue }
                }
                return writer
            }
        }
        for writer in writers { _ = try writer.value() }
        let rows = try database.engine(
            "SELECT count(*), count(*) FILTER (WHERE age::text = _bellows_new_age) FROM people")
        #expect(rows.rows == [[100, 100]])
    }

    /// Nothing is tried that is known to fail, and nothing is asked twice. A value that has its row in another table is made
    /// sure of first, by a statement more.
    @Test(arguments: ShapeCase.all, [Station.state, .both, .bothReadNew, .new])
    func oneMessageAStatement(_ shape: ShapeCase, _ station: Station) throws {
        let database = try PostgresStandIn(preparesStatements: false)
        let scene = try ShapeScene(database, shape, table: "people of one message")
        try scene.advance(to: station)
        _ = try database.helper.count(in: scene.table, where: scene.table[shape.columns[0]] == nil)
        let mark = try ThrowAwayPostgres.shared.logMark()
        for errand in ShapeErrand.all(shape) where !errand.findsNothing {
            let before = database.applicationConnection.roundTrips
            _ = try database.helper.run(errand.request(scene.table))
            let isLookedUp = scene.lookup != nil && station != .state
            let expected = isLookedUp && errand.saysValue ? 2 : 1
            #expect(database.applicationConnection.roundTrips - before == expected, "\(errand)")
        }
        let log = try ThrowAwayPostgres.shared.log(since: mark).split(separator: "\n")
        #expect(log.filter { $0.contains(scene.table.name.name) } == [])
    }
}

extension ShapeErrand {
    /// Whether it writes or finds no row, which costs a second look.
    var findsNothing: Bool {
        ["update nothing", "select nothing", "upsert that leaves the row", "update by itself"].contains(
            description)
    }

    /// Whether it writes a value that is not NULL.
    var saysValue: Bool {
        description.hasPrefix("update part")
            || [
                "insert", "insert many", "update all columns", "upsert new rows",
                "upsert rows, new and there",
                "upsert a part of a row that is there",
            ].contains(description)
    }
}
