import DoubleWrite

/// What operations on constraints are checked for, whatever the dialect.
extension PlanningContext {
    /// The columns of these names, or noted problems; touches them.
    func columns(
        _ names: [String], of table: Table, path: String, into draft: inout OperationDraft
    ) -> [Column]? {
        let found = names.enumerated().map { number, name in
            column(name, of: table, path: "\(path)[\(number)]", into: &draft)
        }
        if Set(names).count < names.count { draft.refuse(path, "a column stands in the list twice") }
        if names.isEmpty { draft.refuse(path, "name at least one column") }
        let all = found.compactMap { $0 }
        return all.count == names.count && !names.isEmpty ? all : nil
    }

    /// Notes a problem where a new constraint's name cannot be used or is taken.
    func checkFreeConstraint(
        _ name: String, in table: Table, path: String, into draft: inout OperationDraft
    ) {
        checkName(name, path: path, into: &draft)
        guard table.allConstraintNames.contains(where: { dialect.sameName($0, name) }) else { return }
        draft.refuse(path, "'\(table.name)' has a constraint '\(name)' already; choose another name")
    }

    /// Where a foreign key points, or noted problems: a table, and columns of it that are unique together.
    func target(
        of key: AddForeignKey, from own: Table, into draft: inout OperationDraft
    ) -> (table: Table, columns: [String])? {
        guard let table = table(key.target.table, path: "references.table", into: &draft) else { return nil }
        let columns = key.target.columns.isEmpty ? table.primaryKey : key.target.columns
        guard !columns.isEmpty else {
            draft.refuse("references", "'\(table.name)' has no primary key to point at; name the columns")
            return nil
        }
        guard self.columns(columns, of: table, path: "references.columns", into: &draft) != nil else {
            return nil
        }
        guard columns.count == key.columns.count else {
            draft.refuse(
                "columns",
                "\(key.columns.count) columns cannot point at \(columns.count) of '\(table.name)'; name as many of each"
            )
            return nil
        }
        guard table.isUnique(columns) else {
            let list = columns.map { "'\($0)'" }.joined(separator: ", ")
            draft.refuse(
                "references.columns",
                "\(list) of '\(table.name)' \(columns.count == 1 ? "is" : "are") not unique, so nothing can point there; "
                    + "add_unique makes it so, in an earlier migration")
            return nil
        }
        refuseActions(of: key, from: own, into: &draft)
        return (table, columns)
    }

    private func refuseActions(of key: AddForeignKey, from own: Table, into draft: inout OperationDraft) {
        let actions = [("on_delete", key.target.onDelete), ("on_update", key.target.onUpdate)]
        for (path, action) in actions where action == .setNull {
            for column in key.columns.compactMap(own.column) where !column.isNullable {
                draft.refuse(
                    "references.\(path)",
                    "'\(column.name)' is NOT NULL, so setting it to NULL would fail; choose another action, or let it "
                        + "hold NULL first (drop_not_null)")
            }
        }
    }

    /// The foreign keys that may rely on these columns being unique, in words, each once.
    func references(toUnique columns: [String], of table: Table) -> [String] {
        var found: [String] = []
        for other in schema.tables {
            for key in other.foreignKeys
            where dialect.normalized(key.target.table) == dialect.normalized(table.name) {
                let referenced = key.target.columns.isEmpty ? table.primaryKey : key.target.columns
                guard Set(referenced) == Set(columns) else { continue }
                found.append("\(key.name.map { "'\($0)' " } ?? "")of '\(other.name)'")
            }
        }
        return found
    }

    /// Refuses to take a unique index that a foreign key needs: without it, each write of the rows that point there
    /// fails (SQLite), or the database does not let it go (PostgreSQL).
    func refuseServed(_ index: Index, of table: Table, path: String, into draft: inout OperationDraft) {
        guard index.isUnique, index.isSimple else { return }
        let columns = index.keyColumns
        var rest = table
        rest.indexes.removeAll { $0.name == index.name }
        let needing =
            index.servedKeys ?? (rest.isUnique(columns) ? [] : references(toUnique: columns, of: table))
        for key in needing {
            draft.refuse(
                path,
                "the foreign key \(key) needs \(columns.words) of '\(table.name)' to be unique; drop it first"
            )
        }
    }
}

extension Table {
    /// The names of all its constraints, as far as they have any.
    var allConstraintNames: [String] {
        [primaryKeyName].compactMap(\.self) + uniqueConstraints.compactMap(\.name)
            + checks.compactMap(\.name) + foreignKeys.compactMap(\.name)
    }

    /// Whether these columns together, in any order, are known to be unique: what a foreign key can point at.
    func isUnique(_ columns: [String]) -> Bool {
        let wanted = Set(columns)
        return Set(primaryKey) == wanted || uniqueConstraints.contains { Set($0.columns) == wanted }
            || indexes.contains { $0.isUnique && $0.isSimple && $0.isValid && Set($0.keyColumns) == wanted }
    }

    /// Whether an index of some kind begins with these columns, in any order.
    func hasIndex(on columns: [String]) -> Bool {
        let wanted = Set(columns)
        let keys = [primaryKey] + uniqueConstraints.map(\.columns)
        return keys.contains { Set($0.prefix(wanted.count)) == wanted }
            || indexes.contains { $0.isSimple && Set($0.keyColumns.prefix(wanted.count)) == wanted }
    }
}

extension Index {
    /// The columns among its keys, in their order: those that stand before its first list ends.
    var keyColumns: [String] {
        let keys = definition.segments.prefix { segment in
            if case .text(let text) = segment { !text.contains(")") } else { true }
        }
        return keys.compactMap { segment in
            if case .column(let name) = segment { name } else { nil }
        }
    }
}
