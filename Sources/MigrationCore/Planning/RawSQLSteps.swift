import DoubleWrite

/// The steps of `sql`, which are the same in every dialect but for the words about locks.
struct RawSQLSteps {
    let operation: RawSQL
    let context: PlanningContext
    let lock: Lock

    private var dialect: Dialect { context.dialect }

    func add(to draft: inout OperationDraft) {
        let lists: [(phase: Phase, path: String, texts: [PerDialect])] = [
            (.expand, "expand", operation.expand), (.transition, "transition", operation.transition),
            (.contract, "contract", operation.contract),
        ]
        for list in lists { check(list.texts, path: list.path, into: &draft) }
        check(operation.undo ?? [], path: "undo", into: &draft)
        if lists.allSatisfy(\.texts.isEmpty) {
            draft.refuse(nil, "lists no statement; write at least one below expand, transition or contract")
        }
        context.check(operation, into: &draft)
        draft.warnings.append(
            operation.isDeclared
                ? "What the statements of 'sql' read, write and drop is taken from the file and not proven; nothing is known "
                    + "of the locks they take."
                : "What the statements of 'sql' do is declared and not proven: nothing is known of the locks they take, of "
                    + "what they touch, or of whether applications live through them.")
        addRelease(to: &draft)
        let undoneBy = lists.prefix(2).first { !statements($0.texts).isEmpty }?.phase
        for list in lists {
            let sql = statements(list.texts)
            guard !sql.isEmpty else { continue }
            draft.add(list.phase, "sql", step(sql, list.phase, carriesUndo: list.phase == undoneBy))
        }
        draft.lossReason =
            operation.undo == nil
            ? "the statements of 'sql' declare no undo" : "the statements of 'sql' in contract have no undo"
    }

    private func step(_ sql: [String], _ phase: Phase, carriesUndo: Bool) -> Step {
        let undo = statements(operation.undo ?? [])
        let isReversible = operation.undo != nil && phase != .contract
        let them = sql.count == 1 ? "it" : "them"
        var explanation = "In one transaction, as the migration's file declares \(them)."
        if isReversible, !carriesUndo { explanation += " The undo of the expand takes \(them) back as well." }
        if !isReversible { explanation += " Nothing takes \(them) back." }
        return Step(
            "run \(sql.count == 1 ? "a statement" : "\(sql.count) statements") of the file", explanation,
            .statements(on: nil, sql), lock: lock,
            settlesFirst: phase == .contract && !operation.drops.isEmpty,
            undo: carriesUndo && !undo.isEmpty
                ? [
                    Step(
                        "run the undo of the file",
                        "In one transaction, as the migration's file declares it.",
                        .statements(on: nil, undo), lock: lock)
                ] : [],
            isReversible: isReversible)
    }

    /// The gate behind which nobody uses what the contract drops.
    private func addRelease(to draft: inout OperationDraft) {
        let dropped = operation.drops.flatMap { $0.touched(dialect) }.map(\.description)
        guard !dropped.isEmpty, !statements(operation.contract).isEmpty else { return }
        let words = dropped.joined(separator: ", ")
        draft.add(
            .transition, "release", rank: .newGate,
            .release(
                "no application uses \(words) any more",
                "Release every application without \(words) in any of its statements, also not by SELECT *.",
                needs: .new))
    }

    /// The texts for this dialect. A statement that the file gives only for another one is none here.
    private func statements(_ texts: [PerDialect]) -> [String] { texts.compactMap { $0[dialect] } }

    private func check(_ texts: [PerDialect], path: String, into draft: inout OperationDraft) {
        for (number, text) in texts.enumerated() {
            let place = "\(path)[\(number)]"
            guard let sql = text[dialect] else { continue }
            if let reason = RawSQLRefusal(dialect: dialect).reason(against: sql) {
                draft.refuse(place, reason)
            }
        }
    }
}
