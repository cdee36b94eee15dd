import DoubleWrite

extension Planner {
    /// The plan with its proof.
    ///
    /// - Parameters:
    ///   - plan: A plan that this planner made.
    ///   - migration: What it was made of.
    ///   - schema: The schema that it was made against.
    /// - Throws: The shortest way to each thing that must never happen and can. Such a plan is not to be run. A way that
    ///   leads through something that is read in part only proves nothing: then the proof says what it leaves open.
    public func proven(
        _ plan: Plan, of migration: Migration, from schema: Schema
    ) throws(PlanningProblems) -> Plan {
        let proof = PlanProver(plan, of: migration, from: schema).prove().leavingOpen(plan, migration)
        let problems = proof.problems(of: migration)
        guard problems.isEmpty else { throw PlanningProblems(problems) }
        var plan = plan
        plan.proof = proof
        return plan
    }
}

extension PlanProof {
    /// The same without the faults of parts that are read in part only: clauses of a stored text (SQLite), and foreign
    /// keys that act on a column which triggers keep in step.
    fileprivate func leavingOpen(_ plan: Plan, _ migration: Migration) -> PlanProof {
        var proof = self
        for index in parts.indices where !parts[index].faults.isEmpty {
            let part = parts[index]
            let steps = plan.steps.map(\.step).filter { step in
                part.operations.contains { step.serves($0) }
            }
            guard let open = Self.whatIsOpen(part.faults, steps) else { continue }
            proof.parts[index].faults = []
            proof.parts[index].states = nil
            proof.gaps += part.operations.map { number in
                "operation \(number) (\(migration.operations[number - 1].keyword)) is not proven: \(open)"
            }
        }
        return proof
    }

    private static func whatIsOpen(_ faults: [Fault], _ steps: [Step]) -> String? {
        func isTextOnly(_ step: Step) -> Bool {
            switch step.action {
            case .sqlite(.edit), .sqlite(.swap): true
            case .sqlite(.copy), .sqlite(.compare), .sqlite(.empty), .release, .schema, .buildIndex,
                .dropIndex,
                .backfill, .verify, .flip, .soak:
                false
            }
        }
        if steps.contains(where: isTextOnly) {
            return "what the table's stored text demands is not followed through every edit"
        }
        let isSynchronised = !steps.contains { $0.flip != nil }
        guard isSynchronised, faults.allSatisfy({ $0.kind == .staleKey }) else { return nil }
        return "a foreign key that acts is not followed through the triggers that keep both shapes in step"
    }

    /// The faults as problems of the migration, each with the way to it.
    fileprivate func problems(of migration: Migration) -> [PlanningProblem] {
        parts.flatMap { part in
            part.faults.map { fault in
                let number = part.operations.first ?? 1
                let steps = fault.trace.enumerated().map { "\n  \($0.offset + 1). \($0.element)" }.joined()
                return PlanningProblem(
                    migration: migration.name,
                    path: "operations[\(number - 1)].\(migration.operations[number - 1].keyword)",
                    message:
                        "the plan of it is not safe: a \(fault.kind.rawValue) is possible, so nothing of it is "
                        + "run; this is a defect of the plan and not of the file: report it with these lines, which are the "
                        + "shortest way to it\(steps)")
            }
        }
    }
}
