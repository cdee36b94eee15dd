import MigrationCore
import MigrationEngine

/// What a run came to in one database, in one line.
struct FleetRow {
    /// What it came to, in a word; in the order in which they are summed up.
    enum Kind: String, CaseIterable {
        case finished
        case rolledBack = "rolled-back"
        case nothingToDo = "nothing-to-do"
        case reached
        case waiting
        case failed
        case notBegun = "not-begun"
    }

    var result: FleetResult<ApplyReport>
    var style = Style.plain

    var kind: Kind {
        switch result {
        case .notBegun: .notBegun
        case .failed: .failed
        case .done(let report): leading(report)?.kind ?? .nothingToDo
        }
    }

    var text: String {
        switch result {
        case .notBegun: style("not begun", .dim)
        case .failed(let failure):
            style("failed".padded(to: Self.column), .red)
                + (failure.message.split(separator: "\n").first.map { String($0).onOneLine } ?? "")
        case .done(let report):
            leading(report).map { word($0) + $0.name.onOneLine + place($0) + work(told(report)) }
                ?? style("nothing to do", .dim)
        }
    }

    private static let column = 19

    private func told(_ report: ApplyReport) -> [MigrationReport] {
        report.migrations.filter { $0.outcome != .finished || $0.stepsRun > 0 }
    }

    /// The migration that stands for all of them: one that needs somebody before one that does not.
    private func leading(_ report: ApplyReport) -> MigrationReport? {
        let told = told(report)
        let order: [Kind] = [.waiting, .reached, .rolledBack, .finished]
        return order.lazy.compactMap { kind in told.first { $0.kind == kind } }.first
    }

    private func word(_ migration: MigrationReport) -> String {
        switch migration.outcome {
        case .finished: style("finished".padded(to: Self.column), .green)
        case .rolledBack: style("rolled back".padded(to: Self.column), .green)
        case .reached(let next): style("before \(next.rawValue)".padded(to: Self.column), .green)
        case .waiting: style("waits".padded(to: Self.column), .yellow)
        }
    }

    private func place(_ migration: MigrationReport) -> String {
        guard case .waiting = migration.outcome else { return "" }
        return migration.step.map { " at step \($0.number) of \($0.count)" } ?? ""
    }

    private func work(_ migrations: [MigrationReport]) -> String {
        let steps = migrations.reduce(0) { $0 + $1.stepsRun }
        guard steps > 0 else { return "" }
        let rows = migrations.reduce(0) { $0 + $1.rows }
        let more = migrations.count > 1 ? "\(migrations.count) migrations, " : ""
        let written = rows > 0 ? ", \(Words.count(rows, "row")) written" : ""
        return style("  (\(more)\(Words.count(Int64(steps), "step"))\(written))", .dim)
    }
}

extension MigrationReport {
    fileprivate var kind: FleetRow.Kind {
        switch outcome {
        case .finished: .finished
        case .rolledBack: .rolledBack
        case .reached: .reached
        case .waiting: .waiting
        }
    }
}

extension FleetRow.Kind {
    /// `3 wait`, `1 failed`.
    func words(_ count: Int) -> String {
        switch self {
        case .finished: "\(count) finished"
        case .rolledBack: "\(count) rolled back"
        case .nothingToDo: "\(count) with nothing to do"
        case .reached: "\(count) as far as was asked"
        case .waiting: "\(count) \(count == 1 ? "waits" : "wait")"
        case .failed: "\(count) failed"
        case .notBegun: "\(count) not begun"
        }
    }
}
