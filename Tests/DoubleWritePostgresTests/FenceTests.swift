import DoubleWrite
import DoubleWriteContract
import DoubleWritePostgres
import PostgresDriver
import TestSupport
import Testing

/// While the new column is missing: nothing that is known to fail is tried, one message a statement, and nothing
/// gets past an expand.
@Suite struct FenceTests {
    static let isolations = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]

    @Test(arguments: isolations, [false, true])
    func oneMessageAStatementAndNoError(_ isolation: String, _ inTransaction: Bool) throws {
        let database = try PostgresStandIn(preparesStatements: false)
        let scene = try Scene(database, table: "once upon a table")
        try scene.advance(to: .state)
        let connection = database.applicationConnection
        try database.application(
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL \(isolation)")
        _ = try database.helper.count(in: scene.table, where: scene.table["species"] == "dog")
        let mark = try ThrowAwayPostgres.shared.logMark()
        for errand in Errand.all where !errand.findsNothing {
            if inTransaction { try database.application("BEGIN") }
            let before = connection.roundTrips
            _ = try database.helper.run(errand.request(scene.table, scene.name, scene.changed))
            #expect(connection.roundTrips - before == 1, "\(errand)")
            if inTransaction { try database.application("COMMIT") }
        }
        // Other tests write to the same log: what is looked for is what only this table's name is in.
        let log = try ThrowAwayPostgres.shared.log(since: mark).split(separator: "\n")
        #expect(log.filter { $0.contains("once upon a table") } == [])
    }

    @Test func aPreparedStatementIsOneMessageFromItsThirdTimeOn() throws {
        let database = try PostgresStandIn()
        let scene = try Scene(database)
        var counts: [Int] = []
        for number in 0..<5 {
            let before = database.applicationConnection.roundTrips
            try database.helper.update(
                scene.table, set: ["species": .text("s\(number)")], where: scene.table["id"] == 1)
            counts.append(database.applicationConnection.roundTrips - before)
        }
        // The look-up with the first, the preparing with the second.
        #expect(counts == [2, 2, 1, 1, 1])
    }

    /// The column, the marker and the stage arrive while the writer waits for the table's lock, once, or undone and
    /// expanded again before anybody could look.
    @Test(arguments: isolations, Mode.allCases)
    func anExpandUnderAWaitingWriter(_ isolation: String, _ mode: Mode) throws {
        let database = try PostgresStandIn()
        var number = 0
        for isPrepared in [false, true] {
            for again in [false, true] {
                for errand in Errand.all where Self.samples.contains(errand.description) {
                    number += 1
                    try database.dropState()
                    let scene = try Scene(database, table: "animals \(number)")
                    try scene.advance(to: .state)
                    let writer = Writer(scene, errand, database.location, isolation, mode, isPrepared)
                    try database.expandUnder(writer, scene, again: again)
                    let expected = try database.helper.run(
                        errand.request(scene.twin, scene.name, scene.changed))
                    let answer = try writer.work.value()
                    #expect(try database.oldOnlyRows(scene) == [], "\(errand)")
                    try scene.make(.copyForward)
                    expectNone(scene.compare(answer, expected, errand))
                    expectNone(try scene.differences(after: errand))
                    #expect(try scene.truths().count == 2)
                }
            }
        }
    }

    static let samples = [
        "insert", "insert many with a value left out", "update the changed column",
        "update another column by the changed one", "upsert rows, new and there", "delete by key",
        "select by the changed column", "count",
    ]

    enum Mode: CaseIterable {
        case outsideTransactions, transaction, olderSnapshot
    }

    /// Expand, undo and expand again, all committed, in the middle of one transaction whose snapshot is older.
    @Test(arguments: isolations) func expandUndoExpandInOneTransaction(_ isolation: String) throws {
        let database = try PostgresStandIn()
        var number = 0
        for errand in Errand.all where errand.isWrite {
            number += 1
            try database.dropState()
            let scene = try Scene(database, table: "animals \(number)")
            try scene.advance(to: .state)
            _ = try database.helper.count(in: scene.table, where: scene.table["species"] == nil)
            try database.application("BEGIN ISOLATION LEVEL \(isolation)")
            try database.application("SELECT count(*) FROM pg_class")
            try scene.expand()
            try scene.make(.undoExpand)
            try scene.expand()
            let answer = try database.helper.run(errand.request(scene.table, scene.name, scene.changed))
            let expected = try database.helper.run(errand.request(scene.twin, scene.name, scene.changed))
            try database.application("COMMIT")
            #expect(try database.oldOnlyRows(scene) == [], "\(errand)")
            try scene.make(.copyForward)
            expectNone(scene.compare(answer, expected, errand))
            expectNone(try scene.differences(after: errand))
        }
    }
}

/// A writer on a connection and a thread of its own, which has learnt that the column is missing.
struct Writer {
    let isReady = Signal()
    let goOn = Signal()
    let work: Background<ResultSet>

    init(
        _ scene: Scene, _ errand: Errand, _ location: String, _ isolation: String, _ mode: FenceTests.Mode,
        _ isPrepared: Bool
    ) {
        let request = errand.request(scene.table, scene.name, scene.changed)
        let learn = Request.count(in: scene.table, where: scene.table[scene.changed] == nil)
        let (isReady, goOn) = (isReady, goOn)
        work = Background {
            let connection = try PostgresConnection(location)
            let helper = DoubleWritePostgres(connection, preparesStatements: isPrepared)
            _ = try connection.execute(
                "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL \(isolation)")
            _ = try helper.run(learn)
            // Often enough for a plan that is made once for all.
            for _ in 0..<(isPrepared ? 8 : 0) {
                _ = try connection.execute("BEGIN")
                _ = try helper.run(request)
                _ = try connection.execute("ROLLBACK")
            }
            if mode != .outsideTransactions { _ = try connection.execute("BEGIN") }
            if mode == .olderSnapshot { _ = try connection.execute("SELECT count(*) FROM pg_class") }
            isReady.send()
            try goOn.wait()
            let answer = try helper.run(request)
            if mode != .outsideTransactions { _ = try connection.execute("COMMIT") }
            return answer
        }
    }
}

extension PostgresStandIn {
    /// What was written to the old column alone, before any backfill: the rows whose columns differ, but for those
    /// that still have the value they began with.
    func oldOnlyRows(_ scene: Scene) throws -> [[SQLValue]] {
        let rows = try engine("SELECT id, kind, species FROM \(dialect.quote(scene.table.name))").rows
        let seed = Set(Errand.seed.map { [$0[0], $0[2]] })
        return rows.filter { $0[1] != $0[2] && !seed.contains([$0[0], $0[1]]) }
    }

    /// Holds an expand open until the writer waits for it, and commits it then.
    func expandUnder(_ writer: Writer, _ scene: Scene, again: Bool) throws {
        try writer.isReady.wait()
        _ = try engine(try expandSQL(scene.change, of: scene.table.name))
        if again {
            try alter(scene.table.name, "DROP COLUMN \(dialect.quote(scene.changed))")
            try flip(scene.change, .old)
            let sql = try expandSQL(scene.change, of: scene.table.name)
            _ = try engine(String(sql.dropFirst("BEGIN; ".count)))
        }
        writer.goOn.send()
        try connection.waitForABlockedSession()
        _ = try engine("COMMIT")
    }
}

extension Errand {
    /// Whether it writes or finds no row, which costs a second look.
    var findsNothing: Bool {
        ["update nothing", "delete nothing", "select nothing", "count none", "upsert that leaves the row"]
            .contains(description)
    }
}
