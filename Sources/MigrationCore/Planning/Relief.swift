/// Something that the database has refused and will not refuse any more: first every release bears such rows, then it
/// goes. On the way back no release writes such a row any more, then the rows are counted, and only then it returns.
struct Relief {
    /// The gate's title: `every application bears rows without 'kind'`.
    var release: String
    /// What the release has to do.
    var duty: String
    /// What it takes until it can be refused again.
    var demand: NewDemand

    /// The gate before the expand that takes it away.
    func addFirst(to draft: inout OperationDraft) {
        draft.add(.doubleWrite, "release", .release(release, duty))
    }

    /// The gate before the contract that takes it away.
    func addBeforeContract(to draft: inout OperationDraft) {
        draft.add(.transition, "release", rank: .newGate, .release(release, duty, needs: .new))
    }

    /// What comes before it is put back.
    var undo: [Step] { demand.beforeReturn }
}
