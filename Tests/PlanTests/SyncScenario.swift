import DoubleWrite
import TestSupport

@testable import MigrationCore

/// A table with both shapes of a change in it and the triggers that keep them in step, made by hand.
struct SyncScenario {
    let database: TestDatabase
    let change: ShapeChange

    /// A table `animals` with an `id`, and a change of it.
    ///
    /// - Parameters:
    ///   - olds: Each old column with its type and whatever follows, and how it is made of the new ones.
    ///   - news: The same for the new ones.
    ///   - suffix: What follows the table's definition.
    init(
        _ dialect: Dialect, table: TableName = "animals", key: String? = nil, _ olds: [Side], _ news: [Side],
        isLossyDown: Bool = false, suffix: String = "", truth: SyncTrigger.Side = .old, after: [String] = []
    ) throws {
        let key = key ?? (dialect == .postgres ? "id bigint PRIMARY KEY" : "id INTEGER PRIMARY KEY")
        let columns = (olds + news).map { "\(dialect.quote($0.name)) \($0.definition)" }
        database = try TestDatabase(
            dialect,
            ["CREATE TABLE \(dialect.quote(table)) (\(([key] + columns).joined(separator: ", ")))\(suffix)"]
                + after)
        let schema = try database.schema()
        guard let found = schema[table] else { throw Missing() }
        var changed = found
        changed.columns.removeAll { column in news.contains { $0.name == column.name } }
        func column(_ side: Side) throws -> Column {
            guard let column = found.column(side.name) else { throw Missing() }
            return column
        }
        change = ShapeChange(
            table: changed, id: ChangeID("\(table).\(news[0].name)"),
            context: PlanningContext(
                schema: schema, generations: [:], finishedChanges: [], history: History()),
            olds: try olds.map { .init(column: try column($0), down: $0.derivation) },
            news: try news.map { .init(column: try column($0), physicalName: $0.name, up: $0.derivation) },
            isLossyDown: isLossyDown, inherits: .everything, isRename: olds.allSatisfy(\.isIdentity))
        try database.transaction(creation(truth))
    }

    func creation(_ truth: SyncTrigger.Side) -> [String] {
        let sync = SyncTrigger(change, truth: truth)
        return switch database.dialect {
        case .postgres: PostgresSyncTrigger(sync).creation
        case .sqlite: SQLiteSyncTrigger(sync).creation
        }
    }

    /// Runs a statement and gives the rows afterwards, or the word for its failure.
    func after(_ sql: String) -> String {
        do {
            try database.run(sql)
        } catch {
            let text = "\(error)"
            return text.contains("do not agree")
                ? "contradiction" : text.contains("unchanged") ? "loss" : text
        }
        return rows
    }

    /// `1 dog dog, 2 NULL NULL`.
    var rows: String {
        let names = database.dialect.quote(["id"] + change.oldNames + change.physicalNames)
        let table = database.dialect.quote(change.table.name)
        let rows = (try? database.run("SELECT \(names) FROM \(table) ORDER BY 1").rows) ?? []
        return rows.map { $0.map(\.said).joined(separator: "|") }.joined(separator: ", ")
    }

    struct Missing: Error {}

    /// A column of one side.
    struct Side {
        var name: String
        var definition: String
        var derivation: ShapeChange.Derivation

        init(_ name: String, _ definition: String, _ expression: String) {
            self.name = name
            self.definition = definition
            derivation = .expression(expression)
        }

        init(_ name: String, _ definition: String, as other: String) {
            self.name = name
            self.definition = definition
            derivation = .identity(other)
        }

        var isIdentity: Bool { if case .identity = derivation { true } else { false } }
    }
}

extension SQLValue {
    /// The value as a word of a test's expectation.
    var said: String {
        switch self {
        case .null: "NULL"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .real(let value): "\(value)"
        case .text(let value): value
        case .blob(let value): "\(value)"
        }
    }
}
