/// Why a request cannot become a statement.
enum RequestProblem: Error, Sendable, Hashable {
    case undeclaredColumn(String)
    case noColumns
    case rowsDiffer
    case missingFence
    case attachedDatabase
}

extension Request {
    /// Whether this only reads.
    var isRead: Bool {
        switch operation {
        case .select, .count, .read: true
        case .insert, .update, .delete, .write: false
        }
    }

    /// The positions of the changes that matter to this request, in the order of the declaration.
    ///
    /// A statement that names no changed column is the same in every shape. An insertion always concerns all
    /// changes, since a column that is not given has a default.
    var touchedChanges: [Int] {
        guard let columns = mentionedColumns else { return Array(table.changes.indices) }
        let mentioned = Set(columns)
        return table.changes.indices.filter { mentioned.contains(table.changes[$0].newColumn) }
    }

    private var mentionedColumns: [String]? {
        switch operation {
        case .insert, .write, .read: nil
        case .update(let set, let condition, let returning):
            set.keys + (condition?.columns ?? []) + returning
        case .delete(let condition, let returning): (condition?.columns ?? []) + returning
        case .select(let selection):
            selection.columns + (selection.condition?.columns ?? []) + selection.ordering.map(\.column)
        case .count(let condition): condition?.columns ?? []
        }
    }

    /// Whether there is nothing to do; throws what is wrong with this request whatever the shape of the database.
    func isEmpty(for dialect: Dialect) throws(RequestProblem) -> Bool {
        try validate(for: dialect)
        if case .insert(let insertion) = operation { return insertion.rows.isEmpty }
        return false
    }

    private func validate(for dialect: Dialect) throws(RequestProblem) {
        if dialect == .sqlite, !table.changes.isEmpty, (table.name.schema ?? "main") != "main" {
            throw .attachedDatabase
        }
        for column in mentionedColumns ?? [] { _ = try table.column(column) }
        switch operation {
        case .insert(let insertion): try validate(insertion)
        case .update(let set, _, _): if set.isEmpty { throw .noColumns }
        case .write(let form): if !form.fallback.contains(fencePlaceholder) { throw .missingFence }
        case .read(let form):
            if ![form.preferred, form.fallback].allSatisfy({ $0.contains(fencePlaceholder) }) {
                throw .missingFence
            }
        case .delete, .select, .count: break
        }
    }

    private func validate(_ insertion: Insertion) throws(RequestProblem) {
        guard let first = insertion.rows.first else { return }
        guard !first.isEmpty else { throw .noColumns }
        for row in insertion.rows where row.keys != first.keys { throw .rowsDiffer }
        let conflict = insertion.conflict
        for column in first.keys + insertion.returning + (conflict?.columns ?? []) + (conflict?.update ?? [])
        {
            _ = try table.column(column)
        }
    }
}

extension Request {
    /// The answer without what only the guard needed, and whether it shows that the statement was the right one.
    ///
    /// A write that wrote and a query whose rows say so were right; where there is no row, nothing is known.
    func unguarded(_ answer: ResultSet) -> (answer: ResultSet, isRight: Bool) {
        switch operation {
        case .insert, .update, .delete, .write:
            return (answer, max(answer.affectedRows, answer.rows.count) > 0)
        case .read:
            return (answer, !answer.rows.isEmpty)
        case .select, .count:
            let truths = answer.rows.map { $0.last?.boolean == true }
            let rows = answer.rows.map { Array($0.dropLast()) }
            let plain = ResultSet(
                columns: answer.columns.dropLast(), rows: rows, affectedRows: answer.affectedRows)
            return (plain, !truths.isEmpty && truths.allSatisfy { $0 })
        }
    }
}

extension RequestProblem {
    /// The problem in words.
    func words(in table: TableDeclaration) -> String {
        switch self {
        case .undeclaredColumn(let column):
            let declared = table.columns.map { "'\($0.name)'" }.joined(separator: ", ")
            return "the declaration of table '\(table.name)' has no column '\(column)'; it has \(declared)"
        case .noColumns:
            return "a write to table '\(table.name)' gives no column; give at least one"
        case .rowsDiffer:
            return
                "the rows for table '\(table.name)' give different columns; insert them in several statements"
        case .missingFence:
            return """
                a statement on table '\(table.name)' lacks \(fencePlaceholder), without which it cannot be refused \
                when it has become the wrong one; put it into the WHERE
                """
        case .attachedDatabase:
            return "table '\(table.name)' is in an attached database, where changes cannot be followed"
        }
    }
}

/// What stands in a bare statement for the condition that refuses it once it has become the wrong one.
let fencePlaceholder = "{fence}"
