public import DoubleWrite

/// One file of `migrations/`: a name (the file's stem, by which files sort), and what it declares.
public struct Migration: Sendable, Hashable, Codable {
    /// The file's stem.
    public var name: String
    /// What the file says it is for.
    public var description: String?
    /// What it declares, in its order.
    public var operations: [Operation]

    /// A migration of its parts.
    public init(name: String, description: String? = nil, operations: [Operation]) {
        self.name = name
        self.description = description
        self.operations = operations
    }
}

/// One declared change. Everything else is derived from it.
public enum Operation: Sendable, Hashable, Codable {
    case createTable(CreateTable)
    case addColumn(AddColumn)
    case dropColumn(DropColumn)
    case renameColumn(RenameColumn)
    case createIndex(CreateIndex)
    case dropIndex(DropIndex)
    case sql(RawSQL)
}

extension Operation {
    /// The operation's name in a migration file.
    public var keyword: String {
        switch self {
        case .createTable: "create_table"
        case .addColumn: "add_column"
        case .dropColumn: "drop_column"
        case .renameColumn: "rename_column"
        case .createIndex: "create_index"
        case .dropIndex: "drop_index"
        case .sql: "sql"
        }
    }
}

extension Operation {
    /// The table that the operation is on; `nil` for SQL of one's own.
    public var table: TableName? {
        switch self {
        case .createTable(let operation): operation.table
        case .addColumn(let operation): operation.table
        case .dropColumn(let operation): operation.table
        case .renameColumn(let operation): operation.table
        case .createIndex(let operation): operation.table
        case .dropIndex(let operation): operation.table
        case .sql: nil
        }
    }

    /// The change that applications declare as well, for operations that have one.
    public var change: ChangeID? {
        switch self {
        case .renameColumn(let rename): rename.changeID
        case .createTable, .addColumn, .dropColumn, .createIndex, .dropIndex, .sql: nil
        }
    }
}

/// A piece of SQL or a type, the same for every dialect or one each.
public struct PerDialect: Sendable, Hashable, Codable {
    /// The text for PostgreSQL.
    public var postgres: String?
    /// The text for SQLite.
    public var sqlite: String?

    /// The same text for every dialect.
    public init(_ text: String) {
        postgres = text
        sqlite = text
    }

    /// A text for each dialect, or none.
    public init(postgres: String?, sqlite: String?) {
        self.postgres = postgres
        self.sqlite = sqlite
    }

    /// The text for one dialect; `nil` where the file gives none for it.
    public subscript(dialect: Dialect) -> String? {
        switch dialect {
        case .postgres: postgres
        case .sqlite: sqlite
        }
    }
}

extension PerDialect: ExpressibleByStringLiteral {
    /// The same text for every dialect.
    public init(stringLiteral value: String) { self.init(value) }
}
