import DoubleWrite

/// What keeps a column of a PostgreSQL table from being renamed, or dropped, while applications use it.
extension PostgresPlanning {
    func checkNames(_ operation: RenameColumn, in table: Table, into draft: inout OperationDraft) {
        context.checkNames(operation, in: table, into: &draft)
        guard operation.strategy == .copy else { return }
        let taken = Set(table.indexes.map(\.name) + table.constraintNames)
        let carried = PostgresConstraints(of: operation.from, in: table)
        let names = carried.indexes.map(\.name) + carried.constraintNames
        for name in names.map(dialect.temporaryName) where taken.contains(name) {
            draft.refuse(
                "from",
                "'\(table.name)' has an index or constraint '\(name)' already, which is the name that a copy bears while the "
                    + "change is in flight; drop it, or finish the migration that made it")
        }
    }

    func refuseCopy(
        _ operation: RenameColumn, of column: Column, in table: Table, into draft: inout OperationDraft
    ) {
        let name = column.name
        let inPlace = PlanningContext.inPlace
        refuseKind(of: table, advice: inPlace, into: &draft)
        refuseRows(of: operation, in: table, into: &draft)
        refuseReplication(of: table, into: &draft)
        if table.primaryKey.contains(name) {
            draft.refuse(
                "from",
                "'\(name)' is in the primary key of '\(table.name)', which cannot stand twice; \(inPlace)")
        }
        if let identity = column.identity {
            draft.refuse(
                "from",
                "'\(name)' is an identity column (\(identity)); a second one would count for itself; \(inPlace)"
            )
        }
        if column.generated != nil {
            draft.refuse("from", "'\(name)' is a generated column, which nobody can write; \(inPlace)")
        }
        context.refuseReferences(to: name, of: table, path: "from", advice: inPlace, into: &draft)
        refuseDependents(of: name, in: table, advice: inPlace, into: &draft)
        refuseForeignKeys(of: column, in: table, into: &draft)
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
            case .view, .materializedView, .generatedColumn, .trigger, .rule, .policy, .statistics,
                .exclusion,
                .partitionKey, .replicaIdentity:
                draft.refuse(
                    draft.columnPath,
                    "the \(dependent.kind.rawValue) '\(dependent.name)' uses '\(name)'; drop it first and make it again "
                        + "afterwards, or \(advice)")
            }
        }
    }

    private func refuseKind(of table: Table, advice: String, into draft: inout OperationDraft) {
        switch table.kind {
        case .ordinary: break
        case .partitioned, .partition, .inherited:
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

    private func refuseForeignKeys(of column: Column, in table: Table, into draft: inout OperationDraft) {
        let keys = PostgresConstraints(of: column.name, in: table).writingKeys
        for key in keys where key.isMatchFull && key.columns.count > 1 {
            draft.refuse(
                "from",
                "the foreign key '\(key.name ?? "")' is MATCH FULL and writes '\(column.name)': its copy would refuse "
                    + "every row that is not filled yet; \(PlanningContext.inPlace)")
        }
        for key in PostgresConstraints(of: column.name, in: table).foreignKeys where key.namesColumns {
            draft.refuse(
                "from",
                "the foreign key '\(key.name ?? "")' writes only some of its columns (ON DELETE ... with a list), which "
                    + "cannot be said of a copy yet; \(PlanningContext.inPlace)")
        }
        for key in keys where key.setsDefault && column.isDefaultVolatile {
            draft.refuse(
                "from",
                "the foreign key '\(key.name ?? "")' sets '\(column.name)' to its default, and that is another value each "
                    + "time; \(PlanningContext.inPlace)")
        }
    }

    func warn(_ operation: RenameColumn, in table: Table, into draft: inout OperationDraft) {
        draft.warnings.append(RenameWords(operation).uncoveredWriters)
        warnOfFunctions(using: operation.from, in: table, into: &draft)
        warnOfExtras(of: operation.from, in: table, into: &draft)
        for dependent in table.dependents where dependent.kind == .trigger && dependent.columns.isEmpty {
            draft.warnings.append(
                "The trigger '\(dependent.name)' may fire for every row that the backfill writes, and what its function "
                    + "does with '\(operation.from)' cannot be seen from here: look at it.")
        }
        for index in table.indexes where !index.isValid && index.columns.contains(operation.from) {
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

extension OperationDraft {
    /// The key under which the operation names the column it is about.
    var columnPath: String { keyword == "rename_column" ? "from" : "column" }
}

extension ForeignKey {
    /// Whether its action lists the columns that it writes, as PostgreSQL 15 allows.
    fileprivate var namesColumns: Bool { attributes?.contains("ON DELETE") ?? false }

    fileprivate var setsDefault: Bool { target.onDelete == .setDefault || target.onUpdate == .setDefault }
}

extension PostgresConstraints {
    fileprivate var constraintNames: [String] {
        (uniques.map(\.name) + checks.map(\.name) + foreignKeys.map(\.name)).compactMap { $0 }
    }
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
