internal import DoubleWrite
internal import MigrationCore

/// A backfill that runs: what is written, and where that is recorded.
struct BackfillWork: Sendable {
    var backfill: Backfill
    var step: Step
    var place: StepPlace
    /// Backfills of the same table that are done in the same pass: those that follow in the plan, and companions'.
    var others: [StepPlace] = []
}

extension Walk {
    /// The backfill at a step, together with those that follow it at once, on the same table.
    func work(_ backfill: Backfill, at index: Int) -> BackfillWork {
        var work = BackfillWork(backfill: backfill, step: steps[index].step, place: place(index))
        for next in steps.indices.dropFirst(index + 1) {
            guard steps[next].phase == work.place.phase, !isOver(next),
                case .backfill(let other) = steps[next].step.action,
                let joined = work.backfill.joined(with: other)
            else { break }
            work.backfill = joined
            work.others.append(place(next))
        }
        return work
    }
}

extension Backfill {
    /// Both as one; `nil` where one pass cannot do both.
    ///
    /// A row that is in need of one of them gets both: what a derived column is already, it is given again.
    func joined(with other: Backfill) -> Backfill? {
        guard isDerived == true, other.isDerived == true, batch == nil, other.batch == nil,
            table == other.table, key == other.key
        else { return nil }
        return Backfill(
            table: table, assignments: "\(assignments), \(other.assignments)",
            mismatch: "(\(mismatch)) OR (\(other.mismatch))", key: key, isDerived: true)
    }
}
