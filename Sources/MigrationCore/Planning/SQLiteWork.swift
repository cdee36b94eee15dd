public import DoubleWrite

/// What the engine does on SQLite beyond running statements: the table's stored text is written anew, or the table itself
/// beside its writers.
public enum SQLiteWork: Sendable, Hashable, Codable {
    /// Put another text in the place of the table's stored one, in one transaction; no row is written.
    case edit(DefinitionEdit)
    /// Copy the table's rows to its shadow, in batches.
    case copy(RowCopy)
    /// Compare the table with its shadow both ways, in batches, and from then on remember which keys are written.
    case compare(RowCopy)
    /// Put the shadow in the table's place.
    case swap(TableSwap)
    /// Delete the rows of the table that was, in batches.
    case empty(RetiredRows)

    /// The table that it is about.
    public var table: TableName {
        switch self {
        case .edit(let edit): edit.table
        case .copy(let copy), .compare(let copy): copy.table
        case .swap(let swap): swap.rows.table
        case .empty(let rows): rows.table
        }
    }
}

/// Another stored text for a table whose rows stay as they are
/// (<https://www.sqlite.org/lang_altertable.html#otheralter>).
public struct DefinitionEdit: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// What changes. The engine makes these edits in the text that it finds.
    public var edits: [TableEdit]
    /// The whole text, as the plan foresees it: written where it says just what the edits lead to, so that an undo brings
    /// back the user's own text with its comments.
    public var text: String
    /// What must be true of every row, counted in the same transaction; the edit waits for it otherwise.
    public var verification: Verification?
    /// The column whose default changes, where one does: rows from before the column was added do not hold its value, and
    /// SQLite reads the default of the day in its place.
    public var defaultColumn: String?
    /// How the rows are addressed.
    public var key: [String]

    /// An edit of its parts.
    public init(
        table: TableName, edits: [TableEdit], text: String, verification: Verification? = nil,
        defaultColumn: String? = nil, key: [String] = []
    ) {
        self.table = table
        self.edits = edits
        self.text = text
        self.verification = verification
        self.defaultColumn = defaultColumn
        self.key = key
    }
}

/// A table and its shadow, which triggers keep like it.
public struct RowCopy: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The shadow's name.
    public var shadow: String
    /// The table of the keys that were written since the rows were compared.
    public var written: String
    /// The table of the keys of rows whose address (rowid) a statement gives to another row; `nil` where the key is the address,
    /// or rows have none.
    public var replaced: String?
    /// The columns by which a row is found in all of them.
    public var key: [String]
    /// The columns that are copied: all but the generated ones.
    public var columns: [String]

    /// A copy of its parts.
    public init(
        table: TableName, shadow: String, written: String, replaced: String? = nil, key: [String],
        columns: [String]
    ) {
        self.table = table
        self.shadow = shadow
        self.written = written
        self.replaced = replaced
        self.key = key
        self.columns = columns
    }
}

/// A table that was exchanged for its shadow, and that nobody uses any more.
public struct RetiredRows: Sendable, Hashable, Codable {
    /// The table in whose place it was.
    public var table: TableName
    /// The name it has now.
    public var retired: String
    /// How its rows are addressed.
    public var key: [String]

    /// Rows of their parts.
    public init(table: TableName, retired: String, key: [String]) {
        self.table = table
        self.retired = retired
        self.key = key
    }

    /// Deletes a range of them.
    public func deletion(_ range: String) -> String {
        "DELETE FROM \(Dialect.sqlite.quote(retired)) WHERE \(range)"
    }
}

/// The exchange of a table for its shadow.
public struct TableSwap: Sendable, Hashable, Codable {
    /// An index of the table, of the shadow, or of both.
    public struct IndexNames: Sendable, Hashable, Codable {
        /// The index's name.
        public var name: String
        /// Its text, where the table has none to take it from.
        public var sql: String
        /// The copy's name until the swap; `nil` where the shadow has none.
        public var shadow: String?
        /// The name that the old one gets; `nil` where the table has none.
        public var retired: String?
        /// The old one's text under that name and on the retired table.
        public var retiredSQL: String

        /// Names of an index.
        public init(name: String, sql: String, shadow: String?, retired: String?, retiredSQL: String) {
            self.name = name
            self.sql = sql
            self.shadow = shadow
            self.retired = retired
            self.retiredSQL = retiredSQL
        }
    }

    /// The table, its shadow, and the keys that were written.
    public var rows: RowCopy
    /// What the table's definition must still say.
    public var before: SQLiteDefinition
    /// The stored text that the table gets. The shadow has its keys and types, and nothing that could refuse a row.
    public var text: String
    /// The name that the old table gets.
    public var retired: String
    /// The old table's text under that name, without its foreign keys.
    public var retiredText: String
    /// The indexes.
    public var indexes: [IndexNames]

    /// A swap of its parts.
    public init(
        rows: RowCopy, before: SQLiteDefinition, text: String, retired: String, retiredText: String,
        indexes: [IndexNames]
    ) {
        self.rows = rows
        self.before = before
        self.text = text
        self.retired = retired
        self.retiredText = retiredText
        self.indexes = indexes
    }
}

extension SQLiteWork {
    /// Whether it runs in one transaction with its own record.
    var isAtomic: Bool {
        switch self {
        case .edit, .swap: true
        case .copy, .compare, .empty: false
        }
    }

    /// What kind of step it is.
    var kind: Step.Kind {
        switch self {
        case .edit, .swap: .schema
        case .copy, .empty: .backfill
        case .compare: .verify
        }
    }

    /// What it runs, as text for people.
    var sql: [String] {
        switch self {
        case .edit(let edit):
            (edit.verification.map { [$0.countStatement(.sqlite)] } ?? [])
                + Self.writing([Self.replacement(of: edit.table.name, by: edit.text)])
        case .copy(let copy): [copy.exampleStatement]
        case .compare(let copy): [copy.differences(in: nil)]
        case .swap(let swap): swap.sql
        case .empty(let rows): [rows.exampleStatement]
        }
    }

    /// The frame in which stored texts are written: as <https://www.sqlite.org/pragma.html#pragma_writable_schema> asks.
    static func writing(_ statements: [String]) -> [String] {
        ["PRAGMA writable_schema = ON"] + statements + ["PRAGMA writable_schema = RESET"]
    }

    static func replacement(of table: String, by text: String) -> String {
        let dialect = Dialect.sqlite
        return "UPDATE main.sqlite_schema SET sql = \(dialect.literal(text)) "
            + "WHERE type = 'table' AND name = \(dialect.literal(table))"
    }
}

extension TableSwap {
    fileprivate var sql: [String] {
        let dialect = Dialect.sqlite
        let table = rows.table.name
        func rename(_ old: String, _ new: String) -> String {
            "ALTER TABLE \(dialect.quote(old)) RENAME TO \(dialect.quote(new))"
        }
        let renames = ["PRAGMA legacy_alter_table = ON", rename(table, retired), rename(rows.shadow, table)]
        let texts = [
            SQLiteWork.replacement(of: retired, by: retiredText), SQLiteWork.replacement(of: table, by: text),
        ]
        return ["PRAGMA foreign_keys = OFF", rows.differencesAmongWritten]
            + renames + ["PRAGMA legacy_alter_table = OFF"] + SQLiteWork.writing(texts)
            + ["PRAGMA foreign_keys = ON"]
    }
}
