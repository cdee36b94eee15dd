import DoubleWrite
import Foundation
import MigrationCore
import SQLiteDriver
import Synchronization

@testable import MigrationEngine

/// Plain SQL writers of names, in either shape, each on a thread and a connection of its own. A writer has rows of its
/// own and looks after each of its writes whether its row says so, in every shape that there is.
final class SyncCrew: Sendable {
    enum Shape: Sendable { case old, new }

    struct Row: Sendable, Hashable {
        var given: String
        var family: String?

        var name: String { given + (family.map { " " + $0 } ?? "") }
    }

    private struct State {
        var shapes: [Shape] = [.old]
        /// Advances whenever the shapes change; a writer has seen it when it has finished its statement.
        var generation = 0
        var seen: [Int: Int] = [:]
        var writes = 0
        var isOver = false
        var running = 0
        var complaints: [String] = []
        var rows: [Int: Row] = [:]
    }

    private let state = Mutex(State())
    private let size: Int
    private let dialect: Dialect

    init(_ scratch: Scratch, size: Int) {
        self.size = size
        dialect = scratch.dialect
        state.withLock { $0.running = size }
        for number in 0..<size {
            let location = scratch.location
            Thread.detachNewThread {
                do {
                    try self.work(number, Self.connect(location))
                } catch {
                    self.complain("\(error)")
                    self.leave(number)
                }
            }
        }
    }

    var complaints: [String] { state.withLock { $0.complaints } }
    var rows: [Int: Row] { state.withLock { $0.rows } }

    /// Lets all write in these shapes; returns when nobody writes in another one any more.
    func speak(_ shapes: [Shape]) {
        let generation = state.withLock { state in
            state.shapes = shapes
            state.generation += 1
            return state.generation
        }
        wait { state in (0..<self.size).allSatisfy { (state.seen[$0] ?? 0) >= generation } }
    }

    /// Returns when so many more statements have been acknowledged.
    func write(_ count: Int) {
        let goal = state.withLock { $0.writes + count }
        wait { $0.writes >= goal }
    }

    func stop() {
        state.withLock { $0.isOver = true }
        wait { $0.running == 0 }
    }

    private func wait(_ condition: (State) -> Bool) {
        let deadline = ContinuousClock.now + .seconds(60)
        while !state.withLock({ condition($0) || (!$0.complaints.isEmpty && $0.running == 0) }) {
            guard ContinuousClock.now < deadline else {
                complain("the writers do not get on")
                return
            }
            Thread.sleep(forTimeInterval: 0.002)
        }
    }

    private func complain(_ text: String) {
        state.withLock { if $0.complaints.count < 10 { $0.complaints.append(text) } }
    }
}

// MARK: - What a writer does

extension SyncCrew {
    private static func connect(_ location: DatabaseLocation) throws -> any SQLSession {
        switch location {
        case .postgres(let address): try PostgresSession(address, name: "test")
        case .sqlite(let path):
            try SQLiteSession(path: path, mode: .readWrite, busyTimeout: .milliseconds(50))
        }
    }

    private func leave(_ number: Int) {
        state.withLock { state in
            state.running -= 1
            state.seen[number] = .max
        }
    }

    private func work(_ number: Int, _ session: any SQLSession) {
        var random = SystemRandomNumberGenerator()
        while true {
            let (shapes, generation, isOver) = state.withLock { ($0.shapes, $0.generation, $0.isOver) }
            state.withLock { $0.seen[number] = generation }
            if isOver { break }
            guard let shape = shapes.randomElement(using: &random) else { continue }
            let id = 1000 + number + size * Int.random(in: 0..<8, using: &random)
            let before = state.withLock { $0.rows[id] }
            let after = Self.row(&random)
            let isDeletion = before != nil && Int.random(in: 0..<6, using: &random) == 0
            do {
                let sql =
                    isDeletion
                    ? "DELETE FROM animals WHERE id = \(id)" : statement(id, before, after, shape, &random)
                try patiently { _ = try session.query(sql) }
                state.withLock { state in
                    state.rows[id] = isDeletion ? nil : after
                    state.writes += 1
                }
                try check(id, isDeletion ? nil : after, shapes, session, sql)
            } catch {
                complain("\(shape) \(id): \(error)")
                break
            }
        }
        session.close()
        leave(number)
    }

    private static func row(_ random: inout SystemRandomNumberGenerator) -> Row {
        Row(
            given: ["Anna", "Eve", "Zoë", "it's"].randomElement(using: &random) ?? "",
            family: ["Smith", "van Dyk", nil].randomElement(using: &random) ?? nil)
    }

    private func statement(
        _ id: Int, _ before: Row?, _ after: Row, _ shape: Shape, _ random: inout SystemRandomNumberGenerator
    ) -> String {
        let values: [(String, String)] =
            switch shape {
            case .old: [("name", literal(after.name))]
            case .new: [("given", literal(after.given)), ("family", literal(after.family))]
            }
        let columns = values.map(\.0).joined(separator: ", ")
        let insert =
            "INSERT INTO animals (id, \(columns)) VALUES (\(id), \(values.map(\.1).joined(separator: ", ")))"
        guard let before else { return insert }
        if Bool.random(using: &random) {
            let excluded = values.map { "\($0.0) = excluded.\($0.0)" }.joined(separator: ", ")
            return insert + " ON CONFLICT (id) DO UPDATE SET \(excluded)"
        }
        // Of the new shape only what is another one.
        var changed = values
        if shape == .new, before.given == after.given { changed.removeFirst() }
        return
            "UPDATE animals SET \(changed.map { "\($0.0) = \($0.1)" }.joined(separator: ", ")) WHERE id = \(id)"
    }

    private func literal(_ text: String?) -> String { text.map(dialect.literal) ?? "NULL" }

    /// One statement reads both shapes.
    private func check(
        _ id: Int, _ row: Row?, _ shapes: [Shape], _ session: any SQLSession, _ sql: String
    ) throws {
        let columns =
            (shapes.contains(.old) ? ["name"] : []) + (shapes.contains(.new) ? ["given", "family"] : [])
        var found: [[SQLValue]] = []
        try patiently {
            found = try session.query(
                "SELECT \(columns.joined(separator: ", ")) FROM animals WHERE id = \(id)"
            ).rows
        }
        let expected: [[SQLValue]] =
            row.map { row in
                [
                    (shapes.contains(.old) ? [.text(row.name)] : [])
                        + (shapes.contains(.new)
                            ? [.text(row.given), row.family.map { .text($0) } ?? .null] : [])
                ]
            } ?? []
        if found != expected { complain("\(sql) left \(found) and not \(expected)") }
    }

    private func patiently(_ body: () throws -> Void) throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            do {
                return try body()
            } catch let failure as DatabaseFailure
                where [.lockNotAvailable, .conflict].contains(failure.kind) && ContinuousClock.now < deadline
            {
                Thread.sleep(forTimeInterval: 0.001)
            }
        }
    }
}
