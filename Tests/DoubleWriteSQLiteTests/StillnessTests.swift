import DoubleWrite
import DoubleWriteContract
import DoubleWriteSQLite
import SQLiteDriver
import Testing

/// In a transaction the helper asks for the stage once, until something else but itself changes anything.
@Suite struct StillnessTests {
    let database: SQLiteStandIn
    let scene: Scene

    init() throws {
        database = try SQLiteStandIn()
        scene = try Scene(database)
    }

    private func write(_ value: SQLValue) throws {
        try database.helper.update(scene.table, set: ["species": value], where: scene.table["id"] == 1)
    }

    private func row(_ columns: String) throws -> [SQLValue] {
        try database.applicationConnection.query("SELECT \(columns) FROM animals WHERE id = 1").rows[0]
    }

    /// Whoever flips a stage or changes the table in the very transaction is heeded.
    @Test(arguments: ["BEGIN", "BEGIN IMMEDIATE"]) func aFlipOfOnesOwn(_ begin: String) throws {
        try scene.advance(to: .both)
        try database.application(begin)
        for value in ["wolf", "fox"] as [SQLValue] {
            try write(value)
            #expect(try row("kind, species") == [value, value])
        }
        try database.application(database.flipSQL(scene.change, .bothReadNew))
        try database.application(database.flipSQL(scene.change, .new))
        for value in ["bear", "lynx"] as [SQLValue] {
            try write(value)
            #expect(try row("kind, species") == ["fox", value])
        }
        try database.application("COMMIT")
    }

    @Test func aChangeThatIsTakenBack() throws {
        try scene.advance(to: .state)
        try database.application("BEGIN; SAVEPOINT s")
        try write("wolf")
        try database.application("ALTER TABLE animals ADD COLUMN species text")
        try database.application(database.flipSQL(scene.change, .both, generation: 1))
        for value in ["fox", "bear"] as [SQLValue] {
            try write(value)
            #expect(try row("kind, species") == [value, value])
        }
        try database.application("ROLLBACK TO s")
        for value in ["lynx", "seal"] as [SQLValue] {
            try write(value)
            #expect(try row("kind") == [value])
        }
        try database.application("COMMIT")
    }

    /// Between two transactions the engine may flip, however they were ended.
    @Test(arguments: ["COMMIT", "ROLLBACK", "error"]) func anotherTransaction(_ end: String) throws {
        try scene.advance(to: .both)
        try database.application(
            """
            CREATE TRIGGER no_bears BEFORE UPDATE ON animals WHEN NEW.name = 'bear'
            BEGIN SELECT RAISE(ROLLBACK, 'no bears'); END
            """)
        try database.application("BEGIN")
        try write("wolf")
        try write("fox")
        if end == "error" {
            #expect(throws: DoubleWriteError.self) {
                try database.helper.update(scene.table, set: ["name": "bear"], where: scene.table["id"] == 1)
            }
            #expect(!database.applicationConnection.isInTransaction)
        } else {
            try database.application(end)
        }
        try scene.make(.bothReadNew)
        try scene.make(.new)
        try database.application("BEGIN")
        let before = try row("kind")
        try write("lynx")
        try write("seal")
        try database.application("COMMIT")
        #expect(try row("kind, species") == before + ["seal"])
    }

    /// A transaction that only read so far is refused where somebody wrote since, and repeated as a whole.
    @Test func aReaderThatWritesTooLate() throws {
        try scene.advance(to: .both)
        try database.application("BEGIN")
        for _ in 1...2 {
            #expect(try database.helper.select(from: scene.table).rows.count == 6)
        }
        try scene.make(.bothReadNew)
        let error = #expect(throws: DoubleWriteError.self) { try write("wolf") }
        #expect(error?.isRetryable == true)
        try database.application("ROLLBACK")
        #expect(try row("kind, species") == ["dog", "dog"])
    }

    /// What else is read in between changes nothing; another table's row is written as it should be.
    @Test func queriesInBetween() throws {
        try scene.advance(to: .both)
        let before = database.applicationConnection.changeNumber
        _ = try database.applicationConnection.query("SELECT * FROM animals")
        _ = try database.applicationConnection.query("WITH a AS (SELECT 1) SELECT * FROM a")
        #expect(database.applicationConnection.changeNumber == before)
        for statement in [
            "BEGIN", "SAVEPOINT s", "WITH a AS (SELECT 1) DELETE FROM animals WHERE id IN (SELECT 99 FROM a)",
            "ROLLBACK TO s", "RELEASE s", "CREATE TABLE other (id)", "PRAGMA user_version = 3", "COMMIT",
        ] {
            let before = database.applicationConnection.changeNumber
            try database.application(statement)
            #expect(database.applicationConnection.changeNumber > before, "\(statement)")
        }
    }
}
