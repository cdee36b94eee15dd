import Foundation
import MigrationEngine
import Synchronization
import TestSupport
import Testing

/// How the databases of a fleet are handed out, and what one that fails does to the others.
@Suite("Fleet")
struct FleetTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func fleet(_ count: Int, concurrency: Int, missing: Set<Int> = []) -> Fleet {
        Fleet(
            (0..<count).map { index in
                let path = missing.contains(index) ? "no folder/\(index).db" : "\(index).db"
                return Fleet.Member(
                    name: "\(index)", location: .sqlite(path: folder.file(path)))
            }, concurrency: concurrency)
    }

    /// `done`, `failed`, `not begun`: one letter each.
    private func letters<Value>(_ outcomes: [FleetOutcome<Value>]) -> String {
        outcomes.map { outcome in
            switch outcome {
            case .done: "d"
            case .failed: "f"
            case .notBegun: "n"
            }
        }.joined()
    }

    @Test("each once, in order, never more at once than asked for", arguments: [1, 3, 50])
    func bounds(_ concurrency: Int) throws {
        struct Seen {
            var order: [Int] = []
            var now = 0
            var most = 0
        }
        final class Box: Sendable { let seen = Mutex(Seen()) }
        let box = Box()
        let outcomes = fleet(20, concurrency: concurrency).each(settings: Settings(), goesOn: false) {
            _, index in
            box.seen.withLock { seen in
                seen.order.append(index)
                seen.now += 1
                seen.most = max(seen.most, seen.now)
            }
            Thread.sleep(forTimeInterval: 0.002)
            box.seen.withLock { $0.now -= 1 }
            return index
        }
        let seen = box.seen.withLock { $0 }
        #expect(seen.order.sorted() == Array(0..<20))
        #expect(seen.most <= concurrency)
        if concurrency == 1 { #expect(seen.order == Array(0..<20)) }
        #expect(
            outcomes.enumerated().allSatisfy { place, outcome in
                if case .done(let index) = outcome { index == place } else { false }
            })
    }

    @Test("behind one that fails none is begun, unless it goes on")
    func failures() {
        let fleet = fleet(6, concurrency: 1, missing: [2, 4])
        let settings = Settings()
        #expect(letters(fleet.each(settings: settings, goesOn: false) { _, index in index }) == "ddfnnn")
        #expect(letters(fleet.each(settings: settings, goesOn: true) { _, index in index }) == "ddfdfd")
    }

    @Test("what has begun is finished when another fails")
    func finishing() {
        // Both have begun before either ends: each waits for the other.
        let gate = DispatchSemaphore(value: 0)
        let other = DispatchSemaphore(value: 0)
        let outcomes = fleet(4, concurrency: 2).each(settings: Settings(), goesOn: false) {
            _, index throws(EngineError) in
            if index == 0 {
                gate.signal()
                other.wait()
                throw EngineError(.state(message: "no"))
            }
            gate.wait()
            other.signal()
            Thread.sleep(forTimeInterval: 0.02)
            return index
        }
        #expect(letters(outcomes).hasPrefix("fd"), "\(letters(outcomes))")
    }

    @Test("no databases, no threads")
    func empty() {
        #expect(
            fleet(0, concurrency: 4).each(settings: Settings(), goesOn: true) { _, index in index }.isEmpty)
    }

    @Test("locations of the same database are known, and those of different ones")
    func identity() throws {
        try folder.write("", to: "a.db")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link.db"), withDestinationPath: folder.file("a.db"))
        func identity(_ text: String) throws -> String { try DatabaseLocation(text).identity }
        let path = folder.path
        #expect(
            try identity("sqlite:\(path)/a.db")
                == identity("sqlite:\(path)/../\(path.split(separator: "/").last ?? "")/./a.db"))
        #expect(try identity("sqlite:\(path)/a.db") == identity("\(path)/link.db"))
        #expect(try identity("sqlite:\(path)/a.db") != identity("sqlite:\(path)/b.db"))
        #expect(try identity("postgres://u:p@h/d") == identity("postgresql://v@H:5432/d?sslmode=require"))
        #expect(try identity("postgres:///d?host=/a&user=u") == identity("postgres:///d?user=v&host=/a"))
        #expect(try identity("host=h dbname=d user=u") == identity("dbname=d host=h port=5432 password=x"))
        for (left, right) in [
            ("postgres://u@h/d", "postgres://u@h/e"), ("postgres://u@h/d", "postgres://u@h:5433/d"),
            ("postgres://u@h", "postgres://v@h"), ("postgres:///d?host=/a", "postgres:///d?host=/b"),
            ("host=h dbname=d", "host=h dbname=e"), ("host=h user=u", "host=h user=v"),
        ] {
            #expect(try identity(left) != identity(right), "\(left) \(right)")
        }
    }
}
