import DoubleWrite

@testable import MigrationCore

/// Defects in what SQLite's stored texts say, and in the rebuild of a table.
extension Mutation {
    private static let relax = "1.transition.relax"
    private static let type = "change_type_text"
    private static let key = "rename_column_text"

    private static func isNotNull(_ content: SQLiteDefinition.Content) -> Bool {
        if case .notNull = content { true } else { false }
    }

    private static func isCheck(_ content: SQLiteDefinition.Content) -> Bool {
        if case .check = content { true } else { false }
    }

    private static func isKey(_ content: SQLiteDefinition.Content) -> Bool {
        if case .foreignKey = content { true } else { false }
    }

    /// A defect of the clauses of one kind that stay where they are, forth and back.
    private static func keeping(
        _ words: String, _ plan: String, _ isKept: @escaping @Sendable (SQLiteDefinition.Content) -> Bool
    ) -> Mutation {
        Mutation(words: words, plan: plan, dialect: .sqlite) { plan in
            plan.changing(relax) { step in
                step.keepText(isKept)
                step.undo[step.undo.count - 1].keepText(isKept)
            }
        }
    }

    // MARK: - Clauses

    static let texts: [Mutation] = [
        Mutation(
            words: "the stored text goes on saying of the old column what it said", plan: type,
            dialect: .sqlite, change: { $0.without(relax) }),
        Mutation(
            words: "the same where the change makes two columns of one", plan: "split_column_text",
            dialect: .sqlite, change: { $0.without(relax) }),
        keeping("NOT NULL left on the old column in the stored text", type, isNotNull),
        keeping("CHECKs left on the old column in the stored text", type, isCheck),
        keeping("a foreign key with CASCADE left on the old column in the stored text", key, isKey),
        Mutation(
            words: "what the stored text says of the old column goes behind the flip that leaves it",
            plan: type, dialect: .sqlite, change: { $0.moving(relax, behind: "1.transition.flip-new") }),
        Mutation(
            words: "what the stored text says of the old column goes when that has another name", plan: type,
            dialect: .sqlite, change: { $0.moving(relax, behind: "1.contract.retire") }),
        Mutation(
            words: "a clause taken from the stored text that is not in it", plan: type, dialect: .sqlite,
            change: { plan in
                plan.changing(relax) { $0.reedit { $0.edits += $0.edits } }
            }),
        Mutation(
            words: "the CHECK before the new column has the name that it speaks of", plan: type,
            dialect: .sqlite, change: { $0.moving("1.contract.checks", before: "1.contract.retire") }),
        Mutation(
            words: "the new column's key before the writers of the old one are gone", plan: key,
            dialect: .sqlite,
            change: { $0.moving("1.double-write.release", behind: "1.expand.references") }),
        Mutation(
            words: "the new column's key behind the backfill, uncounted", plan: key, dialect: .sqlite,
            change: { plan in
                plan.changing("1.expand.references") { $0.reedit { $0.verification = nil } }
                    .moving("1.expand.references", behind: "1.expand.backfill")
            }),
        Mutation(
            words: "the new column's key over values that are no longer true (found by the proof)", plan: key,
            dialect: .sqlite,
            change: { plan in
                plan.changing("1.expand.references") { $0.reedit { $0.verification = nil } }
            }),
        Mutation(
            words: "the new column without its key", plan: key, dialect: .sqlite,
            change: { $0.without("1.expand.references") }),
        Mutation(
            words: "the new column NOT NULL in the stored text before the backfill, uncounted", plan: key,
            dialect: .sqlite,
            change: { plan in
                plan.changing("1.expand.not-null") { $0.reedit { $0.verification = nil } }
                    .moving("1.expand.not-null", before: "1.expand.backfill")
            }),
        Mutation(
            words: "the way back drops the new column while a key stands on it", plan: key, dialect: .sqlite,
            change: { plan in plan.changing("1.expand.references") { $0.undo = [] } }),
        Mutation(
            words:
                "a key that comes back to the stored text over values that are no longer true (found by the proof)",
            plan: key, dialect: .sqlite,
            change: { plan in
                plan.changing(relax) { step in
                    step.undo.removeFirst()
                    step.undo[0].reedit { $0.verification = nil }
                }
            }),
        Mutation(
            words: "NOT NULL comes back to the stored text before the old column has its values",
            plan: "split_column_text", dialect: .sqlite,
            change: { plan in
                plan.changing("1.transition.flip-new") { $0.undo = [] }.changing(relax) {
                    $0.undo[0].reedit { $0.verification = nil }
                }
            }),
        Mutation(
            words: "`sync: trigger`: a key comes back over values that are no longer true",
            plan: "sync_rename_key", dialect: .postgres,
            change: { plan in plan.changing("1.contract.retire") { $0.undo.removeFirst() } }),
    ]

    // MARK: - Rebuilds

    private static let keyed = "add_primary_key"
    private static let shadow = "1.expand.shadow"

    static let rebuilds: [Mutation] = [
        Mutation(
            words: "a table exchanged for a shadow that no trigger keeps like it", plan: keyed,
            dialect: .sqlite,
            change: { plan in plan.restating(shadow) { $0.filter { !$0.contains(" TRIGGER ") } } }),
        Mutation(
            words: "a shadow that follows all but the updates", plan: keyed, dialect: .sqlite,
            change: { plan in
                plan.restating(shadow) { $0.filter { !$0.contains(" AFTER UPDATE ") } }
            }),
        Mutation(
            words: "a table exchanged for a shadow without its rows", plan: keyed, dialect: .sqlite,
            change: { $0.without("1.expand.copy", "1.expand.compare") }),
        Mutation(
            words: "a table exchanged for a shadow that is not there", plan: keyed, dialect: .sqlite,
            change: { $0.without(shadow) }),
        Mutation(
            words: "the rows copied before the triggers keep the shadow like its table", plan: keyed,
            dialect: .sqlite,
            change: { plan in
                var triggers: [String] = []
                return plan.restating(shadow) { statements in
                    triggers = statements.filter { $0.contains(" TRIGGER ") }
                    return statements.filter { !$0.contains(" TRIGGER ") }
                }.adding(triggers, behind: "1.expand.compare")
            }),
        Mutation(
            words: "the way back exchanges the table for a shadow without triggers", plan: keyed,
            dialect: .sqlite,
            change: { plan in
                plan.changing("1.expand.swap") { step in
                    for index in step.undo.indices where step.undo[index].title.hasPrefix("make a shadow") {
                        step.undo[index].restate { $0.filter { !$0.contains("CREATE TRIGGER ") } }
                    }
                }
            }),
        Mutation(
            words: "a rebuild with a key before the writers of duplicates are gone", plan: keyed,
            dialect: .sqlite, change: { $0.without("1.double-write.release") }),
    ]
}
