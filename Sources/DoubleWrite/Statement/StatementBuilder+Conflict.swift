extension StatementBuilder {
    /// `ON CONFLICT`, by the columns of the truth.
    ///
    /// Where every value survives the way there and back, two rows agree in all columns of one shape if and only if they
    /// agree in all of the other's; so the unique index of the old columns decides, while only that is there.
    func conflict(_ conflict: Request.Conflict?) throws(RequestProblem) -> String {
        guard let conflict else { return "" }
        var names: [String] = []
        for column in conflict.columns {
            let found =
                shape.change(of: column).map { $0.shape.physicalNames($0.shape.state.truth) } ?? [column]
            for name in found where !names.contains(name) { names.append(name) }
        }
        let target = shape.dialect.quote(names)
        guard !conflict.update.isEmpty else { return " ON CONFLICT (\(target)) DO NOTHING" }
        let assignments = conflict.update.flatMap { takenOver($0, conflict.update) }
        return " ON CONFLICT (\(target)) DO UPDATE SET " + assignments.joined(separator: ", ")
    }

    /// What the rows that are there are called beside the one that was not inserted, which is `excluded` in both databases:
    /// a table may bear that name itself.
    private static let stored = "was"

    /// The name for the rows that are there, where they may be written.
    func alias(for conflict: Request.Conflict?) -> String {
        conflict?.update.isEmpty == false ? " AS \(Self.stored)" : ""
    }

    /// What takes a column over from the row that was not inserted; a change as a whole goes with its first column.
    private func takenOver(_ column: String, _ all: [String]) -> [String] {
        guard let (change, position) = shape.change(of: column), change.isComputed else {
            return excluded(shape.writtenNames(column))
        }
        let given = Set(
            change.change.spokenColumns.indices.filter { all.contains(change.change.spokenColumns[$0].name) })
        guard position == given.min() else { return [] }
        if given.count == change.change.spokenColumns.count {
            let written: [DeclaredChange.Side] =
                change.state.isWrittenTwice ? [.old, .new] : [change.state.truth]
            return excluded(written.flatMap(change.physicalNames))
        }
        let new = change.read(qualifier: "excluded.")
        let there = change.read(qualifier: Self.stored + ".")
        let values = new.indices.map { given.contains($0) ? new[$0] : there[$0] }
        return [Derivation(shape: change).assignments(values, given: given)]
    }

    private func excluded(_ names: [String]) -> [String] {
        names.map { "\(shape.dialect.quote($0)) = excluded.\(shape.dialect.quote($0))" }
    }
}
