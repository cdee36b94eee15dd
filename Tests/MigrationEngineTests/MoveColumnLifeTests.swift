import DoubleWrite
import DoubleWritePostgres
import DoubleWriteSQLite
import Foundation
import MigrationCore
import PostgresDriver
import SQLiteDriver
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

/// A column moves, back and all the way, while writers write and read through the helper: each knows what its own rows
/// must be, so a lost write, a row that comes back and a stale read are seen at once.
@Suite struct MoveColumnLifeTests {
    static let chips = TableDeclaration(
        "chips", columns: ["animal_id": "bigint", "code": "text", "maker": "text"], key: ["animal_id"],
        moved: .init("code", from: "animals", column: "chip", join: ["id": "animal_id"]))

    @Test(arguments: Dialect.allCases)
    func nothingIsLost(dialect: Dialect) throws {
        let scratch = try MoveColumnTests.prepare(dialect, rows: 60)
        let sources = try MoveColumnTests.sources()
        let writers = (0..<3).map { Writer(number: $0, location: scratch.location) }
        for writer in writers { writer.start() }
        for writer in writers { try writer.waitForWrites(30) }
        let settings = Settings.test.with { settings in
            settings.lockAttempts = 200
            settings.settleTimeout = .seconds(20)
            // In SQLite busy writers may keep a run from giving its lease back; the next one waits for its end.
            settings.lease = .seconds(2)
        }
        let engine = try scratch.engine(settings)
        var reports: [ApplyReport] = []
        var failure: (any Error)?
        do {
            reports.append(try Self.patiently { try engine.apply(sources, through: .expand) })
            reports.append(try Self.patiently { try engine.rollback(sources) })
            try engine.attest(Attestation(application: "app"), sources: sources)
            reports.append(try Self.patiently { try engine.apply(sources, through: .transition) })
            reports.append(try Self.patiently { try engine.rollback(sources) })
            try engine.attest(Attestation(application: "app"), sources: sources)
            reports.append(try Self.patiently { try engine.apply(sources, through: .contract) })
        } catch { failure = error }
        let found = writers.map { $0.end() }
        #expect(failure == nil, "\(failure.map { "\($0)" } ?? "")")
        #expect(reports.allSatisfy { $0.exitCode == 0 }, "\(reports.map(\.exitCode))")
        for end in found { #expect(end.complaints == [], "\(end.complaints.first ?? "")") }
        // Each went on writing all the while.
        #expect(found.allSatisfy { $0.writes > 30 }, "\(found.map(\.writes))")
        #expect(reports.last?.migrations.map(\.outcome) == [.finished])
    }

    private static func patiently(_ body: () throws -> ApplyReport) throws -> ApplyReport {
        for _ in 0..<100 {
            do { return try body() } catch let error as EngineError {
                guard case .leaseHeld = error.reason else { throw error }
                Thread.sleep(forTimeInterval: 0.2)
            }
        }
        return try body()
    }
}

/// One application, which alone writes the rows whose key leaves its number when divided by three.
private final class Writer: Sendable {
    struct End: Sendable {
        var writes = 0
        var complaints: [String] = []
    }

    private let number: Int
    private let location: DatabaseLocation
    private let stop = AtomicFlag()
    private let state = Mutex(End())
    private let done = DispatchSemaphore(value: 0)

    init(number: Int, location: DatabaseLocation) {
        self.number = number
        self.location = location
    }

    func start() {
        Thread.detachNewThread {
            do { try self.work() } catch { self.complain("\(error)") }
            self.done.signal()
        }
    }

    /// Returns once it has written so often.
    func waitForWrites(_ count: Int) throws {
        let limit = ContinuousClock.now + .seconds(60)
        while state.withLock({ $0.writes < count && $0.complaints.isEmpty }) {
            guard ContinuousClock.now < limit else {
                throw TestSupportError("a writer does not get to write")
            }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    func end() -> End {
        stop.set()
        guard done.wait(timeout: .now() + 60) == .success else { return End(complaints: ["stuck"]) }
        return state.withLock { $0 }
    }

    private func complain(_ text: String) { state.withLock { $0.complaints.append(text) } }

    private func work() throws {
        let helper = try connect()
        let table = MoveColumnLifeTests.chips
        var random = SplitMix(state: UInt64(number + 1))
        let keys = (1...60).filter { $0 % 3 == number }
        // What its rows were in the old shape: a row where there is a value or was a row.
        var rows: [Int: (code: SQLValue, maker: SQLValue)] = [:]
        for key in keys {
            let code: SQLValue = key % 3 == 0 ? nil : .text("c\(key)")
            let maker: SQLValue = key % 2 == 0 ? .text("m\(key)") : nil
            if !code.isNull || !maker.isNull { rows[key] = (code, maker) }
        }
        var step = 0
        while !stop.isSet {
            step += 1
            let key = keys[Int(random.next() % UInt64(keys.count))]
            let id = SQLValue.integer(Int64(key))
            let value = SQLValue.text("w\(number) \(step)")
            try again {
                switch random.next() % 5 {
                case 0, 1:
                    let answer = try helper.update(
                        table, set: ["code": value], where: table["animal_id"] == id)
                    if (answer.affectedRows == 1) != (rows[key] != nil) {
                        complain(
                            "update of \(key) wrote \(answer.affectedRows) rows, known: \(String(describing: rows[key]))"
                        )
                    }
                    if rows[key] != nil { rows[key]?.code = value }
                case 2:
                    try helper.upsert(
                        into: table, ["animal_id": id, "code": value, "maker": "u"], conflict: ["animal_id"],
                        update: ["code", "maker"])
                    rows[key] = (value, "u")
                case 3:
                    try helper.delete(from: table, where: table["animal_id"] == id)
                    rows[key] = nil
                default: break
                }
            }
            let seen = try again {
                try helper.select(from: table, columns: ["code", "maker"], where: table["animal_id"] == id)
                    .rows
            }
            let known = rows[key].map { [[$0.code, $0.maker]] } ?? []
            if seen != known { complain("step \(step): row \(key) reads \(seen), not \(known)") }
            state.withLock { $0.writes += 1 }
            // SQLite's lock is not fair: whoever waits gets in only in a pause.
            Thread.sleep(forTimeInterval: 0.001)
        }
    }

    private func again<Value>(_ body: () throws -> Value) throws -> Value {
        for _ in 0..<500 {
            do { return try body() } catch let error as DoubleWriteError where error.isRetryable {
                Thread.sleep(forTimeInterval: 0.002)
            }
        }
        return try body()
    }

    private func connect() throws -> any DoubleWriting {
        switch location {
        case .postgres(let address): return DoubleWritePostgres(try PostgresConnection(address))
        case .sqlite(let path):
            let connection = try SQLiteConnection(path: path, mode: .readWrite, busyTimeout: .seconds(5))
            try connection.execute("PRAGMA foreign_keys = ON")
            return DoubleWriteSQLite(connection)
        }
    }
}

private final class AtomicFlag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}

/// Random numbers from a seed.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
