import DoubleWrite

extension Planner {
    /// The plan with its proof.
    ///
    /// - Parameters:
    ///   - plan: A plan that this planner made.
    ///   - migration: What it was made of.
    ///   - schema: The schema that it was made against.
    /// - Throws: The shortest way to each thing that must never happen and can. Such a plan is not to be run.
    public func proven(
        _ plan: Plan, of migration: Migration, from schema: Schema
    ) throws(PlanningProblems) -> Plan {
        let question = KnownProofs.Question(migration: migration, plan: plan, schema: schema)
        let proof = KnownProofs.shared.proof(for: question) {
            PlanProver($0.plan, of: $0.migration, from: $0.schema).prove()
        }
        let problems = proof.problems(of: migration)
        guard problems.isEmpty else { throw PlanningProblems(problems) }
        var plan = plan
        plan.proof = proof
        return plan
    }
}

extension PlanProof {
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
