import DoubleWrite

/// The tables and the column of a move, found and fit for it.
struct MovedColumn {
    let operation: MoveColumn
    let source: Table
    let target: Table
    let column: Column
}

/// What every move of a column is checked for, whatever the dialect.
extension PlanningContext {
    /// Checks names, and how the rows of the two tables find each other. `nil` where something is not there.
    func check(_ operation: MoveColumn, into draft: inout OperationDraft) -> MovedColumn? {
        touch(operation, into: &draft)
        checkChange(operation.changeID, into: &draft)
        checkColumnName(operation.to, path: "to", into: &draft)
        if operation.isGuarded {
            draft.refuse(
                "guard",
                "a guard sees one table's rows only, and the helper writes '\(operation.table)' before '\(operation.toTable)', so "
                    + "that nothing tells its write from one of the old shape alone; leave 'guard' out: the counts before each "
                    + "flip find such a write")
        }
        if operation.join.isEmpty {
            draft.refuse(
                "join",
                "names no columns; say which of '\(operation.table)' are which of '\(operation.toTable)'")
        }
        let source = table(operation.table, into: &draft)
        let target = table(operation.toTable, path: "to_table", into: &draft)
        guard let source, let target else { return nil }
        guard dialect.normalized(source.name) != dialect.normalized(target.name) else {
            draft.refuse(
                "to_table",
                "'\(target.name)' is the table that the column is in; rename_column renames it there")
            return nil
        }
        checkFree(operation.to, in: target, path: "to", into: &draft)
        checkRetiredName(of: operation.column, in: source, path: "column", into: &draft)
        guard let column = column(operation.column, of: source, path: "column", into: &draft) else {
            return nil
        }
        let moved = MovedColumn(operation: operation, source: source, target: target, column: column)
        guard hasJoinColumns(moved, into: &draft) else { return nil }
        refuseJoin(moved, into: &draft)
        refuseColumn(moved, into: &draft)
        refuseOtherColumns(moved, into: &draft)
        return moved
    }

    private func touch(_ operation: MoveColumn, into draft: inout OperationDraft) {
        let source = dialect.normalized(operation.table)
        let target = dialect.normalized(operation.toTable)
        let old = [operation.column] + operation.join.map(\.source)
        let new = [operation.to] + operation.join.map(\.target)
        draft.touches += old.map { TouchedColumn(table: source, column: $0) }
        draft.touches += new.map { TouchedColumn(table: target, column: $0) }
    }

    private func hasJoinColumns(_ moved: MovedColumn, into draft: inout OperationDraft) -> Bool {
        var areThere = true
        for pair in moved.operation.join {
            let path = "join.\(pair.source)"
            if column(pair.source, of: moved.source, path: path, into: &draft) == nil { areThere = false }
            if column(pair.target, of: moved.target, path: path, into: &draft) == nil { areThere = false }
            if dialect.sameName(pair.source, moved.operation.column) {
                draft.refuse(
                    path, "'\(pair.source)' is the column that moves; rows are found by other columns")
                areThere = false
            }
        }
        return areThere
    }

    /// Every row of the target has exactly one row of the source, and each row of the source at most one of the target.
    private func refuseJoin(_ moved: MovedColumn, into draft: inout OperationDraft) {
        let (source, target) = (moved.source, moved.target)
        let (old, new) = (moved.operation.join.map(\.source), moved.operation.join.map(\.target))
        if !target.isUnique(over: new) {
            draft.refuse(
                "join",
                "\(Self.list(new)) of '\(target.name)' \(new.count == 1 ? "is" : "are") not unique, so a row of '\(source.name)' "
                    + "could have several rows there; add a UNIQUE constraint over just \(new.count == 1 ? "it" : "them") first"
            )
        }
        if !source.isUnique(over: old) {
            draft.refuse(
                "join",
                "\(Self.list(old)) of '\(source.name)' \(old.count == 1 ? "is" : "are") not unique, so a row of '\(target.name)' "
                    + "could have several rows there; add a UNIQUE constraint over just \(old.count == 1 ? "it" : "them") first"
            )
        }
        for name in new where target.column(name)?.isNullable == true && !target.neverHoldsNull(name, dialect)
        {
            draft.refuse(
                "join",
                "'\(name)' of '\(target.name)' may be NULL, and such a row would have no row of '\(source.name)' to keep its "
                    + "value in; make it NOT NULL first (set_not_null)")
        }
        refuseForeignKey(moved, into: &draft)
    }

    /// While the values are in the source, a row of the target needs one there: the database has to see to that.
    private func refuseForeignKey(_ moved: MovedColumn, into draft: inout OperationDraft) {
        let (source, target) = (moved.source, moved.target)
        let keys = target.foreignKeys.filter { key in
            let referenced = key.target.columns.isEmpty ? source.primaryKey : key.target.columns
            let pairs = Set(zip(referenced, key.columns).map { MoveColumn.Joined(source: $0, target: $1) })
            return dialect.normalized(key.target.table) == dialect.normalized(source.name)
                && pairs == Set(moved.operation.join)
        }
        guard let key = keys.first(where: { $0.holdsAtOnce }) ?? keys.first else {
            let columns = Self.list(moved.operation.join.map(\.target))
            draft.refuse(
                "join",
                "'\(target.name)' has no foreign key over \(columns) to '\(source.name)', so a row of it could have a value "
                    + "and no row there to keep it in until the move is finished; add it first (add_foreign_key)"
            )
            return
        }
        guard !key.holdsAtOnce else { return }
        let name = key.name.map { "'\($0)' " } ?? ""
        draft.refuse(
            "join",
            "the foreign key \(name)of '\(target.name)' must be validated, not deferrable, and neither SET NULL nor SET "
                + "DEFAULT, so that a row of '\(target.name)' has its row of '\(source.name)' at every moment; make it so first"
        )
    }

    private func refuseColumn(_ moved: MovedColumn, into draft: inout OperationDraft) {
        let (column, source) = (moved.column, moved.source)
        let name = column.name
        if source.primaryKey.contains(name) {
            draft.refuse(
                "column", "'\(name)' is in the primary key of '\(source.name)', by which its rows are known")
        }
        if column.generated != nil || column.identity != nil {
            draft.refuse(
                "column", "the database itself gives '\(name)' its values, and would do so in no other table")
        }
        if !column.isNullable {
            draft.refuse(
                "column",
                "'\(name)' is NOT NULL, and an application in the new shape inserts into '\(source.name)' without it; take that "
                    + "off first (drop_not_null)")
        }
        if column.defaultValue.map({ !SQLiteLiteral.isNull($0) }) ?? false {
            draft.refuse(
                "column",
                "'\(name)' has a default, which every row of '\(source.name)' would get that is inserted without it, whether or "
                    + "not it has a row in '\(moved.target.name)'; take it off first (drop_default)")
        }
        refuseReferences(
            to: name, of: source, path: "column", advice: "drop it first", into: &draft)
        let bearers =
            source.uniqueConstraints.filter { $0.columns.contains(name) }.map { ("UNIQUE", $0.name) }
            + source.checks.filter { $0.columns.contains(name) }.map { ("CHECK", $0.name) }
            + source.foreignKeys.filter { $0.columns.contains(name) }.map { ("foreign key", $0.name) }
        for (kind, constraint) in bearers {
            draft.refuse(
                "column",
                "the \(kind)\(constraint.map { " '\($0)'" } ?? "") of '\(source.name)' is on '\(name)' and does not move with "
                    + "it; drop it first, and give '\(moved.operation.to)' of '\(moved.target.name)' its own when the move is "
                    + "finished")
        }
        for index in source.indexes where index.columns.contains(name) {
            if index.isUnique {
                draft.refuse(
                    "column",
                    "the unique index '\(index.name)' is on '\(name)' and does not move with it; drop it first (drop_index), and "
                        + "give '\(moved.operation.to)' of '\(moved.target.name)' its own when the move is finished"
                )
            } else {
                draft.warnings.append(
                    "The index '\(index.name)' is on '\(name)' and goes with it. Create the one that '\(moved.operation.to)' of "
                        + "'\(moved.target.name)' needs before the transition (create_index).")
            }
        }
    }

    /// A row that only the source has is shown, and inserted, with NULL in the target's other columns.
    private func refuseOtherColumns(_ moved: MovedColumn, into draft: inout OperationDraft) {
        let joined = Set(moved.operation.join.map(\.target))
        for column in moved.target.columns where !joined.contains(column.name) {
            let hasDefault = column.defaultValue.map { !SQLiteLiteral.isNull($0) } ?? false
            guard !column.isNullable || hasDefault || column.generated != nil || column.identity != nil else {
                continue
            }
            draft.refuse(
                "to_table",
                "'\(column.name)' of '\(moved.target.name)' \(column.isNullable ? "has a value of its own" : "is NOT NULL"), and a row "
                    + "that only '\(moved.source.name)' has so far is shown with NULL there, and inserted so; let it be nullable "
                    + "and without a default while the column moves (drop_not_null, drop_default)")
        }
    }

    static func list(_ names: [String]) -> String {
        let quoted = names.map { "'\($0)'" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
        return quoted.dropLast().joined(separator: ", ") + " and " + last
    }
}

extension Table {
    /// Whether no two rows have the same values there, by something that an upsert can name.
    func isUnique(over columns: [String]) -> Bool {
        let wanted = Set(columns)
        return Set(primaryKey) == wanted
            || uniqueConstraints.contains { Set($0.columns) == wanted && $0.timing == nil }
            || indexes.contains { $0.isUnique && $0.isSimple && $0.isValid && $0.columns == wanted }
    }

    /// Whether a column that is not declared NOT NULL is so all the same: SQLite's `INTEGER PRIMARY KEY`, and any key of a
    /// table without rowid.
    fileprivate func neverHoldsNull(_ name: String, _ dialect: Dialect) -> Bool {
        switch dialect {
        case .postgres: false
        case .sqlite: primaryKey.contains(name) && (isWithoutRowID || sqliteKey == [name])
        }
    }
}

extension ForeignKey {
    /// Whether no row is without the one that it points at, at any moment.
    fileprivate var holdsAtOnce: Bool {
        let actions: Set<ReferentialAction> = [.noAction, .restrict, .cascade]
        return isValidated && actions.contains(target.onDelete) && actions.contains(target.onUpdate)
            && !(attributes?.contains("INITIALLY DEFERRED") ?? false)
            && !(attributes?.split(separator: " ").first == "DEFERRABLE")
    }
}
