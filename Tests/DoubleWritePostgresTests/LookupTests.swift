import DoubleWrite
import DoubleWriteContract
import DoubleWritePostgres
import PostgresDriver
import TestSupport
import Testing

/// Values that are written while others write the same, for the first time or again, or take them away.
@Suite struct LookupTests {
    private static let stages: [Station] = [.both, .bothReadNew, .new]

    private func scene(_ station: Station) throws -> (PostgresStandIn, ShapeScene) {
        let database = try PostgresStandIn()
        let scene = try ShapeScene(database, .extraction)
        try scene.advance(to: station)
        return (database, scene)
    }

    /// The rows' values, by way of the reference.
    private func values(_ database: PostgresStandIn, from id: Int = 100) throws -> [[SQLValue]] {
        try database.engine(
            "SELECT p.id, b.name FROM people AS p LEFT JOIN breeds AS b ON b.id = p.breed_id WHERE p.id >= \(id) ORDER BY 1"
        ).rows
    }

    /// Nobody waits for a value that is there, whatever transaction has just written it as well.
    @Test(arguments: stages) func writersOfOneValueDoNotWait(_ station: Station) throws {
        let (database, scene) = try scene(station)
        let table = scene.table
        try database.application("BEGIN")
        try database.helper.insert(into: table, ["id": 100, "breed": "boxer"])
        try database.helper.update(table, set: ["breed": "boxer"], where: table["id"] == 4)
        let other = try PostgresConnection(database.location)
        _ = try other.execute("SET lock_timeout = '1ms'")
        let helper = DoubleWritePostgres(other)
        try helper.insert(into: table, ["id": 101, "breed": "boxer"])
        try helper.update(table, set: ["breed": "boxer"], where: table["id"] == 5)
        _ = try other.execute("BEGIN")
        try helper.insert(
            into: table, rows: [["id": 102, "breed": "boxer"], ["id": 103, "breed": "Boxer"]])
        _ = try other.execute("COMMIT")
        try database.application("COMMIT")
        #expect(
            try values(database) == [[100, "boxer"], [101, "boxer"], [102, "boxer"], [103, "Boxer"]])
        #expect(try scene.violations() ?? [] == [])
    }

    /// A value that is there costs no number of the key's.
    @Test func knownValuesDrawNoNumbers() throws {
        let (database, scene) = try scene(.both)
        let last = "SELECT last_value FROM pg_sequences WHERE sequencename = 'breeds_id_seq'"
        let before = try database.engine(last).scalar
        for id in 100..<110 {
            try database.helper.insert(into: scene.table, ["id": .integer(Int64(id)), "breed": "boxer"])
        }
        #expect(try database.engine(last).scalar == before)
    }

    /// Two who write a value for the first time at once: the second waits, and both refer to one row.
    @Test(arguments: stages, ["BEGIN", ""]) func twoFirstWriters(_ station: Station, _ begin: String) throws {
        let (database, scene) = try scene(station)
        let table = scene.table
        try database.application("BEGIN")
        try database.helper.insert(into: table, ["id": 100, "breed": "pug"])
        let location = database.location
        let other = Background {
            let connection = try PostgresConnection(location)
            let helper = DoubleWritePostgres(connection)
            guard !begin.isEmpty else {
                try helper.insert(into: table, ["id": 101, "breed": "pug"])
                return
            }
            try helper.transaction(begin) { _ = try helper.insert(into: table, ["id": 101, "breed": "pug"]) }
        }
        try database.connection.waitForABlockedSession()
        try database.application("COMMIT")
        try other.value()
        #expect(try values(database) == [[100, "pug"], [101, "pug"]])
        #expect(
            try database.engine("SELECT count(*) FROM breeds WHERE name = 'pug'").scalar == .integer(1))
    }

    /// A row's latest version may refer to a value that the statement's snapshot does not have.
    @Test(arguments: [Station.bothReadNew, .new]) func aNewerValueIsGivenBack(_ station: Station) throws {
        let (database, scene) = try scene(station)
        let table = scene.table
        try database.application("BEGIN")
        try database.helper.update(table, set: ["breed": "pug"], where: table["id"] == 4)
        let location = database.location
        let others = [
            Request.update(table, set: ["note": "x"], where: table["id"] == 4, returning: ["breed", "id"]),
            .upsert(
                into: table, rows: [["id": 4, "note": "y"]], conflict: ["id"], update: ["note"],
                returning: ["id", "breed"]),
        ].map { request in
            Background {
                try DoubleWritePostgres(try PostgresConnection(location)).run(request)
            }
        }
        try database.connection.waitForABlockedSession(2)
        try database.application("COMMIT")
        #expect(
            try others[0].value()
                == ResultSet(columns: ["breed", "id"], rows: [["pug", 4]], affectedRows: 1))
        #expect(
            try others[1].value()
                == ResultSet(columns: ["id", "breed"], rows: [[4, "pug"]], affectedRows: 1))
    }

    /// The first one takes it back: the second one's is then the first.
    @Test func aFirstWriterRollsBack() throws {
        let (database, scene) = try scene(.both)
        let table = scene.table
        try database.application("BEGIN")
        try database.helper.insert(into: table, ["id": 100, "breed": "pug"])
        let location = database.location
        let other = Background {
            let helper = DoubleWritePostgres(try PostgresConnection(location))
            _ = try helper.insert(into: table, ["id": 101, "breed": "pug"])
        }
        try database.connection.waitForABlockedSession()
        try database.application("ROLLBACK")
        try other.value()
        #expect(try values(database) == [[101, "pug"]])
    }

    /// In the higher levels a value that is not in the snapshot cannot be referred to: 40001, and the repetition can.
    @Test(arguments: stages, ["REPEATABLE READ", "SERIALIZABLE"])
    func theSnapshotDecides(_ station: Station, _ level: String) throws {
        let (database, scene) = try scene(station)
        let table = scene.table
        try database.application("BEGIN ISOLATION LEVEL \(level)")
        #expect(try database.helper.count(in: table) > 0)
        let other = DoubleWritePostgres(try PostgresConnection(database.location))
        try other.insert(into: table, ["id": 100, "breed": "pug"])
        let error = #expect(throws: DoubleWriteError.self) {
            try database.helper.insert(into: table, ["id": 101, "breed": "pug"])
        }
        #expect(error?.isRetryable == true)
        #expect((error?.underlying as? PostgresError)?.sqlState == "40001")
        try database.application("ROLLBACK")
        try database.postgres.transaction("BEGIN ISOLATION LEVEL \(level)", attempts: 2) {
            _ = try database.helper.insert(into: table, ["id": 101, "breed": "pug"])
        }
        #expect(try values(database) == [[100, "pug"], [101, "pug"]])
    }

    /// The whole transaction is repeated by the helper, as often as it is told.
    @Test func attemptsAreEnough() throws {
        let (database, scene) = try scene(.new)
        let table = scene.table
        let location = database.location
        let crew = (0..<4).map { number in
            Background {
                let helper = DoubleWritePostgres(try PostgresConnection(location))
                for round in 0..<15 {
                    try helper.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ", attempts: 50) {
                        let id = SQLValue.integer(Int64(1000 + 100 * number + round))
                        _ = try helper.insert(into: table, ["id": id, "breed": .text("new \(round)")])
                    }
                }
            }
        }
        for one in crew { try one.value() }
        let rows = try values(database, from: 1000)
        #expect(rows.count == 60)
        #expect(
            rows.allSatisfy { $0[1].text == "new \((($0[0].integer ?? 0) - 1000) % 100)" }, "\(rows)")
        #expect(
            try database.engine("SELECT count(*) FROM breeds WHERE name LIKE 'new %'").scalar
                == .integer(15))
    }

    /// The row of the value is deleted between the two statements.
    @Test(arguments: stages) func aValueVanishesBeforeTheWrite(_ station: Station) throws {
        let (database, scene) = try scene(station)
        try LookupScene(scene).vanish()
        #expect(try values(database) == [[100, "pug"]])
        #expect(try scene.violations() ?? [] == [])
    }

    /// The same inside a transaction, which has to be repeated then.
    @Test(arguments: stages) func aKnownValueVanishesInsideATransaction(_ station: Station) throws {
        let (database, scene) = try scene(station)
        let table = scene.table
        _ = try database.engine("INSERT INTO breeds (name) VALUES ('pug')")
        try database.application("BEGIN")
        #expect(try database.helper.count(in: table, where: table["breed"] == "pug") == 0)
        var paused = Paused(
            .insert(into: table, rows: [["id": 100, "breed": "pug"]]), database, transaction: 1)
        try paused.step()
        _ = try database.engine("DELETE FROM breeds WHERE name = 'pug'")
        let error = #expect(throws: DoubleWriteError.self) { _ = try paused.resume() }
        #expect(error?.isRetryable == true)
        try database.application("ROLLBACK")
        #expect(try values(database) == [])
    }

    /// The row is there when the write looks for it, and gone when the foreign key is checked.
    @Test(arguments: stages) func aKnownValueVanishesBeforeTheCheck(_ station: Station) throws {
        let (database, scene) = try scene(station)
        let table = scene.table
        _ = try database.engine("INSERT INTO breeds (name) VALUES ('pug')")
        // Not to be pointed at for now, and there all the same.
        _ = try database.engine("BEGIN; SELECT 1 FROM breeds WHERE name = 'pug' FOR UPDATE")
        let location = database.location
        let writer = Background {
            let helper = DoubleWritePostgres(try PostgresConnection(location))
            var attempts = 0
            let error = #expect(throws: DoubleWriteError.self) {
                try helper.transaction {
                    attempts += 1
                    try helper.insert(into: table, ["id": 100, "breed": "pug"])
                }
            }
            // The whole transaction again is right.
            try helper.transaction { try helper.insert(into: table, ["id": 100, "breed": "pug"]) }
            return error
        }
        try PostgresConnection(location).waitForABlockedSession()
        _ = try database.engine("DELETE FROM breeds WHERE name = 'pug'; COMMIT")
        let error = try #require(try writer.value())
        #expect(error.isRetryable)
        #expect(error.description.contains("roll the transaction back and run it again"), "\(error)")
        #expect(try values(database) == [[100, "pug"]])
    }

    /// No row of the table is without its value, whoever deletes values all the while.
    @Test func valuesAreDeletedAllTheWhile() throws {
        let (database, scene) = try scene(.both)
        let table = scene.table
        let location = database.location
        let sweeper = Background {
            let connection = try PostgresConnection(location)
            for _ in 0..<400 {
                // A value that somebody refers to in the meantime stays.
                _ = try? connection.execute(
                    "DELETE FROM breeds AS b WHERE NOT EXISTS (SELECT FROM people AS p WHERE p.breed_id = b.id)"
                )
            }
        }
        let helper = DoubleWritePostgres(try PostgresConnection(location))
        for id in 1000..<1200 {
            let row: [String: SQLValue] = ["id": .integer(Int64(id)), "breed": .text("v\(id % 3)")]
            try insistOnInserting(row, into: table, helper)
            if id % 2 == 0 { try helper.delete(from: table, where: table["id"] == row["id"] ?? nil) }
        }
        try sweeper.value()
        let rows = try values(database, from: 1000)
        #expect(rows.count == 100)
        #expect(rows.allSatisfy { $0[1].text == "v\(($0[0].integer ?? 0) % 3)" })
        #expect(try scene.violations() == [])
    }

    /// Inserts a row, again where its value was deleted each time.
    private func insistOnInserting(
        _ row: [String: SQLValue], into table: TableDeclaration, _ helper: DoubleWritePostgres
    ) throws {
        for _ in 0..<1000 {
            do {
                try helper.insert(into: table, row)
                return
            } catch {
                guard error.isRetryable else { throw error }
            }
        }
        throw Stuck()
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

    /// Conditions mean what they mean of a column, with NULL and under negation.
    @Test(arguments: stages) func conditionsMeanTheSame(_ station: Station) throws {
        let (_, scene) = try scene(station)
        #expect(try LookupScene(scene).differentConditions() == [])
    }

    /// An equal value is found by the index of the reference.
    @Test func anEqualValueIsFoundByTheReference() throws {
        let (database, scene) = try scene(.new)
        let paused = Paused(
            .select(from: scene.table, where: scene.table["breed"] == "boxer"), database)
        let sql = try #require(paused.statement?.sql)
        #expect(sql.contains("\"breed_id\" IN (SELECT"), "\(sql)")
    }
}
