internal import DoubleWrite
internal import MigrationCore

/// What the state must say before anything is taken away. The order of the steps sees to it; here it is looked at once
/// more, from what is recorded, so that a state that was edited or restored by half contracts nothing.
struct Evidence {
    let walk: Walk
    /// The recorded stages.
    let stages: [ChangeStage]

    /// What is missing before the step at `index`, in words; `nil` where nothing is.
    func missing(before index: Int) throws -> String? {
        guard walk.record.direction == .forward, walk.steps[index].phase == .contract else { return nil }
        for earlier in walk.steps.indices where walk.steps[earlier].phase < .contract {
            if let missing = try missing(of: earlier) { return missing }
        }
        return try missingStage(before: index)
    }

    private func missing(of index: Int) throws -> String? {
        let step = walk.steps[index].step
        guard walk.isOver(index) else { return "the step '\(step.title)' is not recorded as done" }
        // One that only tells stops nothing, whatever it has found.
        guard case .verify(let verification) = step.action, verification.onlyTells != true else { return nil }
        guard let found = try walk.evidence(at: index), !found.snapshot.isEmpty, found.at.milliseconds > 0
        else { return "the evidence of '\(step.title)' is gone" }
        return found.holds ? nil : "the evidence of '\(step.title)' has rows that violate it"
    }

    /// Every change that leaves its old shape behind stands where the steps so far have brought it.
    private func missingStage(before index: Int) throws -> String? {
        var expected: [ChangeID: Stage] = [:]
        for (_, step) in walk.steps[..<index] {
            if let flip = step.flip { expected[flip.change] = flip.stage }
        }
        for (change, stage) in expected.sorted(by: { $0.key.name < $1.key.name }) {
            let recorded = stages.first { $0.change == change }?.stage
            guard recorded != stage else { continue }
            return "the stage of '\(change)' is recorded as "
                + "\(recorded.map { "'\($0.rawValue)'" } ?? "nothing"), and not as '\(stage.rawValue)'"
        }
        return nil
    }
}

extension Runner {
    /// Refuses to take anything away that the recorded evidence does not speak for.
    ///
    /// - Throws: ``EngineError/Reason/state(message:)``.
    func checkEvidence(_ walk: Walk, _ index: Int) throws {
        guard walk.steps[index].phase == .contract else { return }
        let evidence = Evidence(walk: walk, stages: try store.stages())
        guard let missing = try evidence.missing(before: index) else { return }
        throw EngineError(
            .state(
                message:
                    "nothing is contracted: \(missing); the state was edited, or restored without the data; take the "
                    + "migration back (bellows rollback \(walk.record.name)) and apply it again"),
            migration: walk.record.name, step: walk.steps[index].step.id)
    }
}
