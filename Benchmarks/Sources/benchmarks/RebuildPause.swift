import Dispatch
import DoubleWrite
import Foundation
import MigrationCore
import MigrationEngine
import SQLiteDriver
import Synchronization
import TestSupport

/// How long a writer in another process waits at most while a SQLite table is rebuilt, step by step.
///
/// The rebuild takes a UNIQUE from a table with two more indexes, a child, a view and a trigger.
struct RebuildPause {
    var rows = 1_000_000

    func measure(into report: inout Report) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/rebuild.db"
        try fill(path)
        let writer = try Writer(path, rows: rows)
        let clock = StepClock()
        clock.start("without a rebuild")
        Thread.sleep(forTimeInterval: 2)
        clock.end("without a rebuild")
        try rebuild(path, clock)
        let writes = try writer.finish()
        let quiet = longest(writes, clock.span(["without a rebuild"]))
        for (subject, steps) in [
            ("nothing else", ["without a rebuild"]), ("copy and comparison", ["copy", "compare"]),
            ("the swap", ["swap"]), ("emptying and dropping the old one", ["empty-table", "drop-table"]),
        ] {
            report.add(
                Pause(
                    database: "SQLite", subject: "a write during a rebuild: \(subject)",
                    longest: longest(writes, clock.span(steps)), quiet: quiet))
        }
    }

    private func fill(_ path: String) throws {
        let connection = try SQLiteConnection(path: path, mode: .create)
        try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF")
        try connection.execute(
            """
            CREATE TABLE animals (id INTEGER PRIMARY KEY, name TEXT, chip INT CONSTRAINT chips UNIQUE, kind TEXT);
            CREATE INDEX by_kind ON animals (kind); CREATE INDEX by_name ON animals (name, kind);
            CREATE TABLE visits (id INTEGER PRIMARY KEY, animal INT REFERENCES animals);
            CREATE VIEW dogs AS SELECT * FROM animals WHERE kind = 'dog';
            CREATE TRIGGER seen AFTER INSERT ON animals BEGIN INSERT INTO visits (animal) VALUES (NEW.id); END;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows))
            INSERT INTO animals SELECT i, 'name of ' || i, i, 'kind ' || (i % 1000) FROM n;
            """)
    }

    private func rebuild(_ path: String, _ clock: StepClock) throws {
        var settings = Settings()
        settings.noWriters = true
        settings.soak = .zero
        let operation = MigrationCore.Operation.dropConstraint(
            DropConstraint(table: "animals", name: "chips"))
        let source = MigrationSource(
            migration: Migration(name: "0001_chips", operations: [operation]),
            checksum: MigrationSource.checksum(of: "0001_chips"))
        let engine = try Engine(.sqlite(path: path), settings: settings, observer: clock)
        _ = try engine.apply([source], through: .contract)
    }

    private func longest(_ writes: [Writer.Write], _ spans: [ClosedRange<UInt64>]) -> Double {
        let during = writes.filter { write in
            spans.contains { $0.overlaps(write.start...write.end) }
        }
        return Double(during.map { $0.end - $0.start }.max() ?? 0) / 1_000_000
    }
}

/// When each step ran, by the clock that processes share.
final class StepClock: EngineObserver, Sendable {
    private let spans = Mutex<[String: (start: UInt64, end: UInt64)]>([:])

    func start(_ name: String) {
        let now = DispatchTime.now().uptimeNanoseconds
        spans.withLock { $0[name] = (now, now) }
    }

    func end(_ name: String) {
        let now = DispatchTime.now().uptimeNanoseconds
        spans.withLock { $0[name]?.end = now }
    }

    func span(_ names: [String]) -> [ClosedRange<UInt64>] {
        spans.withLock { spans in names.compactMap { spans[$0] }.map { $0.start...$0.end } }
    }

    func observe(_ event: EngineEvent) {
        switch event {
        case .stepStarted(_, _, let step, _, _): start(Self.name(step))
        case .stepFinished(_, let step, _, _): end(Self.name(step))
        case .migrationStarted, .progress, .stepPassedOver, .waitingForLock, .waitingForTransactions,
            .heldUp, .leaseTakenOver, .oldTransactions, .connectionLost, .connected, .note:
            break
        }
    }

    private static func name(_ step: Step) -> String {
        step.id.split(separator: ".").last.map(String.init) ?? step.id
    }
}

/// This program as another process, which updates one row after the other and tells when each write began and ended.
struct Writer {
    struct Write {
        var start: UInt64
        var end: UInt64
    }

    static let argument = "--writer"
    private let process = Process()
    private let input = Pipe()
    private let file: URL

    init(_ path: String, rows: Int) throws {
        file = URL(filePath: path + ".writes")
        guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
            throw CocoaError(.fileWriteUnknown)
        }
        process.executableURL = URL(filePath: CommandLine.arguments[0])
        process.arguments = [Self.argument, path, String(rows)]
        process.standardInput = input
        process.standardOutput = try FileHandle(forWritingTo: file)
        try process.run()
    }

    /// Has the process end, and returns what it wrote.
    func finish() throws -> [Write] {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        return text.split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ").compactMap { UInt64($0) }
            return numbers.count == 2 ? Write(start: numbers[0], end: numbers[1]) : nil
        }
    }

    /// What that process does, until its input is closed.
    static func run(_ path: String, rows: Int) throws {
        let isOver = Mutex(false)
        Thread.detachNewThread {
            _ = try? FileHandle.standardInput.readToEnd()
            isOver.withLock { $0 = true }
        }
        let connection = try SQLiteConnection(path: path, busyTimeout: .zero)
        try connection.execute("PRAGMA synchronous = NORMAL")
        var number = 0
        while !isOver.withLock({ $0 }) {
            number += 1
            let start = DispatchTime.now().uptimeNanoseconds
            try write(number, on: connection, rows: rows)
            print(start, DispatchTime.now().uptimeNanoseconds)
            Thread.sleep(forTimeInterval: 0.001)
        }
    }

    /// SQLite's own waiting sleeps up to 100 ms at a time: what is measured is how long the lock is held, so this asks again at once.
    private static func write(_ number: Int, on connection: SQLiteConnection, rows: Int) throws {
        while true {
            do {
                _ = try connection.query(
                    "UPDATE animals SET name = 'w' || ?1 WHERE id = ?2",
                    [.integer(Int64(number)), .integer(Int64(number * 7919 % rows + 1))])
                return
            } catch let error where error.code == .busy {
                Thread.sleep(forTimeInterval: 0.000_2)
            }
        }
    }
}
