import DoubleWrite

/// `change_type`, in PostgreSQL: in place where only the catalogue changes, otherwise by way of a second column.
extension PostgresPlanning {
    func plan(_ operation: ChangeType, into draft: inout OperationDraft) {
        if let table = context.schema[operation.table], let column = table.column(operation.column) {
            if let change = InPlaceType(operation, of: column, in: table, dialect) {
                return planInPlace(operation, change, of: column, into: &draft)
            }
            warnOfCopy(operation, of: column, in: table, into: &draft)
        }
        guard let change = context.shape(operation, into: &draft) else { return }
        checkSequence(of: change, into: &draft)
        plan(change, into: &draft)
    }

    /// Refuses a type that the sequence of an identity column cannot have, and tells of a sequence that stays small.
    private func checkSequence(of change: ShapeChange, into draft: inout OperationDraft) {
        guard let old = change.olds.first?.column, let new = change.news.first?.column else { return }
        guard let limits = ColumnSequence.limits(of: new.type) else {
            guard change.identity != nil else { return }
            return draft.refuse(
                "type",
                "'\(old.name)' is an identity column, which counts in smallint, integer or bigint; to make it "
                    + "\(new.type), take the identity from it first (sql: ALTER COLUMN ... DROP IDENTITY)")
        }
        guard let sequence = old.sequence else { return }
        let strays = sequence.retyped(as: new.type).strays.map { "\($0)" }
        if change.identity != nil, !strays.isEmpty {
            draft.refuse(
                "type",
                "the sequence '\(sequence.name)' of '\(old.name)' has limits that \(new.type) does not hold "
                    + "(\(strays.joined(separator: ", "))); set others first (ALTER SEQUENCE \(dialect.quote(sequence.name)))"
            )
        }
        let grows = ColumnSequence.limits(of: old.type).map { $0.upperBound < limits.upperBound } ?? false
        if old.ownedSequence == nil, grows, sequence.maximum < limits.upperBound {
            draft.warnings.append(
                "The numbers of '\(old.name)' come from the sequence '\(sequence.name)', which does not belong to the column "
                    + "and is left as it is: it ends at \(sequence.maximum). To have it count on: ALTER SEQUENCE "
                    + "\(dialect.quote(sequence.name)) AS \(new.type).")
        }
    }

    /// Says what keeps a change that could be made in place from it.
    private func warnOfCopy(
        _ operation: ChangeType, of column: Column, in table: Table, into draft: inout OperationDraft
    ) {
        guard let type = operation.type[dialect],
            let change = InPlaceType(from: SQLType(column.type, dialect), to: SQLType(type, dialect)),
            let reason = InPlaceType.holdsUp(
                column.name, in: table, keepingOperators: change.old.name == change.new.name)
        else { return }
        draft.warnings.append(
            "From \(column.type) to \(type) only the catalogue would have to change, but \(reason) while everyone waits: so "
                + "it is done by way of a second column. Drop that first and make it again afterwards to have it in place."
        )
    }

    private func planInPlace(
        _ operation: ChangeType, _ change: InPlaceType, of column: Column, into draft: inout OperationDraft
    ) {
        context.touch(operation.table, [column.name], into: &draft)
        guard let table = context.table(operation.table, into: &draft) else { return }
        refuseRowType(of: table, into: &draft)
        switch table.kind {
        case .ordinary, .partitioned, .inherited: break
        case .partition:
            draft.refuse(
                "table", "'\(table.name)' is a partition; change the column of the table it is a part of")
        case .foreign, .virtual:
            draft.refuse(
                "table", "'\(table.name)' is \(table.kind.words), whose columns are another server's")
        }
        for publication in table.publications {
            draft.warnings.append(
                "'\(table.name)' is in the publication '\(publication)': its subscribers stop at a value that their "
                    + "column has no room for. Change the type there first.")
        }
        warnOfFunctions(using: column.name, in: table, into: &draft)
        draft.add(.expand, "change-type", InPlaceTypeSteps(table: table, column: column, change: change).step)
    }
}

/// The step of a change of type in place, and its undo.
private struct InPlaceTypeSteps {
    let table: Table
    let column: Column
    let change: InPlaceType
    let dialect = Dialect.postgres

    private var quoted: String { dialect.quote(column.name) }
    private var alter: String { "ALTER TABLE \(dialect.quote(table.name)) ALTER COLUMN \(quoted) TYPE" }
    private var collation: String { column.collation.map { " COLLATE \($0)" } ?? "" }

    var step: Step {
        Step(
            "make '\(column.name)' \(change.new.text) in place",
            "\(change.reason) Indexes stay as they are. No application has to know of it: every release writes values that "
                + "have room, and need not declare the change in its double-write helper.",
            .statements(on: table.name, ["\(alter) \(change.new.text)\(collation)"]),
            lock: .accessExclusive(table.name), undo: [fits, narrow])
    }

    /// SQL that is true for a row whose value the old type cannot hold.
    private var violation: String {
        // The cast to the old type would cut texts off, and round numbers.
        "ROW(\(quoted))::record *<> ROW(CAST(CAST(\(quoted) AS \(column.type)) AS \(change.new.text)))::record"
    }

    private var fits: Step {
        Step(
            "count the values that have no room in \(column.type)",
            "Any row stops the rollback here. Make it fit first.",
            .verify(
                Verification(
                    table: table.name,
                    invariants: [
                        .init(name: "\(column.name) fits into \(column.type)", violation: violation)
                    ],
                    sampleColumns: table.primaryKey + [column.name])),
            lock: .accessShare(table.name), scans: true)
    }

    /// The server has written the default anew for the wider type.
    private var restoredDefault: [String] {
        column.defaultValue.map {
            ["ALTER TABLE \(dialect.quote(table.name)) ALTER COLUMN \(quoted) SET DEFAULT \($0)"]
        } ?? []
    }

    /// A value that came since the count must not be cut off in silence: the statement itself refuses it.
    private var narrow: Step {
        let words = dialect.literal("a value has no room in the old type any more")
        let refusal = "CAST(CAST(left(CAST(\(quoted) AS text), 0) || \(words) AS integer) AS text)"
        return Step(
            "make '\(column.name)' \(column.type) again",
            "The way back is not in place: every row is read, and written anew, while everyone waits. A value that does "
                + "not fit any more ends it, and nothing is changed then.",
            .statements(
                on: table.name,
                [
                    "\(alter) \(column.type)\(collation) USING CASE WHEN \(violation) "
                        + "THEN CAST(\(refusal) AS \(column.type)) ELSE CAST(\(quoted) AS \(column.type)) END"
                ] + restoredDefault),
            lock: .accessExclusive(table.name, "while the rows are written anew"), scans: true, rewrites: true
        )
    }
}
