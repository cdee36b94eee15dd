import MigrationCore

/// A plan with a defect.
extension Plan {
    private var flat: [(phase: Phase, step: Step)] {
        get { steps }
        set {
            phases = []
            for (phase, step) in newValue {
                if phases.last?.phase != phase { phases.append(.init(phase: phase, steps: [])) }
                phases[phases.count - 1].steps.append(step)
            }
        }
    }

    private func index(_ id: String) -> Int {
        guard let index = flat.firstIndex(where: { $0.step.id == id }) else {
            preconditionFailure("no step \(id) in \(steps.map(\.step.id))")
        }
        return index
    }

    /// Without these steps.
    func without(_ ids: String...) -> Plan {
        var plan = self
        for id in ids { plan.flat.remove(at: plan.index(id)) }
        return plan
    }

    /// With one step moved before another.
    func moving(_ id: String, before other: String) -> Plan {
        var plan = self
        let moved = plan.flat.remove(at: plan.index(id)).step
        let place = plan.index(other)
        plan.flat.insert((plan.flat[place].phase, moved), at: place)
        return plan
    }

    /// With one step moved behind another.
    func moving(_ id: String, behind other: String) -> Plan {
        var plan = self
        let moved = plan.flat.remove(at: plan.index(id)).step
        let place = plan.index(other)
        plan.flat.insert((plan.flat[place].phase, moved), at: place + 1)
        return plan
    }

    /// With statements more that run as a step of their own, which has no undo.
    func adding(_ statements: [String], behind id: String) -> Plan {
        var plan = self
        let place = plan.index(id)
        var step = plan.flat[place].step
        step.id += "-more"
        step.undo = []
        step.action = .schema(SchemaChange(table: nil, statements: statements))
        plan.flat.insert((plan.flat[place].phase, step), at: place + 1)
        return plan
    }

    /// With one step changed.
    func changing(_ id: String, _ body: (inout Step) -> Void) -> Plan {
        var plan = self
        body(&plan.flat[plan.index(id)].step)
        return plan
    }

    /// With the statements of a step changed.
    func restating(_ id: String, _ body: ([String]) -> [String]) -> Plan {
        changing(id) { $0.restate(body) }
    }

    /// With every verification changed.
    func recounting(_ body: (inout Verification) -> Void) -> Plan {
        var plan = self
        for index in plan.flat.indices {
            plan.flat[index].step.recount(body)
            for undo in plan.flat[index].step.undo.indices {
                plan.flat[index].step.undo[undo].recount(body)
            }
        }
        return plan
    }
}

extension Step {
    mutating func restate(_ body: ([String]) -> [String]) {
        guard case .schema(var change) = action else { preconditionFailure("\(id) runs no statements") }
        change.statements = body(change.statements)
        action = .schema(change)
    }

    /// With the edits of a stored text changed.
    mutating func reedit(_ body: (inout DefinitionEdit) -> Void) {
        guard case .sqlite(.edit(var edit)) = action else { preconditionFailure("\(id) edits no text") }
        body(&edit)
        action = .sqlite(.edit(edit))
    }

    /// Without the edits of clauses of a kind.
    mutating func keepText(_ isKept: (SQLiteDefinition.Content) -> Bool) {
        reedit { edit in
            edit.edits.removeAll { change in
                switch change {
                case .add(let clause, _), .remove(let clause, _), .replace(let clause, _, _):
                    isKept(clause.content)
                case .retype: false
                }
            }
        }
    }

    mutating func refill(_ mismatch: String) {
        guard case .backfill(var backfill) = action else { preconditionFailure("\(id) fills nothing") }
        backfill.mismatch = mismatch
        action = .backfill(backfill)
    }

    mutating func rewrite(_ body: ([BatchWrites.Statement]) -> [BatchWrites.Statement]) {
        guard case .backfill(var backfill) = action, var batch = backfill.batch else {
            preconditionFailure("\(id) has no batch of its own")
        }
        batch.statements = body(batch.statements)
        backfill.batch = batch
        action = .backfill(backfill)
    }

    fileprivate mutating func recount(_ body: (inout Verification) -> Void) {
        guard case .verify(var verification) = action else { return }
        body(&verification)
        action = .verify(verification)
    }
}
