import DoubleWrite
import DoubleWriteContract
import DoubleWriteSQLite
import Foundation
import SQLiteDriver
import Synchronization
import Testing

/// Writers on connections of their own, while another one adds the column and drops it again.
@Suite(.serialized) struct WriterLoopTests {
    @Test(arguments: ["WAL", "DELETE"], [false, true])
    func noRowIsOldOnly(_ journal: String, _ inTransactions: Bool) throws {
        let database = try SQLiteStandIn(journal: journal)
        let scene = try Scene(database)
        try database.createState()
        let writers = (0..<2).map { _ in LoopingWriter(database.path, scene.table, inTransactions) }
        var wrong = 0
        for round in 0..<30 {
            try retrying { try expandFilled(database, scene) }
            let before = writers.map(\.count)
            let limit = ContinuousClock.now + .seconds(3)
            while zip(writers, before).contains(where: { $0.count < $1 + 3 }), ContinuousClock.now < limit {
                Thread.sleep(forTimeInterval: 0.001)
            }
            let differing = try database.engine("SELECT count(*) FROM animals WHERE kind IS NOT species")
                .scalar
            if differing != 0 { wrong += 1 }
            if round.isMultiple(of: 3) { try retrying { try scene.make(.bothReadNew) } }
            try retrying { try undo(database, scene) }
        }
        for writer in writers {
            let stale = try writer.finish()
            #expect(stale == 0)
            #expect(writer.count > 30)
        }
        #expect(wrong == 0)
    }

    /// The expand and its backfill in one transaction, so that every difference is a writer's.
    private func expandFilled(_ database: SQLiteStandIn, _ scene: Scene) throws {
        let number = try database.generation(of: scene.change) + 1
        try database.connection.execute("BEGIN IMMEDIATE")
        try database.alter("animals", "ADD COLUMN species text")
        _ = try database.engine("UPDATE animals SET species = kind")
        _ = try database.engine(database.flipSQL(scene.change, .both, generation: number))
        try database.connection.execute("COMMIT")
    }

    private func undo(_ database: SQLiteStandIn, _ scene: Scene) throws {
        try database.connection.execute("BEGIN IMMEDIATE")
        try database.alter("animals", "DROP COLUMN species")
        try database.flip(scene.change, .old)
        try database.connection.execute("COMMIT")
    }

    private func retrying(_ body: () throws -> Void) throws {
        for attempt in 1... {
            do { return try body() } catch let error as SQLiteError where error.isBusy && attempt < 1000 {
                continue
            }
        }
    }
}

/// A thread that writes all the time, and reads back what it wrote.
final class LoopingWriter: Sendable {
    private let written = Mutex(0)
    private let isStopped = Mutex(false)
    private let stale = Mutex<Result<Int, any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)
    private static let identity = Mutex<Int64>(1000)

    var count: Int { written.withLock { $0 } }

    init(_ path: String, _ table: TableDeclaration, _ inTransactions: Bool) {
        Thread.detachNewThread {
            let result = Result { try self.loop(path, table, inTransactions) }
            self.stale.withLock { $0 = result }
            self.done.signal()
        }
    }

    /// Ends the loop.
    ///
    /// - Returns: How many reads did not see the write before them.
    func finish() throws -> Int {
        isStopped.withLock { $0 = true }
        guard done.wait(timeout: .now() + 60) == .success else { return -1 }
        return try stale.withLock { try $0?.get() ?? -1 }
    }

    private func loop(_ path: String, _ table: TableDeclaration, _ inTransactions: Bool) throws -> Int {
        let helper = DoubleWriteSQLite(try SQLiteConnection(path: path, busyTimeout: .seconds(20)))
        let id = SQLValue.integer(
            Self.identity.withLock {
                $0 += 1; return $0
            })
        var stale = 0
        try helper.insert(into: table, ["id": id, "species": "first"])
        while !isStopped.withLock({ $0 }) {
            let value = SQLValue.text("\(count)")
            let seen = try write(helper, table, id, value, inTransactions)
            if seen != value { stale += 1 }
            written.withLock { $0 += 1 }
            // SQLite's lock is not fair: without a pause the others would hardly ever get it.
            Thread.sleep(forTimeInterval: 0.002)
        }
        return stale
    }

    private func write(
        _ helper: DoubleWriteSQLite, _ table: TableDeclaration, _ id: SQLValue, _ value: SQLValue,
        _ inTransactions: Bool
    ) throws -> SQLValue? {
        func once() throws -> SQLValue? {
            try helper.upsert(
                into: table, ["id": id, "species": value], conflict: ["id"], update: ["species"])
            try helper.update(table, set: ["species": value], where: table["id"] == id)
            return try helper.select(from: table, columns: ["species"], where: table["id"] == id).scalar
        }
        let limit = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < limit {
            do {
                // Not IMMEDIATE, so that the transaction reads before it writes and may be too late.
                guard inTransactions else { return try once() }
                return try helper.transaction("BEGIN") {
                    _ = try helper.count(in: table)
                    return try once()
                }
            } catch let error as DoubleWriteError where error.isRetryable { continue }
        }
        throw Starved()
    }
}

struct Starved: Error {}
