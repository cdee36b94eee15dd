import DoubleWrite

/// The sentences about a change whose shapes the database keeps in step (`sync: trigger`) that are the same for every
/// dialect.
struct SyncWords {
    let change: ShapeChange
    let words: ShapeWords

    init(_ change: ShapeChange) {
        self.change = change
        words = change.words
    }

    private var table: String { "'\(change.table.name)'" }
    private var types: (old: String, new: String) {
        (change.olds.first?.column.type ?? "", change.news.first?.column.type ?? "")
    }
}

// MARK: - Gates

extension SyncWords {
    private static let attested =
        "Attest each application when its last instance of the release before is gone."

    private func release(_ needs: Release.Conduct) -> Action {
        .release(Release(needs: needs, acceptsHelper: false))
    }

    /// Where the shapes have names of their own, releases of both run side by side from the expand on.
    var newRelease: Step {
        Step(
            "every application reads and writes only \(words.new)",
            "From here a release may use \(words.new) as if \(words.old) had never been there: it reads and writes \(words.new), "
                + "and leaves \(words.old) out of every statement (no SELECT *, no INSERT without a list of columns). The "
                + "database fills \(words.old) in the same statement, and the other way round, so that instances of the release "
                + "before go on beside it, for as long as that takes. \(Self.attested)",
            release(.new),
            undo: [
                Step(
                    "every application reads and writes only \(words.old) again",
                    "\(words.old) has every value, also those that the new release has written: deploy the release before, and "
                        + "attest each application (as both: the old shape counts) when its last instance that knows "
                        + "\(words.new) is gone.", release(.both))
            ])
    }

    /// Where they share one name, every release must take both types before the one becomes the other.
    var eitherRelease: Step {
        Step(
            "every application takes \(change.oldNames.map { "'\($0)'" }.joined()) in either type",
            "In the next step it changes from \(types.old) to \(types.new) under the running releases, and by its name none of "
                + "them can tell. Release every application so that it reads it in either type and writes only values that are "
                + "the same in both. \(Self.attested) (As both: neither shape is left yet.)",
            release(.both))
    }

    /// And none may need the old type before values come that it cannot hold.
    var typedRelease: Step {
        Step(
            "no application needs \(types.old) for \(change.newNames) any more",
            "Behind this gate values may be written that only \(types.new) can hold. Until the contract has begun the database "
                + "still refuses them, for \(words.old) is kept under its hidden name, so that this can be undone without loss. "
                + "Release every application so that it reads whatever \(types.new) can be. \(Self.attested)",
            release(.new),
            undo: [
                Step(
                    "every application takes \(change.newNames) in either type again",
                    "In the next step it is of the type \(types.old) again. Attest each application (as both) when its last "
                        + "instance that takes only \(types.new) is gone.", release(.both))
            ])
    }
}

// MARK: - What the reader must know

extension SyncWords {
    var warnings: [String] {
        [general, insert] + varying + refusals + dialectWarnings
    }

    private var general: String {
        "The database itself keeps \(words.old) and \(words.new) in step (sync: trigger), in every INSERT and UPDATE of \(table), "
            + "by whoever it is; that makes each of them slower while the change is in flight. The applications declare nothing: "
            + "the change '\(change.id)' must not be in any double-write helper."
    }

    private var insert: String {
        "An INSERT says one shape by the columns that do not have their default. One that leaves everything out, or gives "
            + "every column just its default, is of the \(change.needsOldValue ? "new" : "old") shape. A statement that writes both shapes has to make them agree, or "
            + "it fails."
    }

    private var varying: [String] {
        change.olds.map(\.column).filter { SyncTrigger.Usual(of: $0, change.dialect) == .varying }.map {
            column in
            "The default of '\(column.name)' is another value each time, so that nobody can tell it from one that was given: an "
                + "INSERT that gives \(words.new) a value wins over it, and one that says NULL for \(words.new) gets what the "
                + "default gives."
        }
    }

    private var refusals: [String] {
        if change.isRename { return [] }
        guard change.isLossyDown else {
            return [
                "While the change is in flight a write fails whose value does not survive the way to the other shape and back: "
                    + "neither shape would be right."
            ]
        }
        return [
            "What does not survive the way between the shapes is lost (lossy_down): until \(words.new) is the truth in the "
                + "transition, of what is written to \(words.new); from there on, of what is written to \(words.old), and an undo "
                + "counts and shows the rows first and goes on only with --discard-data."
        ]
    }

    private var dialectWarnings: [String] {
        switch change.dialect {
        case .postgres:
            return [
                "Whatever switches the triggers of \(table) off (ALTER TABLE ... DISABLE TRIGGER, pg_restore --disable-triggers) "
                    + "switches this off as well. \"session_replication_role\" does not."
            ] + lateTriggers + stalePlans
        case .sqlite:
            return [
                "SQLite writes the other shape behind the statement: its RETURNING shows the row before that, an upsert's "
                    + "'excluded' does too, and triggers AFTER UPDATE of \(table) fire once more."
            ] + orFail
        }
    }

    /// Alone of all conflict clauses this one leaves the row written whose trigger has failed.
    private var orFail: [String] {
        let isDemanding = change.news.contains {
            $0.isUnique || $0.check != nil || $0.references != nil || !$0.column.isNullable
        }
        guard isDemanding, !change.isRename else { return [] }
        return [
            "A statement with OR FAIL whose row \(words.new) cannot hold (UNIQUE, CHECK, NOT NULL) fails and leaves the row "
                + "written in one shape only; the verification stops the migration then. Use another clause, or none."
        ]
    }

    /// What sessions have prepared against the column under its old type.
    private var stalePlans: [String] {
        guard change.keepsName else { return [] }
        return [
            "At the swap a statement that a session has prepared and that returns \(change.newNames) fails once with 'cached plan "
                + "must not change result type' (0A000): an application has to send it again, or reconnect."
        ]
    }

    /// Triggers fire in the order of their names, and ours has to be the last that may change the row.
    private var lateTriggers: [String] {
        let names = change.table.dependents.filter { $0.kind == .trigger }.map(\.name)
        let late = names.filter { name in
            let own = name.split(separator: ".").last.map(String.init) ?? name
            return "~bellows".utf8.lexicographicallyPrecedes(own.utf8)
        }
        return late.map {
            "The trigger '\($0)' fires behind the one that keeps the shapes in step: if it changes a column of either, they come "
                + "apart, and the verification stops the migration. Give it a name that sorts before '~bellows'."
        }
    }
}

extension ShapeChange {
    /// `'n'`.
    fileprivate var newNames: String { news.map { "'\($0.column.name)'" }.joined(separator: ", ") }
}
