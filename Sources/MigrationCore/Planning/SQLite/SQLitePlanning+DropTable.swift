import DoubleWrite

/// `drop_table`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: DropTable, into draft: inout OperationDraft) {
        guard let table = context.check(operation, into: &draft) else { return }
        if table.kind != .ordinary {
            draft.refuse(
                "table", "'\(table.name)' is \(table.kind.words); drop it by statements of your own (sql)")
        }
        for dependent in table.dependents where dependent.kind == .view {
            draft.refuse(
                "table",
                "the view '\(dependent.name)' uses '\(table.name)'; drop it first, or change it so that it does without"
            )
        }
        warnOfTriggers(of: table, into: &draft)
        var steps = DropTableSteps(
            table: table.name, dialect: dialect, lock: .reserved(),
            dropLock: .reserved("while its pages are freed"),
            goesAlong: table.indexes.map { "the index '\($0.name)'" })
        let releases = SQLiteReleases(of: table, retired: steps.retired, in: context.schema)
        steps.alsoRetires = releases.create
        steps.alsoReturns = releases.drop
        steps.beforeDrop = releases.drop
        if !releases.create.isEmpty {
            steps.reason =
                "SQLite cannot take its foreign keys from it, and they would keep rows of other tables from being deleted: "
                + "so a trigger on each of those deletes what still points at such a row, or follows its new key. Rows that "
                + "lose what they point at do not come back with a rollback."
        }
        steps.add(to: &draft)
    }

    /// SQLite's catalogue tells a trigger's text and not what it writes.
    private func warnOfTriggers(of table: Table, into draft: inout OperationDraft) {
        for dependent in table.dependents where dependent.kind == .trigger {
            draft.warnings.append(
                "The trigger '\(dependent.name)' mentions '\(table.name)'. If it is not the table's own, drop it first: it "
                    + "follows the table under its hidden name, and fails when that is dropped.")
        }
    }
}

/// Triggers by which a retired table lets go of the rows that it points at.
private struct SQLiteReleases {
    private let dialect = Dialect.sqlite
    private let retired: TableName
    private let keys: [(number: Int, key: ForeignKey)]

    init(of table: Table, retired: TableName, in schema: Schema) {
        self.retired = retired
        keys = table.foreignKeys.enumerated()
            .filter { !Dialect.sqlite.sameTable($0.element.target.table, table.name) }
            .map { number, key in
                var key = key
                if key.target.columns.isEmpty {
                    key.target.columns = schema[key.target.table]?.primaryKey ?? []
                }
                return (number + 1, key)
            }
            // What points at nothing holds nothing.
            .filter { !$0.1.target.columns.isEmpty }
    }

    /// Whoever has an action of its own (CASCADE, SET NULL) lets go by itself.
    var create: [String] {
        keys.flatMap { number, key in
            var sql: [String] = []
            if !key.target.onDelete.writes {
                sql.append(trigger(number, key, on: "DELETE", "DELETE FROM \(table)"))
            }
            if !key.target.onUpdate.writes {
                let list = zip(key.columns, key.target.columns).map {
                    "\(dialect.quote($0)) = NEW.\(dialect.quote($1))"
                }
                sql.append(
                    trigger(number, key, on: "UPDATE", "UPDATE \(table) SET \(list.joined(separator: ", "))"))
            }
            return sql
        }
    }

    var drop: [String] {
        keys.flatMap { number, key in
            (key.target.onDelete.writes ? [] : [name(number, "DELETE")])
                + (key.target.onUpdate.writes ? [] : [name(number, "UPDATE")])
        }.map { "DROP TRIGGER \(dialect.quote(TableName(schema: retired.schema, $0)))" }
    }

    private var table: String { dialect.quote(retired.name) }

    private func name(_ number: Int, _ event: String) -> String {
        "_bellows_let_go_\(number)_\(event.lowercased())_\(retired.name)"
    }

    private func trigger(_ number: Int, _ key: ForeignKey, on event: String, _ statement: String) -> String {
        let quoted = dialect.quote(TableName(schema: retired.schema, name(number, event)))
        let parents = key.target.columns
        let of = event == "UPDATE" ? " OF \(dialect.quote(parents))" : ""
        let same = zip(key.columns, parents).map { "\(dialect.quote($0)) = OLD.\(dialect.quote($1))" }
        return "CREATE TRIGGER \(quoted) BEFORE \(event)\(of) ON \(dialect.quote(key.target.table.name)) "
            + "BEGIN \(statement) WHERE \(same.joined(separator: " AND ")); END"
    }
}
