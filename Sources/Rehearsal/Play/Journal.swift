/// What happened in a schedule, move by move, in words.
struct Journal: Sendable {
    /// Who did it.
    enum Actor: Sendable {
        /// `apply`, `rollback`, `attest`, and what happened to them.
        case runner
        case instance(Int)
    }

    private struct Line: Sendable {
        var text: String
        var actor: Actor
        var row: RowID?
    }

    private var entries: [Line] = []

    /// The number of the next move, from 1.
    var next: Int { entries.count + 1 }

    mutating func note(_ actor: Actor, _ text: String, row: RowID? = nil) {
        let who =
            switch actor {
            case .runner: ""
            case .instance(let number): "instance \(number) "
            }
        entries.append(Line(text: "\(entries.count + 1). \(who)\(text)", actor: actor, row: row))
    }

    /// All of it.
    var lines: [String] { entries.map(\.text) }

    /// What led to a failure: everything that the runner did, and what was done to that row.
    ///
    /// - Parameter limit: How many lines at most, from the end.
    func trace(of row: RowID?, limit: Int = 40) -> [String] {
        let told = entries.suffix(400).filter { line in
            if case .runner = line.actor { return true }
            return row == nil ? false : line.row == row
        }
        guard row != nil else { return Array(lines.suffix(limit)) }
        let omitted = told.count - limit
        return (omitted > 0 ? ["... \(omitted) moves before"] : []) + told.suffix(limit).map(\.text)
    }
}
