import DoubleWrite
import MigrationCore
import TestSupport
import Testing

/// A table, a change of its shape, and what writers store in it at each stage.
struct ShapeScenario: Sendable, CustomTestStringConvertible {
    /// A row's values on both sides, as SQL, in the order of the scenario's columns.
    struct Write: Sendable {
        var old: [String]
        var new: [String]
    }

    var name: String
    var dialect: Dialect
    var table: TableName = "t"
    var setUp: [String]
    var operation: MigrationCore.Operation
    var olds: [String]
    var news: [String]
    /// The rows that are written on the way, one for each stage.
    var writes: [Write]
    /// Statements that make the new shape of the old one directly, with nobody there.
    var directly: [String]

    var testDescription: String { "\(dialect.rawValue): \(name)" }
    var migration: Migration { Migration(name: "0002_shape", operations: [operation]) }
    var change: ChangeID { operation.change ?? ChangeID("") }

    /// What a new column is called at a stage.
    private func physical(_ column: String, _ stage: Stage) -> String {
        olds.contains(column) && stage != .done ? dialect.shadowName(of: column) : column
    }

    /// Writes a row as a writer does that follows the stage.
    func insert(_ id: Int, _ write: Write, stage: Stage, into database: TestDatabase) throws {
        let newNames = news.map { physical($0, stage) }
        let (columns, values) =
            switch stage {
            case .old: (olds, write.old)
            case .both, .bothReadNew: (olds + newNames, write.old + write.new)
            case .new, .done: (newNames, write.new)
            }
        try database.run(
            "INSERT INTO \(dialect.quote(table)) (\(dialect.quote(["id"] + columns))) "
                + "VALUES (\(([String(id)] + values).joined(separator: ", ")))")
    }

    /// The rows as their reader sees them, with their types.
    func rows(_ database: TestDatabase, _ columns: [String]) throws -> [[SQLValue]] {
        let values = columns.flatMap { column in
            let quoted = dialect.quote(column)
            let type = dialect == .postgres ? "pg_typeof(\(quoted))::text" : "typeof(\(quoted))"
            return ["CAST(\(quoted) AS text)", type]
        }
        return try database.run(
            "SELECT \(dialect.quote("id")), \(values.joined(separator: ", ")) FROM \(dialect.quote(table)) ORDER BY 1"
        ).rows
    }
}

extension ShapeScenario.Write {
    /// One column on each side.
    init(_ old: String, _ new: String) { self.init(old: [old], new: [new]) }
}

extension ShapeScenario {
    /// Whether the server does not have an extension that its table needs.
    var lacksExtension: Bool { setUp.contains { $0.contains("citext") } && !ServerFeature.citext.isThere }
}
