import DoubleWrite

extension ShapeGuard {
    /// What the expand says of the triggers.
    var words: String {
        "The guard comes with it: triggers that see a write of the old shape only, whoever it comes from, make the new shape "
            + "of it in the same statement, and count it."
    }
}

extension ShapeWords {
    /// Who is covered by the guard, and what it costs.
    func guardedWriters(_ dialect: Dialect) -> [String] {
        let common =
            "The guard heals and counts the writes of whoever knows only \(old) (a person at a prompt, a function, a scheduled "
            + "job, a release that was rolled back too far), in every stage until \(old) \(oldCount == 1 ? "is" : "are") retired. "
            + "`bellows status` shows them, and the contract waits until every application was attested after the last one. "
            + "It sees no write of \(new) alone: the counts find that one. While the change is in flight it costs the writes of "
            + "'\(table)' some 10 to 20 %, and one that it heals a row of its own."
        switch dialect {
        case .postgres: return [common]
        case .sqlite:
            return [
                common,
                "In SQLite a trigger heals behind the statement: what that returns (RETURNING) is the row before, and an INSERT of "
                    + "the old shape is refused from where \(new) \(newCount == 1 ? "is" : "are") NOT NULL without a default.",
            ]
        }
    }

    /// Before the old columns are retired nobody has written them alone since the attestations.
    var quiet: Step {
        Step(
            "nobody has written \(old) alone since the last attestations",
            "Open at once where the guard has counted no such write. Otherwise find the writer (`bellows status` shows when, and in "
                + "PostgreSQL who): it fails loudly from the next step on. Then attest each application again.",
            .release(Release(needs: .new, guards: change)))
    }
}

extension PlanningContext {
    /// Notes a problem where a guard has nothing to do.
    func checkGuard(_ change: ShapeChange, into draft: inout OperationDraft) {
        guard change.isGuarded, change.sync == .trigger else { return }
        draft.refuse(
            "guard",
            "with sync: trigger the database keeps both shapes in step for every writer, so there is nothing to guard; leave "
                + "'guard' out")
    }
}
