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

    /// The count and the gate, before anything changes.
    func addFirst(to draft: inout OperationDraft, countsFirst: Bool = true) {
        if countsFirst {
            draft.add(
                .doubleWrite, "verify",
                count("count the \(rows)", "Nothing has changed yet. As long as there are any, nothing will.")
            )
        }
        draft.add(.doubleWrite, "release", rank: .newGate, gate)
    }

    /// The count behind the gate.
    func addAgain(to draft: inout OperationDraft) {
        var step = count(
            "count the \(rows) again",
            "The release before may have written some until its last instance was gone.")
        step.settlesFirst = true
        draft.add(.expand, "verify", step)
    }

    /// The count as a step of an undo, before the database is told again.
    var countBeforeReturn: Step {
        var step = count("count the \(rows)", "What is put back next would refuse them.")
        step.settlesFirst = true
        return step
    }

    private var gate: Step {
        Step(
            release, duty + " Attest each application when its last instance of the release before is gone.",
            .release(Release(needs: .new)))
    }

    private func count(_ title: String, _ explanation: String) -> Step {
        Step(title, explanation, .verify(verification), lock: lock, scans: true)
    }
}

extension NewDemand {
    /// What it takes until no two rows share their values of these columns.
    static func unique(_ columns: [String], of table: Table, _ dialect: Dialect, _ lock: Lock) -> NewDemand {
        NewDemand(
            verification: Verification(
                table: table.name, invariants: [.unique(columns, of: table.name, dialect)],
                sampleColumns: table.sample(columns),
                remedy: "change or delete all but one of the rows that share their values"),
            rows: "rows that share their values of \(columns.words)",
            release: "no application writes \(columns.words) any more that another row has",
            duty:
                "Release every application so that it never stores the same \(columns.words) in two rows of "
                + "'\(table.name)': the database refuses the second one in the next phase.", lock: lock)
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
