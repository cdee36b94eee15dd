import DoubleWrite

@testable import MigrationCore

/// The defects of one database's plans, planted in those of the other one.
extension Mutation {
    private static let rename = "04_rename_column"
    private static let handOver = "1.transition.flip-new"
    private static let flip = "1.transition.flip-both-read-new"

    static let counterparts: [Mutation] = [
        Mutation(
            words: "the backfill before every instance double-writes", plan: rename, dialect: .sqlite,
            change: { $0.moving("1.double-write.release", behind: "1.expand.verify") }),
        Mutation(
            words: "no backfill", plan: rename, dialect: .sqlite, change: { $0.without("1.expand.backfill") }),
        Mutation(
            words: "the contract before the truth has moved", plan: rename, dialect: .sqlite,
            change: { $0.moving("1.contract.retire", before: "1.transition.verify-both") }),
        Mutation(
            words: "no count before the truth moves", plan: "split_column", dialect: .sqlite,
            change: { $0.without("1.expand.verify", "1.transition.verify-both", "1.transition.verify-old") }),
        Mutation(
            words: "a count in batches instead of one snapshot", plan: rename, dialect: .sqlite,
            premises: premise { $0.countsAreOneSnapshot = false }),
        Mutation(
            words: "the way back begins its reverse backfill before both are written again", plan: rename,
            dialect: .sqlite,
            change: { plan in
                plan.changing(handOver) { $0.undo.swapAt(0, 1) }.changing(flip) { $0.undo.removeFirst() }
            }),
        Mutation(
            words: "a unique index before the writers of duplicates are gone", plan: "add_unique",
            dialect: .sqlite,
            change: { $0.moving("1.double-write.release", behind: "1.expand.unique") }),
        Mutation(
            words: "NOT NULL before the writers of NULL are gone", plan: "set_not_null", dialect: .sqlite,
            change: { $0.without("1.double-write.release") }),
        Mutation(
            words: "a CHECK before the release", plan: "add_check", dialect: .sqlite,
            change: { $0.moving("1.double-write.release", behind: "1.expand.check") }),
        Mutation(
            words: "a CHECK in the stored text, uncounted", plan: "add_check", dialect: .sqlite,
            change: { plan in
                plan.without("1.expand.verify").changing("1.expand.check") {
                    $0.reedit { $0.verification = nil }
                }
            }),
        Mutation(
            words: "a foreign key without its release", plan: "add_foreign_key", dialect: .sqlite,
            change: { $0.without("1.double-write.release") }),
        Mutation(
            words: "a default dropped while releases rely on it", plan: "drop_default", dialect: .sqlite,
            change: { $0.without("1.transition.release") }),
        Mutation(
            words: "a release goes back behind its attested gate", plan: rename, dialect: .sqlite,
            premises: premise { $0.staysBehindAttested = false }),
        Mutation(
            words: "a runner that was replaced goes on writing", plan: rename, dialect: .sqlite,
            premises: premise { $0.replacedRunnersAreStopped = false }),
        Mutation(
            words: "a column retired while releases use it", plan: "07_drop_column", dialect: .postgres,
            change: { $0.without("1.transition.release-new") }),
        Mutation(
            words: "no record of stage `old` where the column keeps its name", plan: "change_type",
            dialect: .sqlite, change: { $0.without("1.double-write.record-old") }),
        Mutation(
            words: "`sync: trigger` ends before the old shape is left", plan: "sync_rename_column",
            dialect: .sqlite,
            change: { $0.moving("1.contract.retire", before: "1.transition.release-new") }),
    ]
}
