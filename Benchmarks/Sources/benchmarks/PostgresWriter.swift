import Dispatch
import DoubleWrite
import Foundation
import PostgresDriver
import Synchronization

/// Updates random rows, 250 times a second, on a thread and a connection of its own.
final class PostgresWriter: Sendable {
    private static let pause = 0.004

    private let latencies = Mutex<[Double]>([])
    private let failure = Mutex<(any Error)?>(nil)
    private let isOver = Mutex(false)
    private let ended = DispatchSemaphore(value: 0)

    init(_ location: String, rows: Int) throws {
        Thread.detachNewThread { [self] in
            do {
                try run(location, rows)
            } catch {
                failure.withLock { $0 = error }
            }
            ended.signal()
        }
    }

    /// How many writes there were so far.
    var count: Int { latencies.withLock { $0.count } }

    /// Ends it.
    ///
    /// - Returns: How long each write took, in milliseconds.
    func finish() throws -> [Double] {
        isOver.withLock { $0 = true }
        ended.wait()
        if let failure = failure.withLock({ $0 }) { throw failure }
        return latencies.withLock { $0 }
    }

    private func run(_ location: String, _ rows: Int) throws {
        let connection = try PostgresConnection(location)
        while !isOver.withLock({ $0 }) {
            let start = DispatchTime.now().uptimeNanoseconds
            _ = try connection.query(
                prepared: "write", sql: "UPDATE animals SET note = $1 WHERE id = $2::bigint",
                [.text("note \(start)"), .integer(Int64.random(in: 1...Int64(rows)))])
            let end = DispatchTime.now().uptimeNanoseconds
            latencies.withLock { $0.append(Double(end - start) / 1_000_000) }
            Thread.sleep(forTimeInterval: Self.pause)
        }
    }
}
