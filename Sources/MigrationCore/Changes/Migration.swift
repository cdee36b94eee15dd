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
    case dropTable(DropTable)
    case renameTable(RenameTable)
    case changeType(ChangeType)
    case changeColumn(ChangeColumn)
    case splitColumn(SplitColumn)
    case mergeColumns(MergeColumns)
    case moveColumn(MoveColumn)
    case extractTable(ExtractTable)
    case setNotNull(SetNotNull)
    case dropNotNull(DropNotNull)
    case setDefault(SetDefault)
    case dropDefault(DropDefault)
    case setComment(SetComment)
    case addCheck(AddCheck)
    case addForeignKey(AddForeignKey)
    case addUnique(AddUnique)
    case addPrimaryKey(AddPrimaryKey)
    case dropConstraint(DropConstraint)
    case renameConstraint(RenameConstraint)
    case replaceIndex(ReplaceIndex)
    case createEnum(CreateEnum)
    case addEnumValue(AddEnumValue)
    case dropEnum(DropEnum)
    case setReplicaIdentity(SetReplicaIdentity)
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
        case .dropTable: "drop_table"
        case .renameTable: "rename_table"
        case .changeType: "change_type"
        case .changeColumn: "change_column"
        case .splitColumn: "split_column"
        case .mergeColumns: "merge_columns"
        case .moveColumn: "move_column"
        case .extractTable: "extract_table"
        case .setNotNull: "set_not_null"
        case .dropNotNull: "drop_not_null"
        case .setDefault: "set_default"
        case .dropDefault: "drop_default"
        case .setComment: "set_comment"
        case .addCheck: "add_check"
        case .addForeignKey: "add_foreign_key"
        case .addUnique: "add_unique"
        case .addPrimaryKey: "add_primary_key"
        case .dropConstraint: "drop_constraint"
        case .renameConstraint: "rename_constraint"
        case .replaceIndex: "replace_index"
        case .createEnum: "create_enum"
        case .addEnumValue: "add_enum_value"
        case .dropEnum: "drop_enum"
        case .setReplicaIdentity: "set_replica_identity"
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
        case .dropTable(let operation): operation.table
        case .renameTable(let operation): operation.table
        case .changeType(let operation): operation.table
        case .changeColumn(let operation): operation.table
        case .splitColumn(let operation): operation.table
        case .mergeColumns(let operation): operation.table
        case .moveColumn(let operation): operation.table
        case .extractTable(let operation): operation.table
        case .setNotNull(let operation): operation.table
        case .dropNotNull(let operation): operation.table
        case .setDefault(let operation): operation.table
        case .dropDefault(let operation): operation.table
        case .setComment(let operation): operation.table
        case .addCheck(let operation): operation.table
        case .addForeignKey(let operation): operation.table
        case .addUnique(let operation): operation.table
        case .addPrimaryKey(let operation): operation.table
        case .dropConstraint(let operation): operation.table
        case .renameConstraint(let operation): operation.table
        case .replaceIndex(let operation): operation.new.table
        case .setReplicaIdentity(let operation): operation.table
        case .createEnum, .addEnumValue, .dropEnum, .sql: nil
        }
    }

    /// The change that applications declare as well, for operations that have one.
    public var change: ChangeID? {
        switch self {
        case .renameColumn(let rename): rename.changeID
        case .changeType(let operation): operation.changeID
        case .changeColumn(let operation): operation.changeID
        case .splitColumn(let operation): operation.changeID
        case .mergeColumns(let operation): operation.changeID
        case .moveColumn(let operation): operation.changeID
        case .extractTable(let operation): operation.changeID
        case .createTable, .dropTable, .renameTable, .addColumn, .dropColumn, .setNotNull, .dropNotNull,
            .setDefault, .dropDefault, .setComment, .addCheck, .addForeignKey, .addUnique, .addPrimaryKey,
            .dropConstraint, .renameConstraint, .createIndex, .replaceIndex, .dropIndex, .createEnum,
            .addEnumValue, .dropEnum, .setReplicaIdentity, .sql:
            nil
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
