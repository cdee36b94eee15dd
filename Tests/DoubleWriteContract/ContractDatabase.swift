package import DoubleWrite

/// A database whose schema a test changes the way the engine does, with a helper beside it.
package protocol ContractDatabase: AnyObject {
    var dialect: Dialect { get }

    /// The helper under test, on a connection of its own.
    var helper: any DoubleWriting { get }

    /// Runs SQL on the connection that plays the engine.
    func engine(_ sql: String) throws -> ResultSet

    /// Runs SQL on the helper's connection.
    func application(_ sql: String) throws

    /// Sends one statement on the helper's connection, as a driver would.
    func send(_ statement: Conversation.Statement) -> Conversation.Outcome

    /// Sends a look-up on the helper's connection, as a driver would.
    func lookUp(_ sql: String) -> Conversation.Outcome

    /// The beginning of a transaction that writes.
    var begin: String { get }

    /// Whether a transaction takes nothing more after one of its statements has failed.
    var failureEndsTransaction: Bool { get }

    /// What makes a table's column a number that the database gives.
    var numberedKey: String { get }

    /// What creates the marker of an expand, where the database has markers.
    func markerSQL(_ change: DeclaredChange, generation: Int) -> String?

    /// Adds a column, and does what else belongs to the transaction of an expand.
    func expand(_ change: DeclaredChange, of table: TableName, default value: String?) throws

    /// Moves a default from one column to the other, where the database can.
    func moveDefault(_ value: String, from source: String, to target: String, of table: TableName) throws

    /// Creates what the stages are recorded in, where it is not there.
    func createState() throws

    /// Drops it, where it is there.
    func dropState() throws
}

extension DeclaredChange {
    /// The columns of a change that has one on each side.
    package var oldColumn: String { old[0].name }
    package var newColumn: String { new[0].name }
}

extension ContractDatabase {
    /// Records the next stage.
    package func flipSQL(_ change: DeclaredChange, _ stage: Stage, generation: Int? = nil) -> String {
        let generationUpdate = generation.map { ", generation = \($0)" } ?? ""
        return """
            INSERT INTO \(StageTable.name(dialect)) (change, stage, epoch, generation) \
            VALUES (\(dialect.literal(change.id.name)), \(dialect.literal(stage.rawValue)), 1, \(generation ?? 0)) \
            ON CONFLICT (change) DO UPDATE SET stage = excluded.stage, \
            epoch = \(StageTable.tableName(dialect).name == "stages" ? "stages" : "bellows_stages").epoch + 1\(generationUpdate)
            """
    }

    package func flip(_ change: DeclaredChange, _ stage: Stage) throws {
        _ = try engine(flipSQL(change, stage))
    }

    /// How often the change was expanded so far.
    package func generation(of change: DeclaredChange) throws -> Int {
        let sql = """
            SELECT generation FROM \(StageTable.name(dialect)) \
            WHERE change = \(dialect.literal(change.id.name))
            """
        return try engine(sql).scalar?.integer.map { Int($0) } ?? 0
    }

    /// Copies one column into the other where they differ.
    package func copy(from source: String, to target: String, in table: TableName) throws {
        let (source, target) = (dialect.quote(source), dialect.quote(target))
        let differ: String
        switch dialect {
        case .postgres: differ = "IS DISTINCT FROM"
        case .sqlite: differ = "IS NOT"
        }
        _ = try engine(
            "UPDATE \(dialect.quote(table)) SET \(target) = \(source) WHERE \(target) \(differ) \(source)")
    }

    package func alter(_ table: TableName, _ what: String) throws {
        _ = try engine("ALTER TABLE \(dialect.quote(table)) \(what)")
    }
}

/// Where a change can stand, in order.
package enum Station: String, Sendable, CaseIterable {
    case untouched, state, undone, both, bothReadNew, new, retired, dropped
}

extension ContractDatabase {
    /// Takes a change of a table in the old shape forward to a station, as the engine does.
    package func advance(
        _ change: DeclaredChange, of table: TableName, default value: String?, to station: Station
    ) throws {
        guard station != .untouched else { return }
        try createState()
        guard station != .state else { return }
        try expand(change, of: table, default: value)
        if station == .undone {
            try undoExpand(change, of: table)
            return
        }
        try copy(from: change.oldColumn, to: change.newColumn, in: table)
        guard station != .both else { return }
        try flip(change, .bothReadNew)
        guard station != .bothReadNew else { return }
        try handOver(change, of: table, default: value)
        guard station != .new else { return }
        try retire(change, of: table)
        guard station != .retired else { return }
        try dropRetired(change, of: table)
    }

    /// Makes the new column the only one that is written.
    package func handOver(_ change: DeclaredChange, of table: TableName, default value: String?) throws {
        if let value { try moveDefault(value, from: change.oldColumn, to: change.newColumn, of: table) }
        try flip(change, .new)
    }

    /// Takes that back: both are written and equal, and the new one is read.
    package func handBack(_ change: DeclaredChange, of table: TableName, default value: String?) throws {
        if let value { try moveDefault(value, from: change.newColumn, to: change.oldColumn, of: table) }
        try flip(change, .bothReadNew)
        try copy(from: change.newColumn, to: change.oldColumn, in: table)
    }

    package func undoExpand(_ change: DeclaredChange, of table: TableName) throws {
        _ = try engine("BEGIN")
        try alter(table, "DROP COLUMN \(dialect.quote(change.newColumn))")
        try flip(change, .old)
        _ = try engine("COMMIT")
    }

    package func retire(_ change: DeclaredChange, of table: TableName) throws {
        try alter(
            table, "RENAME COLUMN \(dialect.quote(change.oldColumn)) TO \(dialect.quote(retiredName(change)))"
        )
    }

    package func unretire(_ change: DeclaredChange, of table: TableName) throws {
        try alter(
            table, "RENAME COLUMN \(dialect.quote(retiredName(change))) TO \(dialect.quote(change.oldColumn))"
        )
    }

    package func dropRetired(_ change: DeclaredChange, of table: TableName) throws {
        _ = try engine("BEGIN")
        try alter(table, "DROP COLUMN \(dialect.quote(retiredName(change)))")
        try flip(change, .done)
        _ = try engine("COMMIT")
    }

    package func renameInPlace(_ change: DeclaredChange, of table: TableName) throws {
        try createState()
        _ = try engine("BEGIN")
        try alter(
            table, "RENAME COLUMN \(dialect.quote(change.oldColumn)) TO \(dialect.quote(change.newColumn))")
        try flip(change, .new)
        _ = try engine("COMMIT")
    }

    package func undoRenameInPlace(_ change: DeclaredChange, of table: TableName) throws {
        _ = try engine("BEGIN")
        try alter(
            table, "RENAME COLUMN \(dialect.quote(change.newColumn)) TO \(dialect.quote(change.oldColumn))")
        try flip(change, .old)
        _ = try engine("COMMIT")
    }

    private func retiredName(_ change: DeclaredChange) -> String {
        dialect.shortened("_bellows_retired_" + change.oldColumn)
    }
}
