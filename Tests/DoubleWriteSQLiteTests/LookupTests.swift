import DoubleWrite
import DoubleWriteContract
import DoubleWriteSQLite
import Foundation
import SQLiteDriver
import Testing

/// Values that are written while others take them away.
@Suite struct LookupTests {
    private static let stages: [Station] = [.both, .bothReadNew, .new]

    private func scene(_ station: Station) throws -> (SQLiteStandIn, ShapeScene) {
        let database = try SQLiteStandIn()
        let scene = try ShapeScene(database, .extraction)
        try scene.advance(to: station)
        return (database, scene)
    }

    /// The row of the value is deleted between the two statements.
    @Test(arguments: stages) func aValueVanishesBeforeTheWrite(_ station: Station) throws {
        let (database, scene) = try scene(station)
        try LookupScene(scene).vanish()
        #expect(
            try database.engine(
                "SELECT b.name FROM people AS p JOIN breeds AS b ON b.id = p.breed_id WHERE p.id = 100"
            ).rows == [["pug"]])
        #expect(try scene.violations() ?? [] == [])
    }

    /// Conditions mean what they mean of a column, with NULL and under negation.
    @Test(arguments: stages) func conditionsMeanTheSame(_ station: Station) throws {
        let (_, scene) = try scene(station)
        #expect(try LookupScene(scene).differentConditions() == [])
    }

    /// In a transaction the value's row belongs to it.
    @Test(arguments: stages) func aTransactionTakesTheValueBack(_ station: Station) throws {
        let (database, scene) = try scene(station)
        let before = try database.engine("SELECT * FROM breeds ORDER BY id").rows
        try database.application(database.begin)
        try database.helper.insert(into: scene.table, ["id": 100, "breed": "pug"])
        try database.application("ROLLBACK")
        #expect(try database.engine("SELECT * FROM breeds ORDER BY id").rows == before)
    }

    /// What is refused leaves at most a value behind to which nothing refers.
    @Test(arguments: stages) func aRefusedWriteLeavesNoRow(_ station: Station) throws {
        let (database, scene) = try scene(station)
        let before = try database.engine("SELECT * FROM people ORDER BY id").rows
        #expect(throws: DoubleWriteError.self) {
            try database.helper.insert(into: scene.table, ["id": 1, "breed": "pug"])
        }
        #expect(try database.engine("SELECT * FROM people ORDER BY id").rows == before)
    }
}
