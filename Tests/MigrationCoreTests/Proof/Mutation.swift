// Over 400 lines: the planted defects are one list, which is read and printed as a whole.
import DoubleWrite

@testable import MigrationCore

/// A defect that is planted in a plan, or in what the proof takes as given, and what comes of it.
struct Mutation: Sendable {
    enum Outcome: Sendable {
        /// The proof finds it: one of these at least.
        case caught
        /// Nothing goes wrong, and why.
        case harmless(String)
        /// It is not in what the proof looks at; a test on a real database finds it.
        case elsewhere(String)
    }

    var words: String
    var plan: String
    var dialect: Dialect
    var premises = Premises()
    var outcome = Outcome.caught
    var change: @Sendable (Plan) -> Plan = { $0 }
}

extension Mutation {
    static func premise(_ change: (inout Premises) -> Void) -> Premises {
        var premises = Premises()
        change(&premises)
        return premises
    }

    private static let rename = "04_rename_column"
    private static let flip = "1.transition.flip-both-read-new"
    private static let handOver = "1.transition.flip-new"

    static let all =
        orders + backfills + counts + constraints + ways + triggers + lookups + givens + simple + texts
        + rebuilds + counterparts

    // MARK: - Orders

    private static let orders: [Mutation] = [
        Mutation(
            words: "the backfill before every instance double-writes", plan: rename, dialect: .postgres,
            change: { $0.moving("1.double-write.release", behind: "1.expand.verify") }),
        Mutation(
            words: "no release that double-writes", plan: rename, dialect: .postgres,
            change: { $0.without("1.double-write.release") }),
        Mutation(
            words: "one stage instead of two: `both`, then `new`", plan: rename, dialect: .postgres,
            change: { $0.without(flip, "1.transition.release-read-new") }),
        Mutation(
            words: "one stage instead of two", plan: rename, dialect: .sqlite,
            change: { $0.without(flip, "1.transition.release-read-new") }),
        Mutation(
            words: "no release that reads the new column before the old one is left", plan: rename,
            dialect: .postgres, change: { $0.without("1.transition.release-read-new") }),
        Mutation(
            words: "the contract before releases have left the old column", plan: rename, dialect: .postgres,
            change: { $0.without("1.transition.release-new") }),
        Mutation(
            words: "the contract before the truth has moved", plan: rename, dialect: .postgres,
            change: { $0.moving("1.contract.retire", before: "1.transition.verify-both") }),
        Mutation(
            words: "retire before stage `new`", plan: rename, dialect: .sqlite,
            change: { $0.moving("1.contract.retire", before: handOver) }),
        Mutation(
            words: "the old column is dropped before it is retired", plan: rename, dialect: .postgres,
            change: { $0.moving("1.contract.drop", before: "1.contract.retire") }),
        Mutation(
            words: "the stage flips apart from the expand", plan: rename, dialect: .postgres,
            change: { plan in
                plan.changing("1.expand.add-column") { step in
                    if case .schema(var change) = step.action {
                        change.flip = nil
                        step.action = .schema(change)
                    }
                }
            }),
        Mutation(
            words: "no record of stage `old` where the column keeps its name", plan: "change_type",
            dialect: .postgres, change: { $0.without("1.double-write.record-old") }),
        Mutation(
            words: "two such changes, one recorded behind the gate (found by the proof)", plan: "bigint_keys",
            dialect: .postgres,
            change: { $0.moving("2.double-write.record-old", behind: "1.double-write.release") }),
        Mutation(
            words: "the swap of the names without its flip to `done`", plan: "change_type",
            dialect: .postgres,
            change: { plan in
                plan.changing("1.contract.retire") { step in
                    if case .schema(var change) = step.action {
                        change.flip = nil
                        step.action = .schema(change)
                    }
                }
            }),
    ]

    // MARK: - Backfills

    private static let backfills: [Mutation] = [
        Mutation(
            words: "no backfill", plan: rename, dialect: .postgres,
            change: { $0.without("1.expand.backfill") }),
        Mutation(
            words: "the backfill as `WHERE new IS NULL`, where the new column has a default", plan: rename,
            dialect: .sqlite,
            change: { plan in plan.changing("1.expand.backfill") { $0.refill("`species` IS NULL") } }),
        Mutation(
            words: "the backfill as `WHERE new IS NULL`, begun before every instance double-writes",
            plan: rename, dialect: .postgres,
            change: { plan in
                plan.changing("1.expand.backfill") { $0.refill("\"species\" IS NULL") }
                    .moving("1.double-write.release", before: "1.expand.backfill")
            }),
        Mutation(
            words: "the backfill as `WHERE new IS NULL`, every instance double-writing", plan: rename,
            dialect: .postgres,
            outcome: .harmless("no row has a value there that a double write has not put there"),
            change: { plan in plan.changing("1.expand.backfill") { $0.refill("\"species\" IS NULL") } }),
        Mutation(
            words:
                "the backfill as `WHERE new <> old`, which does not know NULL, and counts that do not either",
            plan: rename, dialect: .postgres,
            change: { plan in
                plan.changing("1.expand.backfill") { $0.refill("\"species\" <> \"kind\"") }
                    .recounting { verification in
                        for index in verification.invariants.indices {
                            verification.invariants[index].violation = "\"species\" <> \"kind\""
                        }
                    }
            }),
        Mutation(
            words: "the way back refills `WHERE old IS NULL`", plan: rename, dialect: .postgres,
            change: { plan in
                plan.changing(handOver) { step in
                    for index in step.undo.indices {
                        if case .backfill = step.undo[index].action {
                            step.undo[index].refill("\"kind\" IS NULL")
                        }
                    }
                }.changing(flip) { $0.undo[0].refill("\"kind\" IS NULL") }
            }),
    ]

    // MARK: - Counts

    private static let counts: [Mutation] = [
        Mutation(
            words: "no count before the truth moves", plan: "split_column", dialect: .postgres,
            change: { $0.without("1.expand.verify", "1.transition.verify-both", "1.transition.verify-old") }),
        Mutation(
            words: "counts of one invariant only: `new = up(old)`", plan: "split_column", dialect: .postgres,
            change: { plan in plan.recounting { $0.invariants.removeLast() } }),
        Mutation(
            words: "counts of one invariant only", plan: "split_column", dialect: .sqlite,
            change: { plan in plan.recounting { $0.invariants.removeLast() } }),
        Mutation(
            words: "a count in batches instead of one snapshot", plan: rename, dialect: .postgres,
            premises: premise { $0.countsAreOneSnapshot = false }),
        Mutation(
            words: "the way back reads the old column before it has counted (found by the proof)",
            plan: "split_column", dialect: .postgres,
            change: { plan in plan.changing(handOver) { $0.undo.removeLast() } }),
        Mutation(
            words: "no count before the old column is the truth again", plan: "change_column",
            dialect: .sqlite,
            change: { plan in
                plan.changing(flip) { $0.undo.remove(at: 1) }.changing(handOver) { $0.undo.removeLast() }
            }),
    ]

    // MARK: - Constraints

    private static let constraints: [Mutation] = [
        Mutation(
            words: "NOT NULL left on the old column", plan: rename, dialect: .postgres,
            change: { plan in
                plan.restating(handOver) { _ in
                    ["ALTER TABLE \"public\".\"animals\" ALTER COLUMN \"kind\" DROP DEFAULT"]
                }
            }),
        Mutation(
            words: "NOT NULL on the new column before the backfill", plan: rename, dialect: .postgres,
            change: { $0.moving("1.expand.not-null", before: "1.expand.backfill") }),
        Mutation(
            words: "UNIQUE and a default left on the old column", plan: "everything", dialect: .postgres,
            change: { plan in
                plan.restating(handOver) { _ in
                    [
                        "ALTER TABLE \"public\".\"animals\" ALTER COLUMN \"kind\" SET DEFAULT 'dog', "
                            + "DROP CONSTRAINT \"owned\""
                    ]
                }
            }),
        Mutation(
            words: "a foreign key with CASCADE left on the old column", plan: "everything",
            dialect: .postgres,
            change: { plan in
                plan.restating(handOver) { statements in
                    statements.map { $0.replacing(", DROP CONSTRAINT \"owned\"", with: "") }
                }
            }),
        Mutation(
            words: "the copy of a foreign key with CASCADE behind the backfill", plan: "everything",
            dialect: .postgres,
            change: { plan in
                var key: [String] = []
                return plan.restating("1.expand.add-column") { statements in
                    key = statements.filter { $0.contains("_bellows_new_owned") }
                    return statements.filter { !$0.contains("_bellows_new_owned") }
                }.restating("1.expand.foreign-key-1-validate") { key + $0 }
            }),
        Mutation(
            words: "a foreign key that comes back over values that are no longer true (found by the proof)",
            plan: "everything", dialect: .postgres,
            change: { plan in
                plan.changing(handOver) { step in
                    step.undo[1].restate { $0.filter { !$0.hasPrefix("UPDATE") } }
                }
            }),
        Mutation(
            words: "a unique index before the writers of duplicates are gone", plan: "add_unique",
            dialect: .postgres,
            change: { $0.moving("1.double-write.release", behind: "1.expand.unique") }),
    ]

    // MARK: - The way back

    private static let ways: [Mutation] = [
        Mutation(
            words: "the way back begins its reverse backfill before both are written again", plan: rename,
            dialect: .postgres,
            change: { plan in
                plan.changing(handOver) { $0.undo.swapAt(0, 1) }.changing(flip) { $0.undo.removeFirst() }
            }),
        Mutation(
            words: "the way back goes to `both` without a reverse backfill", plan: rename, dialect: .postgres,
            change: { plan in
                plan.changing(handOver) { $0.undo.remove(at: 1) }.changing(flip) { $0.undo.removeFirst() }
            }),
        Mutation(
            words: "the way back goes from `new` to `both` at once", plan: rename, dialect: .sqlite,
            change: { plan in plan.changing(handOver) { $0.undo.removeFirst() } }),
        Mutation(
            words: "the way back without its gates", plan: rename, dialect: .postgres,
            change: { plan in
                plan.changing("1.transition.release-new") { $0.undo = [] }
                    .changing("1.transition.release-read-new") { $0.undo = [] }
            }),
        Mutation(
            words: "the way back without the old column's name", plan: rename, dialect: .postgres,
            change: { plan in plan.changing("1.contract.retire") { $0.undo = [] } }),
    ]

    // MARK: - Triggers

    private static let triggers: [Mutation] = [
        Mutation(
            words: "`sync: trigger` without the trigger", plan: "sync_rename_column", dialect: .postgres,
            change: { plan in plan.restating("1.expand.add-column") { [$0[0]] } }),
        Mutation(
            words: "`sync: trigger` without one of SQLite's triggers", plan: "sync_rename_column",
            dialect: .sqlite,
            change: { plan in
                plan.restating("1.expand.add-column") { $0.filter { !$0.contains(":update-new`") } }
            }),
        Mutation(
            words: "`sync: trigger` ends before the old shape is left", plan: "sync_rename_column",
            dialect: .postgres,
            change: { $0.moving("1.contract.retire", before: "1.transition.release-new") }),
        Mutation(
            words: "the names change before releases take either type", plan: "sync_change_type",
            dialect: .sqlite, change: { $0.without("1.transition.release-either") }),
        Mutation(
            words: "`sync: trigger` without a backfill", plan: "sync_split_column", dialect: .postgres,
            change: { $0.without("1.expand.backfill") }),
    ]

    // MARK: - A table of values

    private static let lookups: [Mutation] = [
        Mutation(
            words: "a batch that points at values without their rows", plan: "extract_table",
            dialect: .postgres,
            change: { plan in
                plan.changing("1.expand.backfill") {
                    $0.rewrite { $0.filter { $0.head.hasPrefix("UPDATE") } }
                }
            }),
        Mutation(
            words: "references before the rows that they point at", plan: "extract_table", dialect: .sqlite,
            change: { plan in plan.changing("1.expand.backfill") { $0.rewrite { $0.reversed() } } }),
        Mutation(
            words: "a backfill and counts that know references only: a value without a row has none",
            plan: "extract_table", dialect: .postgres,
            change: { plan in
                plan.changing("1.expand.backfill") { $0.refill("\"breed_id\" IS NULL AND \"breed\" IS NULL") }
                    .recounting { $0.invariants.removeLast() }
                    .without("1.transition.verify-old")
            }),
        Mutation(
            words: "the reference without its foreign key", plan: "extract_table", dialect: .postgres,
            change: { plan in
                plan.restating("1.expand.add-column") { statements in
                    statements.map { $0.replacing(/\sCONSTRAINT "animals_breed_id_fkey".+$/, with: "") }
                }
            }),
        Mutation(
            words: "the way back drops the values before the reference", plan: "extract_table",
            dialect: .sqlite,
            change: { plan in
                plan.changing("1.expand.add-column") { $0.undo[0].restate { $0.reversed() } }
            }),
        Mutation(
            words: "no count before the reference is the truth, and values that others wrote without a row",
            plan: "extract_table", dialect: .sqlite,
            change: {
                $0.without(
                    "1.double-write.release", "1.expand.verify", "1.transition.verify-both",
                    "1.transition.verify-old")
            }),
    ]

    // MARK: - What is given

    private static let givens: [Mutation] = [
        Mutation(
            words: "a flip that does not settle", plan: "change_column", dialect: .postgres,
            premises: premise { $0.flipsSettle = false }),
        Mutation(
            words: "a flip that does not settle, where the next one takes constraints away", plan: rename,
            dialect: .postgres, premises: premise { $0.flipsSettle = false },
            outcome: .harmless("ALTER TABLE waits for everybody who has written")),
        Mutation(
            words: "a flip that does not settle", plan: rename, dialect: .sqlite,
            premises: premise { $0.flipsSettle = false },
            outcome: .harmless("in SQLite no statement writes by what it saw before another's commit")),
        Mutation(
            words: "the snapshot fence instead of the marker", plan: rename, dialect: .postgres,
            premises: premise { $0.fenceSeesEveryCommit = false },
            outcome: .elsewhere(
                "such a transaction is over before the backfill, which settles first; `Tests/DoubleWritePostgresTests` hold "
                    + "the fence to it in every isolation level")),
        Mutation(
            words: "the snapshot fence, and a flip that does not settle", plan: "move_column",
            dialect: .postgres,
            premises: premise {
                $0.fenceSeesEveryCommit = false
                $0.flipsSettle = false
            }),
        Mutation(
            words: "a move of a column without the lock on its table", plan: "move_column",
            dialect: .postgres,
            outcome: .harmless("who wrote there before is over before the backfill, which settles first"),
            change: { plan in
                plan.restating("1.expand.add-column") { $0.filter { !$0.hasPrefix("LOCK") } }
            }),
        Mutation(
            words: "a release goes back behind its attested gate", plan: rename, dialect: .postgres,
            premises: premise { $0.staysBehindAttested = false }),
        Mutation(
            words: "a runner that was replaced goes on writing", plan: rename, dialect: .postgres,
            premises: premise { $0.replacedRunnersAreStopped = false }),
        Mutation(
            words: "a rollback while a release with code of its own is half out", plan: rename,
            dialect: .postgres, premises: premise { $0.gateIsClearedBeforeRollback = false }),
    ]

    // MARK: - Operations without a second shape

    private static let simple: [Mutation] = [
        Mutation(
            words: "NOT NULL before the writers of NULL are gone", plan: "set_not_null", dialect: .postgres,
            change: { $0.without("1.double-write.release") }),
        Mutation(
            words: "NOT NULL without a count behind the release", plan: "set_not_null", dialect: .postgres,
            change: { $0.without("1.expand.verify") }),
        Mutation(
            words: "a CHECK before the release", plan: "add_check", dialect: .postgres,
            change: { $0.moving("1.expand.check", before: "1.double-write.release") }),
        Mutation(
            words: "a foreign key without its release", plan: "add_foreign_key", dialect: .postgres,
            change: { $0.without("1.double-write.release") }),
        Mutation(
            words: "the count does not wait for transactions of the release before", plan: "add_check",
            dialect: .postgres, premises: premise { $0.flipsSettle = false }),
        Mutation(
            words: "a column retired while releases use it", plan: "07_drop_column", dialect: .sqlite,
            change: { $0.without("1.transition.release-new") }),
        Mutation(
            words: "a table retired while releases use it", plan: "drop_table", dialect: .postgres,
            change: { $0.moving("1.contract.retire", before: "1.transition.release") }),
        Mutation(
            words: "a table renamed without a view of its old name", plan: "rename_table", dialect: .postgres,
            change: { plan in plan.restating("1.expand.rename") { [$0[0]] } }),
        Mutation(
            words: "the view of the old name gone before releases", plan: "rename_table", dialect: .sqlite,
            change: { $0.without("1.transition.release") }),
        Mutation(
            words: "a column renamed in place before releases know both names",
            plan: "05_rename_column_in_place", dialect: .postgres,
            change: { $0.without("1.double-write.release") }),
        Mutation(
            words: "a column that statements of one's own drop while releases use it", plan: "sql_declared",
            dialect: .postgres, change: { $0.without("1.transition.release") }),
        Mutation(
            words: "statements of one's own that read what is gone", plan: "sql_declared", dialect: .sqlite,
            change: { $0.moving("1.expand.sql", behind: "1.contract.sql") }),
        Mutation(
            words: "a default dropped while releases rely on it", plan: "drop_default", dialect: .postgres,
            change: { $0.without("1.transition.release") }),
        Mutation(
            words: "a UNIQUE dropped before releases bear what it kept out", plan: "drop_constraint_unique",
            dialect: .postgres,
            change: { plan in plan.moving("1.expand.drop-constraint", before: "1.double-write.release") }),
        Mutation(
            words: "a NOT NULL that comes back without a gate", plan: "drop_not_null", dialect: .postgres,
            change: { plan in plan.changing("1.expand.drop-not-null") { $0.undo.removeFirst() } }),
    ]
}
