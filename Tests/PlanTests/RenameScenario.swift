import DoubleWrite
import MigrationCore
import Testing

/// A table, a column of it that is renamed, and what writers store in it at each stage.
struct RenameScenario: Sendable, CustomTestStringConvertible {
    var name: String
    var dialect: Dialect
    var setUp: [String]
    var rename: RenameColumn
    /// Values as SQL, one for each row that is written on the way; all different.
    var values: [String]

    var testDescription: String { "\(dialect.rawValue): \(name)" }
    var migration: Migration { Migration(name: "0002_rename", operations: [.renameColumn(rename)]) }

    /// Writes a row as a writer does that follows the stage.
    func insert(_ id: Int, _ value: String, stage: Stage, into database: TestDatabase) throws {
        let columns =
            switch stage {
            case .old: [rename.from]
            case .both, .bothReadNew: [rename.from, rename.to]
            case .new, .done: [rename.to]
            }
        let table = dialect.quote(rename.table)
        try database.run(
            "INSERT INTO \(table) (\(dialect.quote(["id"] + columns))) "
                + "VALUES (\(([String(id)] + columns.map { _ in value }).joined(separator: ", ")))")
    }

    /// The rows as their reader sees them at a stage, with their types.
    func rows(_ database: TestDatabase, column: String) throws -> [[SQLValue]] {
        let type =
            dialect == .postgres
            ? "pg_typeof(\(dialect.quote(column)))::text" : "typeof(\(dialect.quote(column)))"
        return try database.run(
            "SELECT \(dialect.quote("id")), CAST(\(dialect.quote(column)) AS text), \(type) "
                + "FROM \(dialect.quote(rename.table)) ORDER BY 1"
        ).rows
    }
}
