import DoubleWrite
import DoubleWriteContract
import DoubleWritePostgres
import PostgresDriver
import TestSupport
import Testing

/// What the helper does inside the caller's own transaction.
@Suite struct TransactionTests {
    let database: PostgresStandIn
    let scene: Scene
    var helper: DoubleWritePostgres { database.postgres }
    var table: TableDeclaration { scene.table }

    init() throws {
        database = try PostgresStandIn()
        scene = try Scene(database)
    }

    func contents() throws -> [[SQLValue]] {
        try database.engine("SELECT * FROM animals WHERE id IN (1, 2) ORDER BY id").rows
    }

    @Test func settingTheTransactionStillWorks() throws {
        try scene.advance(to: .both)
        try database.application("BEGIN")
        try database.application("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        try helper.update(table, set: ["species": "wolf"], where: table["id"] == 1)
        try database.application("COMMIT")
        #expect(try contents()[0] == [1, "Ada", "wolf", "wolf"])
    }

    @Test func aMissingSchemaDoesNotAbortIt() throws {
        try database.application("BEGIN")
        try helper.update(table, set: ["species": "wolf"], where: table["id"] == 1)
        #expect(!database.applicationConnection.isTransactionFailed)
        try database.application("COMMIT")
        #expect(try contents()[0] == [1, "Ada", "wolf"])
    }

    @Test func theFirstUseFreezesTheShape() throws {
        try scene.advance(to: .both)
        try database.application("BEGIN")
        _ = try helper.count(in: table, where: table["species"] == "dog")
        _ = try database.engine("SET lock_timeout = '50ms'")
        #expect(throws: PostgresError.self) { try scene.make(.undoExpand) }
        _ = try database.engine("ROLLBACK")
        let before = database.applicationConnection.roundTrips
        try helper.update(table, set: ["species": "wolf"], where: table["id"] == 1)
        try helper.update(table, set: ["species": "wolf"], where: table["id"] == 999)
        #expect(database.applicationConnection.roundTrips - before <= 3)
        try database.application("COMMIT")
        try scene.make(.undoExpand)
        #expect(try contents()[0] == [1, "Ada", "wolf"])
    }

    /// Nothing comes between the look-up and the statement that follows from it.
    @Test(arguments: [false, true]) func theLookUpItselfFreezesTheShape(_ isRead: Bool) throws {
        try scene.advance(to: .both)
        let request =
            isRead
            ? Request.select(from: table, columns: ["species"], where: table["id"] == 1)
            : Request.update(table, set: ["species": "wolf"], where: table["id"] == 1, returning: ["species"])
        try database.application("BEGIN")
        var paused = Paused(request, database, transaction: 1)
        #expect(paused.statement != nil)
        _ = try database.engine("SET lock_timeout = '50ms'")
        #expect(throws: PostgresError.self) { try scene.make(.undoExpand) }
        _ = try database.engine("ROLLBACK")
        #expect(try paused.resume().rows == [[isRead ? "dog" : "wolf"]])
        try database.application("COMMIT")
    }

    @Test func theStageIsKeptToTheEnd() throws {
        try scene.advance(to: .both)
        try database.application("BEGIN")
        try helper.update(table, set: ["species": "wolf"], where: table["id"] == 1)
        try scene.make(.bothReadNew)
        _ = try database.engine("UPDATE animals SET species = 'differs' WHERE id = 2")
        let read = try helper.select(from: table, columns: ["species"], where: table["id"] == 2)
        #expect(read.rows == [["cat"]])
        try database.application("COMMIT")
        #expect(
            try helper.select(from: table, columns: ["species"], where: table["id"] == 2).rows == [
                ["differs"]
            ])
    }

    @Test func theStageIsTheSnapshotsOwn() throws {
        try database.createState()
        try scene.expand()
        try database.application("BEGIN ISOLATION LEVEL REPEATABLE READ")
        try database.application("SELECT count(*) FROM animals")
        try scene.make(.copyForward)
        try scene.make(.bothReadNew)
        let read = try helper.select(from: table, columns: ["species"], where: table["id"] == 1)
        #expect(read.rows == [["dog"]])
        try database.application("COMMIT")
    }

    @Test func aRollbackToASavepointGivesTheLockBack() throws {
        try scene.advance(to: .state)
        _ = try helper.count(in: table, where: table["species"] == nil)
        try database.application("BEGIN")
        try database.application("SAVEPOINT here")
        try helper.update(table, set: ["species": "wolf"], where: table["id"] == 1)
        try database.application("ROLLBACK TO SAVEPOINT here")
        try scene.make(.expand)
        try helper.update(table, set: ["species": "fox"], where: table["id"] == 1)
        try database.application("COMMIT")
        #expect(try contents()[0] == [1, "Ada", "fox", "fox"])
    }

    @Test func aColumnThatLeftIsRetryable() throws {
        try scene.advance(to: .state)
        _ = try helper.count(in: table, where: table["species"] == nil)
        try scene.make(.renameInPlace)
        let error = #expect(throws: DoubleWriteError.self) {
            try helper.transaction {
                try helper.update(table, set: ["species": "wolf"], where: table["id"] == 1)
            }
        }
        #expect(error?.reason == .retryTransaction)
        #expect(error?.isRetryable == true)
        #expect(!database.applicationConnection.isInTransaction)
        try helper.transaction {
            try helper.update(table, set: ["species": "wolf"], where: table["id"] == 1)
        }
        #expect(try contents()[0] == [1, "Ada", "wolf"])
        try scene.make(.undoRename)
        try helper.transaction(attempts: 2) {
            try helper.update(table, set: ["species": "fox"], where: table["id"] == 1)
        }
        #expect(try contents()[0] == [1, "Ada", "fox"])
    }

    @Test func aTypoStaysAnError() throws {
        let misspelt = TableDeclaration(
            "animals", columns: ["id": "bigint", "nmae": "text", "species": "text"], key: ["id"],
            changes: [.renameColumn(from: "kind", to: "species")])
        for station in [Station.state, .both] {
            let database = try PostgresStandIn()
            try Scene(database).advance(to: station)
            func mistake() -> DoubleWriteError? {
                #expect(throws: DoubleWriteError.self) {
                    try database.helper.insert(into: misspelt, ["id": 50, "nmae": "x", "species": "y"])
                }
            }
            func check(_ error: DoubleWriteError?) {
                #expect((error?.underlying as? PostgresError)?.sqlState == SQLState.undefinedColumn)
                #expect(error?.reason == .database(.missingObject))
                #expect(error?.isRetryable == false)
            }
            check(mistake())
            // A fenced statement cannot tell a typo from a column that left; the next transaction can.
            try database.application("BEGIN")
            if station == .state { #expect(mistake()?.reason == .retryTransaction) }
            try database.application("ROLLBACK")
            try database.application("BEGIN")
            check(mistake())
            try database.application("ROLLBACK")
        }
    }

    @Test func aCommitOfAFailedTransactionIsNotReportedAsDone() throws {
        let error = #expect(throws: DoubleWriteError.self) {
            try helper.transaction {
                try helper.update(table, set: ["species": "wolf"], where: table["id"] == 1)
                _ = try? database.applicationConnection.query("SELECT 1 / 0")
            }
        }
        #expect(error?.reason == .transactionFailed)
        #expect(try contents()[0] == [1, "Ada", "dog"])
    }

    @Test func aSerializationFailureIsRetryable() throws {
        try scene.advance(to: .both)
        let error = #expect(throws: DoubleWriteError.self) {
            try helper.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ") {
                _ = try helper.count(in: table)
                _ = try database.engine("UPDATE animals SET name = 'other' WHERE id = 1")
                try helper.update(table, set: ["species": "wolf"], where: table["id"] == 1)
            }
        }
        #expect(error?.isRetryable == true)
        #expect(try contents()[0] == [1, "other", "dog", "dog"])
    }

    @Test func aReadOnlyTransactionReads() throws {
        for station in [Station.state, .both] {
            let database = try PostgresStandIn()
            let scene = try Scene(database)
            try scene.advance(to: station)
            try database.application("BEGIN READ ONLY")
            #expect(try database.helper.count(in: scene.table, where: scene.table["species"] == "cat") == 2)
            try database.application("COMMIT")
        }
    }
}
