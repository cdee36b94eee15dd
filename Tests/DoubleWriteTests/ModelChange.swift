@testable import DoubleWrite

/// A change as the model knows it: names alone, since no value matters to who writes which column when.
enum ModelChange: CaseIterable, Hashable {
    case rename, split, sameName

    var table: TableDeclaration {
        switch self {
        case .rename: animals
        case .split: people
        case .sameName: ages
        }
    }

    var old: [String] { table.changes[0].old.map(\.name) }

    /// The new columns' names beside the old ones.
    var new: [String] {
        let change = table.changes[0]
        return change.new.map { change.physicalName($0, .new, .postgres) }
    }

    var keepsAName: Bool { self == .sameName }

    /// The columns and what else tells one statement from another.
    static let computed = "(computed)"

    var update: Request {
        let value: [String: SQLValue] =
            switch self {
            case .rename: ["species": "dog"]
            case .split: ["given": "Ada", "family": "Lovelace"]
            case .sameName: ["age": "7"]
            }
        return .update(table, set: value, where: table["id"] == 1)
    }

    var select: Request {
        .select(from: table, columns: [table.changes[0].new[0].name], where: table["id"] == 1)
    }

    /// The columns that an `UPDATE` sets or a `SELECT` reads, and whether it computes them.
    func columns(of sql: String, _ dialect: Dialect) -> Set<String> {
        let names = Set(old + new)
        var found: Set<String> = []
        if sql.hasPrefix("UPDATE"), let set = sql.firstRange(of: " SET ") {
            let assignments = sql[set.upperBound...]
            let isComputed = assignments.contains("= (SELECT")
            let head = isComputed ? assignments.prefix { $0 != "=" } : assignments
            found = names.filter { head.contains(dialect.quote($0) + (isComputed ? "" : " =")) }
            if isComputed { found.insert(Self.computed) }
        } else {
            let isPlain = { (name: String) in sql.hasPrefix("SELECT " + dialect.quote(name) + " AS") }
            found = names.filter { isPlain($0) }
            if found.isEmpty {
                found = names.filter { sql.contains("(SELECT \(dialect.quote($0)) AS") }
                found.insert(Self.computed)
            }
        }
        return found
    }
}

let people = TableDeclaration(
    "people", columns: ["id": "bigint", "given": "text", "family": "text"], key: ["id"],
    changes: [
        .splitColumn(
            from: "name", type: "text", to: ["given": "first(name)", "family": "last(name)"],
            down: "both(given, family)")
    ])

let ages = TableDeclaration(
    "ages", columns: ["id": "bigint", "age": "text"], key: ["id"],
    changes: [.changeType("age", from: "integer")])
