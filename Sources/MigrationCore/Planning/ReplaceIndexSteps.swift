import DoubleWrite

/// What `replace_index` asks of applications, whatever the dialect.
struct ReplaceIndexSteps {
    let operation: ReplaceIndex
    let old: Index
    let table: Table
    let dialect: Dialect
    /// The lock under which rows are counted.
    let countLock: Lock

    /// Whether the new index lets values repeat that the old one does not.
    var relaxes: Bool { old.isUnique && !operation.new.isUnique }

    /// A unique index refuses rows that the old one did not.
    func addDemand(to draft: inout OperationDraft) {
        let new = operation.new
        guard new.isUnique else { return }
        var demand = NewDemand.unique(new.columnNames, of: table, dialect, countLock)
        demand.release = "no application writes a row that '\(new.name)' refuses any more"
        demand.addFirst(to: &draft, countsFirst: new.isSimple)
        if new.isSimple { demand.addAgain(to: &draft) }
    }

    /// Where the new index lets values repeat, releases must bear that first.
    func addRelief(to draft: inout OperationDraft) {
        guard relaxes else { return }
        draft.add(
            .transition, "release", rank: .newGate,
            Step(
                "no application relies on '\(old.name)' being unique any more",
                "The new index lets values repeat. Release every application so that it bears such rows of "
                    + "'\(table.name)', and names these columns in no ON CONFLICT. Attest each application when its last "
                    + "instance of the release before is gone.", .release(Release(needs: .new))))
    }

    /// What is counted before a unique index comes back.
    var countBeforeReturn: [Step] {
        guard relaxes, old.isSimple else { return [] }
        return [NewDemand.unique(old.keyColumns, of: table, dialect, countLock).countBeforeReturn]
    }
}
