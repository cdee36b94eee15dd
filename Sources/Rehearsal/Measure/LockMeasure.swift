internal import DoubleWrite
internal import Foundation
internal import MigrationCore
internal import MigrationEngine

/// Looks from a second connection at the locks that a step holds right before it commits, and holds them against what
/// the plan says.
final class LockMeasure {
    private let steps: [String: Step]
    private let location: DatabaseLocation
    private let dialect: Dialect
    private let session: Session
    /// The strongest lock that each step was seen with.
    private(set) var strongest: [String: LockMode] = [:]
    private(set) var looks = 0

    init(_ scene: Scene, _ location: DatabaseLocation) throws {
        steps = scene.steps
        dialect = scene.dialect
        self.location = location
        session = try Session(location, patience: .zero)
    }

    func close() { session.close() }

    /// - Throws: ``Fault`` where a lock is stronger than the step's plan says.
    func look(at id: String) throws {
        guard let step = steps[id] else { return }
        looks += 1
        switch dialect {
        case .postgres:
            for (mode, table) in try held() {
                strongest[id] = max(strongest[id] ?? mode, mode)
                try check(mode, on: "'\(table)'", step)
            }
        case .sqlite:
            guard isFileClosed() else { return }
            throw Fault(
                kind: .lock,
                message:
                    "step \(id) keeps readers out of the file before it commits, and its plan says \(said(step))"
            )
        }
    }

    /// Nothing is said of a step that locks nothing of the applications'; every statement takes ACCESS SHARE.
    private func check(_ mode: LockMode, on table: String, _ step: Step) throws {
        let predicted = step.lock.map { LockMode(words: $0.mode) } ?? .accessShare
        // Of SQL of one's own the plan says that it does not know.
        guard let predicted, mode > predicted else { return }
        throw Fault(
            kind: .lock,
            message:
                "step \(step.id) ('\(step.title)') holds \(mode.rawValue) on \(table), and its plan says \(said(step))"
        )
    }

    private func said(_ step: Step) -> String { step.lock.map { "\($0.mode) on \($0.object)" } ?? "no lock" }

    /// The tables that the runner locks: those that others see, and not its own.
    private func held() throws -> [(mode: LockMode, table: String)] {
        try session.run(
            """
            SELECT l.mode, c.relname FROM pg_locks AS l
            JOIN pg_stat_activity AS a ON a.pid = l.pid
            JOIN pg_class AS c ON c.oid = l.relation JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE l.locktype = 'relation' AND l.granted AND a.datname = current_database()
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND a.application_name LIKE 'bellows/%' AND c.relkind IN ('r', 'p')
              AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'bellows')
            """
        ).rows.compactMap { row in
            guard let name = row[0].text, let mode = LockMode(catalogue: name) else { return nil }
            return (mode, row[1].text ?? "")
        }
    }

    /// Whether not even a reader gets in.
    private func isFileClosed() -> Bool {
        do {
            try session.run("SELECT count(*) FROM sqlite_schema")
            return false
        } catch {
            if case .refused = Setback(error) { return true }
            return false
        }
    }

    /// Cuts the runner's connections, and waits until they are gone.
    func cut() throws {
        let backends =
            "FROM pg_stat_activity WHERE application_name LIKE 'bellows/%' AND datname = current_database()"
        try session.run("SELECT pg_terminate_backend(pid) \(backends)")
        for _ in 0..<500 {
            guard try session.run("SELECT count(*) \(backends)").scalar?.integer != 0 else { return }
            Thread.sleep(forTimeInterval: 0.002)
        }
    }
}
