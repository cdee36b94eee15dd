import DoubleWrite

/// The steps of `sql`, which are the same in every dialect but for the words about locks.
struct RawSQLSteps {
    let operation: RawSQL
    let dialect: Dialect
    let lock: Lock

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
        draft.warnings.append(
            "What the statements of 'sql' do is declared and not proven: nothing is known of the locks they take, of what "
                + "they touch, or of whether applications live through them.")
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
            undo: carriesUndo && !undo.isEmpty
                ? [
                    Step(
                        "run the undo of the file",
                        "In one transaction, as the migration's file declares it.",
                        .statements(on: nil, undo), lock: lock)
                ] : [],
            isReversible: isReversible)
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
