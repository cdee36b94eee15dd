import DoubleWrite

/// `rename_table`, in SQLite: a view of the old name, whose triggers write through to the table.
///
/// `ALTER TABLE ... RENAME` follows the table's name in views, triggers and foreign keys by itself
/// (<https://www.sqlite.org/lang_altertable.html#altertabrename>).
extension SQLitePlanning {
    func plan(_ operation: RenameTable, into draft: inout OperationDraft) {
        guard let (table, new) = context.check(operation, into: &draft) else { return }
        guard table.kind == .ordinary else {
            draft.refuse(
                "table", "'\(table.name)' is \(table.kind.words); rename it by statements of your own (sql)")
            return
        }
        if table.primaryKey.isEmpty {
            draft.refuse(
                "table",
                "'\(table.name)' has no primary key, by which a write under the old name would find its row; give it one "
                    + "first (add_primary_key)")
        }
        RenameTableSteps(
            table: table.name, new: new, dialect: dialect, lock: .reserved(),
            createView: SQLiteNameView(of: table, under: new).statements, limits: limits(table)
        ).add(to: &draft)
    }

    private func limits(_ table: Table) -> String {
        let open = table.columns.filter {
            $0.isNullable && $0.hasDefault && !table.primaryKey.contains($0.name)
        }
        let omitted =
            open.isEmpty
            ? ""
            : " An INSERT there must give \(open.map(\.name).words) a value: a view cannot tell one that is left out from "
                + "NULL, so such a row is refused."
        return
            "Under the old name '\(table.name)' SQLite reads and writes through a view: upserts (ON CONFLICT DO UPDATE) "
            + "fail there, and an application sees 0 changed rows (changes()), no new row's number (last_insert_rowid()) "
            + "and in RETURNING only what it wrote itself. Releases that rely on one of these must know the new name "
            + "before the expand.\(omitted)"
    }
}

/// A view with a table's old name, which can be written.
private struct SQLiteNameView {
    let table: Table
    let new: TableName
    private let dialect = Dialect.sqlite

    init(of table: Table, under new: TableName) {
        self.table = table
        self.new = new
    }

    var statements: [String] {
        ["CREATE VIEW \(quoted(table.name.name)) AS \(select)", insert, update, delete]
    }

    private var target: String { dialect.quote(new.name) }
    private var written: [Column] { table.columns.filter { $0.generated == nil } }

    private var select: String {
        "SELECT \(dialect.quote(table.columns.map(\.name))) FROM \(dialect.quote(new.name))"
    }

    private func quoted(_ name: String) -> String {
        dialect.quote(TableName(schema: table.name.schema, name))
    }

    private func trigger(_ event: String, _ body: String) -> String {
        let name = quoted("_bellows_\(event.lowercased())_\(table.name.name)")
        return
            "CREATE TRIGGER \(name) INSTEAD OF \(event) ON \(dialect.quote(table.name.name)) BEGIN \(body); END"
    }

    /// A value that is left out and NULL look alike here. Where NULL may not be, the default is what is meant; where both
    /// may be, nobody can tell.
    private var insert: String {
        let names = written.map(\.name)
        let values = written.map { column in
            let value = "NEW.\(dialect.quote(column.name))"
            guard let text = column.defaultValue, !column.isNullable else { return value }
            return "coalesce(\(value), \(text.parenthesized))"
        }
        let open = written.filter { $0.isNullable && $0.hasDefault && !table.primaryKey.contains($0.name) }
        let guards = open.map { column in
            let message =
                "a row of '\(table.name.name)' under its old name needs a value for '\(column.name)': "
                + "one that is left out cannot be told from NULL there"
            return
                "SELECT RAISE(ABORT, \(dialect.literal(message))) WHERE NEW.\(dialect.quote(column.name)) IS NULL; "
        }
        return trigger(
            "INSERT",
            guards.joined()
                + "INSERT INTO \(target) (\(dialect.quote(names))) VALUES (\(values.joined(separator: ", ")))"
        )
    }

    private var update: String {
        let list = written.map { "\(dialect.quote($0.name)) = NEW.\(dialect.quote($0.name))" }
        return trigger("UPDATE", "UPDATE \(target) SET \(list.joined(separator: ", ")) WHERE \(row)")
    }

    private var delete: String { trigger("DELETE", "DELETE FROM \(target) WHERE \(row)") }

    private var row: String {
        table.primaryKey.map { "\(dialect.quote($0)) IS OLD.\(dialect.quote($0))" }.joined(separator: " AND ")
    }
}

extension Column {
    /// Whether a row without a value gets another one than NULL.
    fileprivate var hasDefault: Bool { defaultValue.map { !SQLiteLiteral.isNull($0) } ?? false }
}
