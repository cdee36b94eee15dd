import DoubleWrite

/// What is different where a table's rows are in partitions.
///
/// Columns, CHECKs (also NOT VALID, and their validation), NOT NULL, names and triggers of the table are those of its
/// partitions, sub-partitions and later ones included, by the one statement on the table. An index cannot be built
/// concurrently on all of them at once, and of such an index no constraint can be made; a foreign key cannot be NOT VALID
/// (<https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE>).
enum PostgresPartitions {
    static let buildExplanation =
        "The table is partitioned: the index is announced on it for the partitions that come, then built on each partition "
        + "that is there, one after the other, and attached; it counts when the last one is."

    /// The step that drops an index of a partitioned table.
    static func drop(_ name: String, of table: TableName) -> Step {
        let quoted = Dialect.postgres.quote(TableName(schema: table.schema, name))
        return Step(
            "drop the index '\(name)' of '\(table)'",
            "It goes from every partition in one short transaction: PostgreSQL cannot drop it concurrently.",
            .dropIndex(
                IndexDrop(
                    table: table, name: name, statement: "DROP INDEX IF EXISTS \(quoted)", isPartitioned: true
                )),
            lock: .accessExclusive(table))
    }
}

extension PostgresPlanning {
    /// A unique index holds for each partition by itself, so for the table only if rows with the same keys are always in
    /// the same partition.
    func refuseUnique(_ operation: CreateIndex, on table: Table, into draft: inout OperationDraft) {
        guard operation.isUnique else { return }
        let keys = operation.keys.compactMap { key in
            if case .column(let name) = key.content { name } else { nil }
        }
        let needed = table.dependents.filter { $0.kind == .partitionKey }.flatMap(\.columns).sorted()
        let missing = needed.filter { !keys.contains($0) }
        guard !missing.isEmpty else { return }
        let names = missing.map { "'\($0)'" }.joined(separator: ", ")
        draft.refuse(
            "columns",
            "'\(table.name)' is partitioned, and each partition knows only its own rows: a unique index must have the columns of "
                + "the partition key among its own; add \(names)")
    }

    /// Refuses what a second column of a partitioned table cannot have beside writers.
    func refusePartitions(of change: ShapeChange, into draft: inout OperationDraft) {
        let table = change.table
        let old = PostgresConstraints(of: Set(change.oldNames), in: table)
        let path = draft.columnPath
        func refuse(_ what: String, _ why: String) {
            draft.refuse(
                path,
                "'\(table.name)' is a partitioned table, and \(what) cannot be made again beside writers on another column of "
                    + "it: \(why); \(draft.otherWay)")
        }
        let noIndex = "PostgreSQL makes no constraint of an index on a partitioned table"
        for unique in old.uniques {
            refuse(
                "the UNIQUE constraint '\(unique.name ?? "")'", noIndex + "; drop it first (drop_constraint)")
        }
        if change.movesKeys, change.oldNames.contains(where: table.primaryKey.contains) {
            refuse("its primary key", noIndex)
        }
        let noKey = "PostgreSQL has no foreign key of a partitioned table that is NOT VALID"
        for key in old.foreignKeys {
            refuse("the foreign key '\(key.name ?? "")'", noKey + "; drop it first (drop_constraint)")
        }
        for new in change.news {
            if new.isUnique { refuse("UNIQUE of '\(new.column.name)'", noIndex) }
            if new.references != nil { refuse("the reference of '\(new.column.name)'", noKey) }
        }
        if change.identity != nil {
            refuse("the identity of its column", "its partitions take the numbers from the table's sequence")
        }
    }
}
