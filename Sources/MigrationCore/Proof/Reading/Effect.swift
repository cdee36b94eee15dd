import DoubleWrite

/// What one statement of a plan changes of what applications meet: names, and what the database demands of a row.
///
/// Whatever changes neither (a comment, a grant, an index that is not unique) has no effect here.
enum Effect: Hashable {
    case addColumn(Place, isNullable: Bool, fallback: Fallback)
    case dropColumn(Place)
    case renameColumn(Place, to: String)
    case setNotNull(Place, Bool)
    case setFallback(Place, Fallback)
    case createTable(TableName)
    case dropTable(TableName)
    case renameTable(TableName, to: TableName)
    case createView(TableName)
    case dropView(TableName)
    case createType(TableName)
    case dropType(TableName)
    /// A demand begins to hold for every write.
    case demand(Demand)
    /// A constraint or an index goes.
    case release(String)
    /// A constraint or an index gets another name.
    case renameObject(String, to: String)
    /// The rows that are there are read for a constraint.
    case validate(String)
    case createTrigger(Trigger)
    case dropTrigger(String)

    /// A column, under the name that it bears when the statement runs.
    struct Place: Hashable {
        var table: TableName
        var column: String
    }

    /// What a column holds in a row that is inserted without it.
    enum Fallback: Hashable {
        case null
        /// The same for every row.
        case constant
        /// Another value each time.
        case varying
    }

    /// Something that the database refuses a row for.
    struct Demand: Hashable {
        enum Kind: Hashable {
            case notNull, check, unique
            /// Whether the database itself writes by it (CASCADE, SET NULL, SET DEFAULT).
            case foreignKey(writes: Bool)
        }

        var name: String
        var table: TableName
        var kind: Kind
        var columns: [String]
        /// Whether the rows that are there are read for it at once.
        var readsRows: Bool
    }

    /// A trigger: when it fires, and what it inserts into.
    struct Trigger: Hashable {
        enum Event: String, CaseIterable { case insert, update, delete }

        var name: String
        var table: TableName?
        var events: [Event] = []
        /// Whether it fires when the row is written, and not before.
        var isAfter = false
        var targets: [TableName] = []
    }
}

/// What a statement does, and whose writers it keeps out meanwhile.
struct StatementReading: Hashable {
    var effects: [Effect] = []
    /// The tables that no writer has a lock on while the statement runs (PostgreSQL).
    var excludes: [TableName] = []
    /// Whether it was read to its end. What is not understood is told in the proof, never passed over.
    var isUnderstood = true
}
