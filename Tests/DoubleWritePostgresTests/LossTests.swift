import DoubleWrite
import DoubleWriteContract
import DoubleWritePostgres
import PostgresDriver
import TestSupport
import Testing

/// The server, or the way to it, goes away under the helper.
@Suite struct LossTests {
    let database: PostgresStandIn
    let scene: Scene
    var helper: DoubleWritePostgres { database.postgres }
    var table: TableDeclaration { scene.table }

    init() throws {
        database = try PostgresStandIn()
        scene = try Scene(database)
        try scene.advance(to: .both)
    }

    private func cut() throws {
        let backend = database.applicationConnection.backendID
        _ = try database.engine("SELECT pg_terminate_backend(\(backend), 5000)")
    }

    private func loss(_ body: () throws -> Void) throws -> DoubleWriteError {
        let error = try #require(#expect(throws: DoubleWriteError.self, performing: body))
        #expect(error.isConnectionLost)
        #expect(error.description.contains("connect again"), "\(error)")
        #expect(!error.description.contains("secret"))
        return error
    }

    @Test func whatMayBeRepeatedIsRetryable() throws {
        _ = try helper.count(in: table)
        try cut()
        let update = try loss {
            try helper.update(table, set: ["species": "secret"], where: table["id"] == 1)
        }
        #expect(update.isRetryable)
        // Nothing more goes over that connection, and it is said again.
        #expect(try loss { _ = try helper.count(in: table) }.isRetryable)
        // Over a new one the same is right.
        let again = DoubleWritePostgres(try PostgresConnection(database.location))
        try again.update(table, set: ["species": "wolf"], where: table["id"] == 1)
    }

    /// It might be written, and then be written twice.
    @Test func anInsertionIsUndecided() throws {
        _ = try helper.count(in: table)
        try cut()
        let insertion = try loss {
            try helper.insert(into: table, ["id": 50, "name": "Rex", "species": "secret"])
        }
        #expect(!insertion.isRetryable)
        #expect(insertion.description.contains("not known whether"))
    }

    @Test func aTransactionThatWasNotCommittedIsRolledBack() throws {
        var attempts = 0
        let error = try loss {
            try helper.transaction(attempts: 5) {
                attempts += 1
                try helper.insert(into: table, ["id": 50, "name": "Rex", "species": "dog"])
                try cut()
                try helper.insert(into: table, ["id": 51, "name": "Mia", "species": "secret"])
            }
        }
        #expect(error.isRetryable)
        // Over the same connection it cannot be begun again.
        #expect(attempts == 1)
        #expect(try database.engine("SELECT count(*) FROM animals WHERE id IN (50, 51)").scalar == 0)
    }

    /// Nothing is closed, and nothing arrives.
    @Test func aNetworkThatSwallowsIsALossAsWell() throws {
        let wire = try Wire(to: database.location)
        func connect() throws -> DoubleWritePostgres {
            let connection = try PostgresConnection(wire.location)
            connection.silenceLimit = .milliseconds(200)
            let helper = DoubleWritePostgres(connection)
            _ = try helper.count(in: table)
            return helper
        }
        let updating = try connect()
        let inserting = try connect()
        let transacting = try connect()
        wire.swallow(.open)
        let update = try loss {
            try updating.update(table, set: ["species": "secret"], where: table["id"] == 1)
        }
        #expect(update.isRetryable)
        #expect(update.description.contains("nothing was heard of the server"))
        let insertion = try loss {
            try inserting.insert(into: table, ["id": 50, "name": "Rex", "species": "secret"])
        }
        #expect(!insertion.isRetryable)
        wire.goOn()
        let commit = try loss {
            try transacting.transaction {
                try transacting.insert(into: table, ["id": 51, "name": "Rex", "species": "dog"])
                wire.swallow(.open)
            }
        }
        #expect(!commit.isRetryable)
        let again = try connect()
        try again.update(table, set: ["species": "wolf"], where: table["id"] == 1)
    }

    @Test func aCommitIsUndecided() throws {
        let error = try loss {
            try helper.transaction {
                try helper.insert(into: table, ["id": 50, "name": "Rex", "species": "dog"])
                try cut()
            }
        }
        #expect(!error.isRetryable)
    }
}
