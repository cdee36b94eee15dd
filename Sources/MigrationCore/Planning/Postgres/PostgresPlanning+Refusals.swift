import DoubleWrite

/// What keeps a column of a PostgreSQL table from being renamed, or dropped, while applications use it.
extension PostgresPlanning {
    /// Notes a problem where a copy's name for the time being is taken.
    func checkTemporaryNames(_ change: ShapeChange, into draft: inout OperationDraft) {
        let taken = Set(change.table.indexes.map(\.name) + change.table.constraintNames)
        let carried = PostgresConstraints(of: Set(change.oldNames), in: change.table)
        for name in carried.names.map(dialect.temporaryName) where taken.contains(name) {
            draft.refuse(
                draft.columnPath,
                "'\(change.table.name)' has an index or constraint '\(name)' already, which is the name that a copy bears while the "
                    + "change is in flight; drop it, or finish the migration that made it")
        }
    }

    func refuseCopy(_ change: ShapeChange, into draft: inout OperationDraft) {
        let table = change.table
        let path = draft.columnPath
        let advice = draft.otherWay
        refuseKind(of: change, advice: advice, into: &draft)
        refuseRows(of: change, into: &draft)
        refuseReplication(of: table, into: &draft)
        for column in change.olds.map(\.column) {
            let name = column.name
            if !change.movesKeys, table.primaryKey.contains(name) {
                draft.refuse(
                    path,
                    "'\(name)' is in the primary key of '\(table.name)', which cannot stand twice; \(advice)")
            }
            if !change.movesKeys, let identity = column.identity {
                draft.refuse(
                    path,
                    "'\(name)' is an identity column (\(identity)); a second one would count for itself; \(advice)"
                )
            }
            if column.generated != nil {
                draft.refuse(path, "'\(name)' is a generated column, which nobody can write; \(advice)")
            }
            if !change.movesKeys {
                context.refuseReferences(to: name, of: table, path: path, advice: advice, into: &draft)
            }
            refuseDependents(of: name, in: table, advice: advice, into: &draft)
        }
        if change.movesKeys { refuseStayingReferences(of: change, into: &draft) }
        refuseForeignKeys(of: change, into: &draft)
        refuseWhatStays(on: change, into: &draft)
    }

    /// Refuses what is on the old columns and of which nobody can say what it would be on the new ones.
    private func refuseWhatStays(on change: ShapeChange, into draft: inout OperationDraft) {
        let old = PostgresConstraints(of: Set(change.oldNames), in: change.table)
        let new = PostgresNewSide(change, old: old, context: context)
        let copied = Set(
            new.indexes.map(\.object.name)
                + (new.uniques.map(\.object.name) + new.checks.map(\.object.name)
                + new.foreignKeys.map(\.object.name)
                + new.movedKeys.map(\.original.name)
                + new.replacedChecks.map(\.name)).compactMap { $0 })
        let names =
            old.indexes.map { ("index", $0.name, $0.isUnique || change.inherits == .keys) }
            + old.uniques.map { ("UNIQUE constraint", $0.name ?? "", true) }
            + old.checks.map { ("CHECK", $0.name ?? "", true) }
            + old.foreignKeys.map { ("foreign key", $0.name ?? "", true) }
        for (kind, name, isNeeded) in names where !copied.contains(name) {
            guard isNeeded else {
                draft.warnings.append(
                    "The index '\(name)' is on \(change.words.old) and goes with it at the drop. Create what \(change.words.new) "
                        + "needs (create_index) before the transition.")
                continue
            }
            draft.refuse(
                draft.columnPath,
                "the \(kind) '\(name)' is on \(change.words.old), and what it would be on \(change.words.new) cannot be told "
                    + "from it; drop it first (\(kind == "index" ? "drop_index" : "drop_constraint")), and declare what the "
                    + "new columns need with them")
        }
    }

    /// Refuses what elsewhere uses the column and would go stale or stand in the way. Functions are warned of elsewhere.
    func refuseDependents(of name: String, in table: Table, advice: String, into draft: inout OperationDraft)
    {
        for dependent in table.dependents where dependent.mayUse(name) {
            switch dependent.kind {
            case .function, .foreignKey:
                continue
            case .trigger where dependent.columns.isEmpty:
                continue
            case .partitionKey:
                draft.refuse(
                    draft.columnPath,
                    "'\(name)' is in the partition key of '\(table.name)': a row is in the partition that its value names, and "
                        + "cannot be in that of another value as well; make a table that is partitioned by the new column "
                        + "and copy the rows there, or \(advice)")
            case .view, .materializedView, .generatedColumn, .trigger, .rule, .policy, .statistics,
                .exclusion, .replicaIdentity, .boundFunction, .partitionObject:
                draft.refuse(
                    draft.columnPath,
                    "the \(dependent.kind.rawValue) '\(dependent.name)' uses '\(name)'; drop it first and make it again "
                        + "afterwards, or \(advice)")
            }
        }
    }

    private func refuseKind(of change: ShapeChange, advice: String, into draft: inout OperationDraft) {
        let table = change.table
        switch table.kind {
        case .ordinary: break
        case .partitioned where change.lookup == nil: refusePartitions(of: change, into: &draft)
        case .partition:
            draft.refuse(
                "table", "'\(table.name)' is a partition; change the column of the table it is a part of")
        case .partitioned, .inherited:
            draft.refuse(
                "table",
                "'\(table.name)' is \(table.kind.words), and a second column beside the old one is so far filled only in "
                    + "ordinary tables; \(advice)")
        case .foreign, .virtual:
            draft.refuse(
                "table", "'\(table.name)' is \(table.kind.words), whose columns are another server's")
        }
    }

    /// Refuses tables that are copied elsewhere, or from elsewhere, by logical replication.
    func refuseReplication(of table: Table, into draft: inout OperationDraft) {
        for publication in table.publications {
            draft.refuse(
                "table",
                "'\(table.name)' is in the publication '\(publication)': its subscribers stop when a column of it has "
                    + "another name; take the table out of the publication while the change is made")
        }
        for subscription in table.subscriptions {
            draft.refuse(
                "table",
                "'\(table.name)' receives the subscription '\(subscription)', which writes the old column only; change "
                    + "the publishing database first, or take the table out of the subscription")
        }
    }

    private func refuseForeignKeys(of change: ShapeChange, into draft: inout OperationDraft) {
        let path = draft.columnPath
        let advice = draft.otherWay
        for column in change.olds.map(\.column) {
            let old = PostgresConstraints(of: column.name, in: change.table)
            for key in old.writingKeys where key.isMatchFull && key.columns.count > 1 {
                draft.refuse(
                    path,
                    "the foreign key '\(key.name ?? "")' is MATCH FULL and writes '\(column.name)': its copy would refuse "
                        + "every row that is not filled yet; \(advice)")
            }
            for key in old.foreignKeys where key.namesColumns {
                draft.refuse(
                    path,
                    "the foreign key '\(key.name ?? "")' writes only some of its columns (ON DELETE ... with a list), which "
                        + "cannot be said of a copy yet; \(advice)")
            }
            for key in old.writingKeys where key.setsDefault && (column.isDefaultVolatile || !change.isRename)
            {
                draft.refuse(
                    path,
                    "the foreign key '\(key.name ?? "")' sets '\(column.name)' to its default, and that is another value each "
                        + "time; \(advice)")
            }
        }
    }

    func warn(_ change: ShapeChange, into draft: inout OperationDraft) {
        if change.sync == .doubleWrite {
            draft.warnings +=
                change.isGuarded ? change.words.guardedWriters(.postgres) : [change.words.uncoveredWriters]
            if change.isLossyDown { draft.warnings.append(change.words.lossyUndo) }
            draft.warnings += change.words.lookup.map(change.words.cautions) ?? []
        }
        for name in change.oldNames {
            warnOfFunctions(using: name, in: change.table, into: &draft)
            warnOfExtras(of: name, in: change.table, into: &draft)
        }
        for trigger in change.table.dependents where trigger.kind == .trigger {
            draft.warnings.append(
                !trigger.columns.isEmpty
                    ? change.words.fires(trigger.name)
                    : "The trigger '\(trigger.name)' may fire for every row that the backfill writes, and what its function "
                        + "does with \(change.words.old) cannot be seen from here: look at it.")
        }
        for index in change.table.indexes
        where !index.isValid && !index.columns.isDisjoint(with: change.oldNames) {
            draft.warnings.append(
                "The index '\(index.name)' is the leftover of an interrupted build and is not carried over; drop it."
            )
        }
    }

    func warnOfFunctions(using column: String, in table: Table, into draft: inout OperationDraft) {
        for dependent in table.dependents where dependent.kind == .function && dependent.mayUse(column) {
            draft.warnings.append(
                "The function '\(dependent.name)' seems to mention '\(column)' of '\(table.name)'. Functions' bodies are "
                    + "text to the database: nothing changes in them, and they fail once the name is gone.")
        }
    }
}

extension ForeignKey {
    /// Whether its action lists the columns that it writes, as PostgreSQL 15 allows.
    fileprivate var namesColumns: Bool { attributes?.contains("ON DELETE") ?? false }

    fileprivate var setsDefault: Bool { target.onDelete == .setDefault || target.onUpdate == .setDefault }
}

extension Table {
    fileprivate var constraintNames: [String] {
        (uniqueConstraints.map(\.name) + checks.map(\.name) + foreignKeys.map(\.name)).compactMap { $0 }
    }
}

extension Table.Kind {
    /// The kind with its article.
    var words: String {
        switch self {
        case .ordinary: "an ordinary table"
        case .partitioned: "a partitioned table"
        case .partition: "a partition"
        case .inherited: "part of an inheritance tree"
        case .foreign: "a foreign table"
        case .virtual: "a virtual table"
        }
    }
}
