import DoubleWrite
import DoubleWriteContract
import DoubleWriteSQLite
import SQLiteDriver
import Testing

/// What is particular to SQLite.
@Suite struct DatabaseTests {
    let database: SQLiteStandIn

    init() throws {
        database = try SQLiteStandIn()
    }

    @Test(arguments: ["(random())", "(hex(randomblob(8)))", "'con''st'", "CURRENT_TIMESTAMP", "NULL"])
    func anOmittedValueIsDrawnOnce(_ value: String) throws {
        let scene = try Scene(database, defaultValue: value)
        // A column cannot be added with a default that is not constant: the new one has none.
        try database.createState()
        try database.expand(scene.change, of: "animals", default: nil)
        for (number, stage) in [Stage.both, .bothReadNew].enumerated() {
            try database.flip(scene.change, stage)
            let first = Int64(100 + 10 * number)
            try database.helper.insert(
                into: scene.table, rows: (first..<first + 3).map { ["id": .integer($0), "name": "a"] })
            try database.helper.insert(into: scene.table, ["id": .integer(first + 5)])
        }
        let rows = try database.engine("SELECT kind, species FROM animals WHERE id >= 100").rows
        #expect(rows.count == 8)
        #expect(rows.allSatisfy { $0[0] == $0[1] })
        #expect(Set(rows.map { $0[0] }).count == (value.contains("random") ? 8 : 1))
    }

    @Test(arguments: [Station.state, .both, .new]) func aTypoStaysAnError(_ station: Station) throws {
        let scene = try Scene(database)
        try scene.advance(to: station)
        let misspelt = TableDeclaration(
            "animals", columns: ["id": "bigint", "nmae": "text", "species": "text"], key: ["id"],
            changes: [.renameColumn(from: "kind", to: "species")])
        for inTransaction in [false, true] {
            if inTransaction { try database.application("BEGIN") }
            let error = #expect(throws: DoubleWriteError.self) {
                try database.helper.insert(into: misspelt, ["id": 50, "nmae": "x", "species": "y"])
            }
            #expect(error?.reason == .database(.missingObject))
            #expect(error?.underlying is SQLiteError)
            #expect(error?.isRetryable == false)
            if inTransaction {
                // The transaction is still usable.
                try database.helper.update(
                    scene.table, set: ["species": "wolf"], where: scene.table["id"] == 1)
                try database.application("COMMIT")
            }
        }
        #expect(try database.helper.count(in: scene.table, where: scene.table["species"] == "wolf") == 1)
    }

    @Test func aTransactionThatIsTooLateIsRetryable() throws {
        let scene = try Scene(database)
        try scene.advance(to: .both)
        var attempts = 0
        try database.sqlite.transaction("BEGIN", attempts: 2) {
            attempts += 1
            _ = try database.helper.count(in: scene.table)
            if attempts == 1 { try scene.make(.bothReadNew) }
            try database.helper.update(scene.table, set: ["species": "wolf"], where: scene.table["id"] == 1)
        }
        #expect(attempts == 2)
        #expect(try scene.rows("kind", "species", of: scene.table)[0] == ["wolf", "wolf"])
    }

    @Test func aTemporaryTableOfTheSameNameIsLeftAlone() throws {
        let scene = try Scene(database)
        try scene.advance(to: .state)
        try database.application("CREATE TEMP TABLE animals (id integer, name text, kind text, species text)")
        try database.helper.update(scene.table, set: ["species": "wolf"], where: scene.table["id"] == 1)
        try scene.make(.expand)
        try database.helper.update(scene.table, set: ["species": "fox"], where: scene.table["id"] == 1)
        #expect(try scene.rows("kind", "species", of: scene.table)[0] == ["fox", "fox"])
    }

    @Test func anAttachedDatabaseIsRefused() throws {
        let table = TableDeclaration(
            TableName(schema: "other", "animals"), columns: ["species": "text"], key: [],
            changes: [.renameColumn(from: "kind", to: "species")])
        let error = #expect(throws: DoubleWriteError.self) { try database.helper.select(from: table) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("'other.animals' is in an attached database"))
    }

    @Test func columnsOfSomebodyElseAreRefused() throws {
        let scene = try Scene(database)
        try database.alter("animals", "ADD COLUMN species text")
        for hasState in [false, true] {
            if hasState { try database.createState() }
            let error = #expect(throws: DoubleWriteError.self) {
                try database.helper.update(scene.table, set: ["species": "x"], where: nil)
            }
            #expect(error?.reason == .unclearState)
        }
        #expect(try scene.rows("species", of: scene.table).allSatisfy { $0 == [nil] })
    }

    @Test(arguments: [Station.state, .both, .bothReadNew, .new]) func upsertsOnAUniqueColumn(
        _ station: Station
    ) throws {
        let scene = try Scene(database)
        try scene.advance(to: station)
        _ = try database.engine("DELETE FROM animals")
        // At the end, the old column is left behind with whatever it has.
        let columns = station == .state ? ["kind"] : station == .new ? ["species"] : ["kind", "species"]
        for column in columns {
            _ = try database.engine("CREATE UNIQUE INDEX unique_\(column) ON animals (\(column))")
        }
        for name in ["a", "b"] as [SQLValue] {
            try database.helper.upsert(
                into: scene.table, rows: [["name": name, "species": "x"], ["name": name, "species": "y"]],
                conflict: ["species"], update: ["name"])
        }
        let rows = try database.helper.select(
            from: scene.table, columns: ["name", "species"], orderBy: [.ascending("species")]
        ).rows
        #expect(rows == [["b", "x"], ["b", "y"]])
    }

    @Test func theBareForm() throws {
        let scene = try Scene(database)
        try scene.advance(to: .state)
        func work() throws {
            try database.helper.write(
                to: scene.table,
                preferred:
                    "UPDATE animals SET kind = kind || ?, species = kind || ?1 WHERE id = 1 AND {fence}",
                fallback: "UPDATE animals SET kind = kind || ? WHERE id = 1 AND {fence}",
                contracted: "UPDATE animals SET species = species || ? WHERE id = 1 AND {fence}",
                parameters: ["!"])
        }
        var expected = "dog"
        for move in [Move.expand, .bothReadNew, .new, .retire, .drop] {
            try work()
            expected += "!"
            let read = try database.helper.read(
                from: scene.table, preferred: "SELECT species FROM animals WHERE id = 1 AND {fence}",
                fallback: "SELECT kind FROM animals WHERE id = 1 AND {fence}")
            #expect(read.scalar == .text(expected))
            try scene.make(move)
        }
        let error = #expect(throws: DoubleWriteError.self) {
            try database.helper.write(to: scene.table, preferred: "SELECT {fence}", fallback: "SELECT 1")
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("lacks {fence}"))
    }
}
