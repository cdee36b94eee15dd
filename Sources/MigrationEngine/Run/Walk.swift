internal import DoubleWrite
internal import MigrationCore

/// A run's plan and what is recorded of it.
struct Walk: Sendable {
    var record: MigrationRecord
    var steps: [(phase: Phase, step: Step)]
    var records: [Int: StepRecord]

    /// The first step that is not over; `nil` behind the last.
    var next: Int? { steps.indices.first { !isOver($0) } }

    func isOver(_ index: Int) -> Bool { records[index]?.isOver ?? false }

    func place(_ index: Int) -> StepPlace {
        StepPlace(
            migration: record.name, run: record.run, ordinal: index, phase: steps[index].phase,
            step: steps[index].step.id)
    }

    func position(_ index: Int) -> StepPosition {
        StepPosition(
            phase: steps[index].phase, step: steps[index].step, number: index + 1, count: steps.count)
    }

    /// The phase of the last step that is over.
    var phase: Phase? { steps.indices.last { isOver($0) }.map { steps[$0].phase } }

    /// Whether everything that was open at the last flip or attestation must end before the step runs.
    func mustSettle(_ index: Int) -> Bool {
        let step = steps[index].step
        guard !record.isSettled, !step.isGate else { return false }
        return step.settlesFirst || step.flip != nil || (index > 0 && steps[index - 1].step.isGate)
    }

    /// The backfill that makes the derived column of `table` right at the stage before the step.
    ///
    /// Without stages, where the database itself keeps the two in step, there is none behind the expand: which of them
    /// is right then nobody can tell.
    func repair(of table: TableName, before index: Int) -> Backfill? {
        guard steps[index].phase == .expand || steps.contains(where: { $0.step.flip != nil }) else {
            return nil
        }
        func backfill(_ steps: some Sequence<Step>) -> Backfill? {
            steps.lazy.compactMap { step in
                if case .backfill(let backfill) = step.action, backfill.table == table {
                    backfill
                } else {
                    nil
                }
            }.first
        }
        // One table may be filled by several operations.
        let own = steps[index].step.operation
        for (_, step) in steps[..<index].reversed() where step.operation == own {
            if let backfill = backfill([step]) { return backfill }
            // From here the other column is the truth: what would take the flip back refills the old one.
            if step.flip?.stage == .bothReadNew { return backfill(step.undo) }
        }
        return nil
    }

    /// Verifications that were done in an earlier run and that the next step, a flip or what leads to one,
    /// relies on: what they found may not hold any more.
    var staleVerifications: [Int] {
        guard let next, leadsToFlip(next) else { return [] }
        var index = next - 1
        while index >= 0, case .schema = steps[index].step.action, steps[index].step.flip == nil {
            index -= 1
        }
        var stale: [Int] = []
        while index >= 0, case .verify = steps[index].step.action {
            if records[index]?.status == .done { stale.append(index) }
            index -= 1
        }
        return stale
    }

    private func leadsToFlip(_ index: Int) -> Bool {
        for (_, step) in steps[index...] {
            if step.flip != nil { return true }
            guard case .schema = step.action else { return false }
        }
        return false
    }
}

extension Step {
    /// The number of the operation in its file, as the step's id has it; also of a step that takes one back.
    fileprivate var operation: Substring? {
        id.split(separator: ".").first { $0 != "undo" }
    }
}
