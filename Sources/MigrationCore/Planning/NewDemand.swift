import DoubleWrite

/// Something that the database will demand of every row: first the rows that are there are looked at, then no release
/// may write such a row any more, then the rows are looked at again, and only then the database is told.
struct NewDemand {
    /// What is counted.
    var verification: Verification
    /// The rows that break it, in words: `rows that break the CHECK 'weights'`.
    var rows: String
    /// The gate's title: `no application writes NULL into 'kind' any more`.
    var release: String
    /// What the release has to do.
    var duty: String
    /// The lock under which rows are counted.
    var lock: Lock
    /// Another table that is read for it.
    var other: TableName?

    /// The count and the gate, before anything changes.
    ///
    /// A table that the same file makes has neither rows nor writers by then.
    func addFirst(to draft: inout OperationDraft, countsFirst: Bool = true) {
        guard !draft.newTables.contains(verification.table) else { return }
        // What the same file makes cannot be read yet.
        if countsFirst, !(other.map(draft.newTables.contains) ?? false) {
            draft.add(
                .doubleWrite, "verify",
                count("count the \(rows)", "Nothing has changed yet. As long as there are any, nothing will.")
            )
        }
        draft.add(.doubleWrite, "release", .release(release, duty))
    }

    /// The count behind the gate.
    func addAgain(to draft: inout OperationDraft) {
        guard !draft.newTables.contains(verification.table) else { return }
        var step = count(
            "count the \(rows) again",
            "The release before may have written some until its last instance was gone.")
        step.settlesFirst = true
        draft.add(.expand, "verify", step)
    }

    /// What an undo asks of releases and rows before the database is told again.
    var beforeReturn: [Step] {
        [.releaseBack(release)] + (verification.invariants.isEmpty ? [] : [countBeforeReturn])
    }

    /// The count as a step of an undo, before the database is told again.
    var countBeforeReturn: Step {
        var step = count("count the \(rows)", "What is put back next would refuse them.")
        step.settlesFirst = true
        return step
    }

    private func count(_ title: String, _ explanation: String) -> Step {
        Step(title, explanation, .verify(verification), lock: lock, scans: true)
    }
}

extension OperationDraft {
    /// Notes that the operation touches these columns of a table; all of it where there are none.
    mutating func touch(_ table: TableName, _ columns: some Sequence<String>, _ dialect: Dialect) {
        let table = dialect.normalized(table)
        let touched = columns.map { TouchedColumn(table: table, column: $0) }
        touches += touched.isEmpty ? [TouchedColumn(table: table, column: nil)] : touched
    }
}

extension [String] {
    /// The names in quotes: `'a', 'b'`.
    var words: String { map { "'\($0)'" }.joined(separator: ", ") }
}
