import DoubleWrite

/// What `replace_index` asks of applications, whatever the dialect.
struct ReplaceIndexSteps {
    let operation: ReplaceIndex
    let old: Index
    let table: Table
    let dialect: Dialect

    /// Whether the new index lets values repeat that the old one does not.
    var relaxes: Bool { old.isUnique && !operation.new.isUnique }

    /// A unique index refuses rows that the old one did not.
    func addDemand(to draft: inout OperationDraft) {
        let new = operation.new
        guard new.isUnique else { return }
        let demand = NewDemand.unique(new, of: table, dialect)
        demand.addFirst(to: &draft)
        demand.addAgain(to: &draft)
    }

    /// Where the new index lets values repeat, releases must bear that first.
    func addRelief(to draft: inout OperationDraft) {
        guard relaxes else { return }
        UniqueIndexRelief(old, of: table, dialect).relief.addBeforeContract(to: &draft)
    }

    /// What is asked of releases and rows before a unique index comes back.
    var beforeReturn: [Step] {
        relaxes ? UniqueIndexRelief(old, of: table, dialect).relief.undo : []
    }
}
