import DoubleWrite
import DoubleWriteContract
import DoubleWritePostgres
import PostgresDriver
import TestSupport
import Testing

/// What is particular to PostgreSQL: roles, defaults, several changes, unique indexes, long names.
@Suite struct DatabaseTests {
    let database: PostgresStandIn

    init() throws {
        database = try PostgresStandIn()
    }

    @Test(arguments: [
        "gen_random_uuid()", "clock_timestamp()::text", "'n' || nextval('numbers')", "random()::text", "NULL",
        "'con''st'",
    ])
    func anOmittedValueIsDrawnOnce(_ value: String) throws {
        _ = try database.engine("CREATE SEQUENCE numbers")
        let scene = try Scene(database, defaultValue: "(\(value))::text")
        for station in [Station.both, .bothReadNew] {
            if station == .both { try scene.advance(to: .both) } else { try scene.make(.bothReadNew) }
            let ids = station == .both ? [100, 101, 102] : [200, 201, 202]
            try database.helper.insert(
                into: scene.table, rows: ids.map { ["id": .integer(Int64($0)), "name": "a"] })
            try database.helper.insert(into: scene.table, ["id": .integer(Int64(ids[0] + 50))])
        }
        let rows = try database.engine("SELECT kind, species FROM animals WHERE id >= 100").rows
        #expect(rows.count == 8)
        #expect(rows.allSatisfy { $0[0] == $0[1] })
        let isConstant = value == "NULL" || value.hasPrefix("'con")
        #expect(Set(rows.map { $0[0] }).count == (isConstant ? 1 : 8))
        #expect(
            try database.engine("SELECT nextval('numbers')").scalar == (value.contains("nextval") ? 9 : 1))
    }

    @Test func rolesNeedNoMoreThanTheApplicationNeeds() throws {
        let scene = try Scene(database)
        try ThrowAwayPostgres.shared.makeRole(named: "keeper", password: "secret")
        try ThrowAwayPostgres.shared.makeRole(named: "visitor", password: "secret")
        _ = try database.engine(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON animals TO keeper; GRANT SELECT ON animals TO visitor")
        let name = database.connection.database
        func connect(_ user: String) throws -> DoubleWritePostgres {
            let location = try ThrowAwayPostgres.shared.location(
                database: name, user: user, password: "secret")
            return DoubleWritePostgres(try PostgresConnection(location))
        }
        let (keeper, visitor) = (try connect("keeper"), try connect("visitor"))
        func work() throws {
            try keeper.update(scene.table, set: ["species": "wolf"], where: scene.table["id"] == 1)
            try keeper.transaction {
                try keeper.update(scene.table, set: ["species": "wolf"], where: scene.table["id"] == 2)
            }
            #expect(try visitor.count(in: scene.table, where: scene.table["species"] == "wolf") == 2)
            let inside = try visitor.transaction {
                try visitor.count(in: scene.table, where: scene.table["species"] == "wolf")
            }
            #expect(inside == 2)
            let error = #expect(throws: DoubleWriteError.self) {
                try visitor.update(scene.table, set: ["species": "x"], where: scene.table["id"] == 1)
            }
            #expect((error?.underlying as? PostgresError)?.sqlState == SQLState.insufficientPrivilege)
        }
        try work()
        try database.createState()
        try work()
        for move in [Move.expand, .bothReadNew, .new, .retire, .drop] {
            try scene.make(move)
            try work()
        }
    }

    /// As the plain statement does: refused when stored, and no match when compared.
    @Test func aValueThatIsTooLongIsNeverCutOff() throws {
        _ = try database.engine(
            "CREATE TABLE tags (id bigint PRIMARY KEY, kind varchar(5), rank numeric(4, 1))")
        _ = try database.engine("INSERT INTO tags VALUES (1, 'longe', 1.5)")
        let tags = TableDeclaration(
            "tags", columns: ["id": "bigint", "species": "varchar(5)", "rank": "numeric(4,1)"], key: ["id"],
            changes: [.renameColumn(from: "kind", to: "species")])
        let helper = DoubleWritePostgres(database.connection)
        let error = #expect(throws: DoubleWriteError.self) {
            try helper.insert(into: tags, ["id": 2, "species": "abcdefghij"])
        }
        #expect((error?.underlying as? PostgresError)?.sqlState == "22001")
        #expect(try helper.count(in: tags, where: tags["species"] == "longer than five") == 0)
        #expect(try helper.count(in: tags, where: tags["rank"] == "1.46") == 0)
        let rows = try helper.update(
            tags, set: ["species": "x"], where: tags["species"] == "longer than five")
        #expect(rows.affectedRows == 0)
    }

    @Test func twoChangesOfOneTable() throws {
        _ = try database.engine(
            "CREATE TABLE pets (id int PRIMARY KEY, a text DEFAULT 'da', b text DEFAULT 'db')")
        let pets = TableDeclaration(
            "pets", columns: ["id": "int", "a2": "text", "b2": "text"], key: ["id"],
            changes: [.renameColumn(from: "a", to: "a2"), .renameColumn(from: "b", to: "b2")])
        try database.createState()
        var id: Int64 = 0
        func work(_ expected: [SQLValue], _ omitted: [SQLValue]) throws {
            id += 2
            try database.helper.insert(into: pets, ["id": .integer(id), "a2": "x", "b2": "y"])
            try database.postgres.transaction {
                try database.helper.insert(
                    into: pets, ["id": .integer(id + 1), "a2": "z"], returning: ["b2"])
            }
            #expect(
                try database.helper.select(from: pets, where: pets["b2"] == "y" && pets["id"] == .integer(id))
                    .rows
                    == [[.integer(id), "x", "y"]])
            let rows = try database.engine("SELECT * FROM pets WHERE id >= \(id) ORDER BY id").rows
            #expect(rows.map { Array($0.dropFirst()) } == [expected, omitted])
        }
        try work(["x", "y"], ["z", "db"])
        try database.expand(pets.changes[1], of: "pets", default: nil)
        try work(["x", "y", "y"], ["z", "db", "db"])
        try database.expand(pets.changes[0], of: "pets", default: nil)
        try work(["x", "y", "y", "x"], ["z", "db", "db", "z"])
        try database.flip(pets.changes[1], .bothReadNew)
        try work(["x", "y", "y", "x"], ["z", "db", "db", "z"])
        try database.handOver(pets.changes[1], of: "pets", default: "'db'")
        try work(["x", nil, "y", "x"], ["z", nil, "db", "z"])
        try database.undoExpand(pets.changes[0], of: "pets")
        try work(["x", nil, "y"], ["z", nil, "db"])
    }

    /// `ON CONFLICT` names one of two unique columns; the other one's index may meet the conflict first.
    @Test func contendedUpsertsWithTwoUniqueColumns() throws {
        let scene = try Scene(database)
        try scene.advance(to: .both)
        _ = try database.engine(
            "DELETE FROM animals; ALTER TABLE animals ADD UNIQUE (species), ADD UNIQUE (kind)")
        let (location, table) = (database.location, scene.table)
        let writers = (0..<4).map { writer in
            Background {
                let helper = DoubleWritePostgres(try PostgresConnection(location))
                var deadlocks = 0
                for number in 0..<150 {
                    do {
                        try helper.upsert(
                            into: table, ["name": .text("\(writer)"), "species": .text("s\(number)")],
                            conflict: ["species"], update: ["name"])
                    } catch let error as DoubleWriteError where error.isRetryable {
                        deadlocks += 1
                    }
                }
                return deadlocks
            }
        }
        for writer in writers { _ = try writer.value() }
        let rows = try database.engine("SELECT count(*), count(*) FILTER (WHERE kind = species) FROM animals")
            .rows
        #expect(rows == [[150, 150]])
    }

    @Test func aRealDuplicateStaysAnError() throws {
        let scene = try Scene(database)
        try scene.advance(to: .both)
        let error = #expect(throws: DoubleWriteError.self) {
            try database.helper.insert(into: scene.table, ["id": 1, "species": "again"])
        }
        #expect(error?.reason == .database(.duplicateKey))
    }

    /// Eleven expands, so that the marker's number has two digits and a long name is shortened by one more byte.
    @Test(arguments: ["species", String(repeating: "x", count: 63), String(repeating: "犬", count: 21)])
    func manyGenerations(_ column: String) throws {
        let scene = try Scene(database, old: "kind", new: column)
        try database.createState()
        for _ in 1...11 {
            try database.helper.update(scene.table, set: [column: "missing"], where: scene.table["id"] == 1)
            try scene.expand()
            try database.helper.update(scene.table, set: [column: "there"], where: scene.table["id"] == 1)
            #expect(try scene.rows("kind", column, of: scene.table)[0] == ["there", "there"])
            try scene.make(.undoExpand)
        }
    }

    @Test func columnsOfSomebodyElseAreRefused() throws {
        let scene = try Scene(database)
        try database.createState()
        try database.alter("animals", "ADD COLUMN species text")
        for inTransaction in [false, true] {
            if inTransaction { try database.application("BEGIN") }
            let error = #expect(throws: DoubleWriteError.self) {
                try database.helper.update(scene.table, set: ["species": "x"], where: nil)
            }
            #expect(error?.reason == .unclearState)
            #expect(
                "\(error.map { "\($0)" } ?? "")".contains(
                    "'animals.species' (column 'kind' becomes 'species')"))
            if inTransaction { try database.application("ROLLBACK") }
        }
        #expect(try scene.rows("species", of: scene.table).allSatisfy { $0 == [nil] })
    }

    @Test func aTypeThatChangesIsFollowedByPreparedStatements() throws {
        let scene = try Scene(database)
        try scene.advance(to: .both)
        func read() throws -> [[SQLValue]] {
            try database.helper.select(
                from: scene.table, columns: ["id", "name"], where: scene.table["species"] == "dog"
            ).rows
        }
        for _ in 0..<3 { #expect(try read() == [[1, "Ada"]]) }
        _ = try database.engine(
            "ALTER TABLE animals ALTER COLUMN name TYPE varchar(90), ALTER COLUMN id TYPE int")
        for _ in 0..<3 { #expect(try read() == [[1, "Ada"]]) }
        try database.application("BEGIN")
        _ = try read()
        try database.application("COMMIT")
    }

    @Test func theBareForm() throws {
        let scene = try Scene(database)
        try scene.advance(to: .state)
        let table = scene.table
        func work() throws {
            try database.helper.write(
                to: table,
                preferred:
                    "UPDATE animals SET kind = kind || $1, species = kind || $1 WHERE id = 1 AND {fence}",
                fallback: "UPDATE animals SET kind = kind || $1 WHERE id = 1 AND {fence}",
                contracted: "UPDATE animals SET species = species || $1 WHERE id = 1 AND {fence}",
                parameters: ["!"])
        }
        func read() throws -> SQLValue? {
            try database.helper.read(
                from: table, preferred: "SELECT species FROM animals WHERE id = 1 AND {fence}",
                fallback: "SELECT kind FROM animals WHERE id = 1 AND {fence}"
            ).scalar
        }
        var expected = "dog"
        for move in [Move.expand, .bothReadNew, .new, .retire, .drop] {
            try work()
            expected += "!"
            #expect(try read() == .text(expected))
            try scene.make(move)
        }
        try work()
        #expect(try read() == .text(expected + "!"))
        #expect(throws: DoubleWriteError.self) {
            try database.helper.write(to: table, preferred: "SELECT 1 WHERE {fence}", fallback: "SELECT 1")
        }
    }
}
