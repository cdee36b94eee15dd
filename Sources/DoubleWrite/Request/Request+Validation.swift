/// Why a request cannot become a statement.
enum RequestProblem: Error, Sendable, Hashable {
    case undeclaredColumn(String)
    case noColumns
    case rowsDiffer
    case missingFence
    case attachedDatabase
    case partOfAChange(DeclaredChange, missing: String)
    case conflictOnAPart(DeclaredChange)
    case conflictOnALossyChange(DeclaredChange)
    case bareFormUnderOneName(DeclaredChange)
    case joiningColumn(String)
    case joiningColumnMissing(String)
    case conflictBesideJoin([String])
    case noSourceRow
    case rowTwice
}

extension Request {
    /// Whether this only reads.
    var isRead: Bool {
        switch operation {
        case .select, .count, .read: true
        case .insert, .update, .delete, .write: false
        }
    }

    /// Whether carrying it out twice comes to the same: then it may be repeated where nobody knows whether it was.
    public var isRepeatable: Bool {
        switch operation {
        case .select, .count, .read, .update, .delete: true
        case .insert(let insertion): insertion.conflict != nil
        case .write: false
        }
    }

    /// Whether it writes a table into which a column moves by other means than the application's own SQL.
    var writesTwoTables: Bool {
        guard table.moved != nil else { return false }
        return switch operation {
        case .insert, .update, .delete: true
        case .select, .count, .write, .read: false
        }
    }

    /// The positions of the changes that matter to this request, in the order of the declaration.
    ///
    /// A statement that names no changed column is the same in every shape. An insertion always concerns all
    /// changes, since a column that is not given has a default.
    var touchedChanges: [Int] {
        // A row may be there only in the table that the column moves from.
        guard table.moved == nil else { return [0] }
        guard let columns = mentionedColumns else { return Array(table.changes.indices) }
        let mentioned = Set(columns)
        return table.changes.indices.filter {
            table.changes[$0].spokenColumns.contains { mentioned.contains($0.name) }
        }
    }

    /// The columns that a write gives back.
    var returned: [String] {
        switch operation {
        case .insert(let insertion): insertion.returning
        case .update(_, _, let returning), .delete(_, let returning): returning
        case .select, .count, .write, .read: []
        }
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
        if dialect == .sqlite, !table.followed.isEmpty,
            table.lockedTables.contains(where: { ($0.schema ?? "main") != "main" })
        {
            throw .attachedDatabase
        }
        for column in mentionedColumns ?? [] { _ = try table.column(column) }
        switch operation {
        case .insert(let insertion): try validate(insertion)
        case .update(let set, _, _): if set.isEmpty { throw .noColumns }
        case .write(let form):
            try validateBareForm()
            if !form.fallback.contains(fencePlaceholder) { throw .missingFence }
        case .read(let form):
            try validateBareForm()
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
        for change in table.changes where !change.isIdentity {
            try validate(change, given: first.keys.map { $0 }, conflict: conflict?.columns ?? [])
        }
    }

    /// A new row's value in one shape takes all columns of the other; and only where values correspond one to one does
    /// the unique index of the one shape say what that of the other will.
    private func validate(
        _ change: DeclaredChange, given: [String], conflict: [String]
    ) throws(RequestProblem) {
        let columns = change.spokenColumns.map(\.name)
        if columns.contains(where: given.contains),
            let missing = columns.first(where: { !given.contains($0) })
        {
            throw .partOfAChange(change, missing: missing)
        }
        guard columns.contains(where: conflict.contains) else { return }
        guard columns.allSatisfy(conflict.contains) else { throw .conflictOnAPart(change) }
        guard !change.isLossyDown else { throw .conflictOnALossyChange(change) }
    }

    private func validateBareForm() throws(RequestProblem) {
        if let change = table.changes.first(where: \.keepsAName) { throw .bareFormUnderOneName(change) }
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
        case .partOfAChange, .conflictOnAPart, .conflictOnALossyChange, .bareFormUnderOneName:
            return wordsOfAChange(in: table)
        case .joiningColumn, .joiningColumnMissing, .conflictBesideJoin, .noSourceRow, .rowTwice:
            return wordsOfAMove(in: table)
        }
    }
}

extension RequestProblem {
    private func wordsOfAChange(in table: TableDeclaration) -> String {
        switch self {
        case .partOfAChange(let change, let missing):
            return """
                an insertion into table '\(table.name)' gives a part of change \(change), but not '\(missing)'; give all \
                of its columns, or none
                """
        case .conflictOnAPart(let change):
            return """
                an upsert into table '\(table.name)' finds rows by a part of change \(change), which the other shape's \
                unique index cannot decide; name all of its columns or other ones
                """
        case .conflictOnALossyChange(let change):
            return """
                an upsert into table '\(table.name)' finds rows by change \(change), whose `down` is lossy, so that \
                different values would be taken for the same; name other columns
                """
        case .bareFormUnderOneName(let change):
            return """
                a statement of one's own on table '\(table.name)' cannot follow change \(change), since one name means \
                two columns; write and read through the other requests
                """
        case .undeclaredColumn, .noColumns, .rowsDiffer, .missingFence, .attachedDatabase, .joiningColumn,
            .joiningColumnMissing, .conflictBesideJoin, .noSourceRow, .rowTwice:
            return words(in: table)
        }
    }

    private func wordsOfAMove(in table: TableDeclaration) -> String {
        let column = table.moved?.column ?? ""
        let source = table.moved.map { "\($0.source)" } ?? ""
        switch self {
        case .joiningColumn(let name):
            return """
                an update of table '\(table.name)' sets '\(name)', by which its rows belong to those of '\(source)', where \
                the values of '\(column)' still are; delete the row and insert it anew, or wait until the move is finished
                """
        case .joiningColumnMissing(let name):
            return """
                an insertion into table '\(table.name)' does not give '\(name)', by which the row of '\(source)' is found \
                that the value of '\(column)' is kept in until the move is finished; give it
                """
        case .conflictBesideJoin(let names):
            let list = names.map { "'\($0)'" }.joined(separator: ", ")
            return """
                an upsert into table '\(table.name)' must find its row by \(list) until '\(column)' has moved, since the \
                value is kept in the row of '\(source)' that belongs to it; name \(names.count == 1 ? "that" : "those")
                """
        case .noSourceRow:
            return """
                a row of table '\(table.name)' was given a value of '\(column)' and has no row of '\(source)', where it is \
                kept until the move is finished; nothing was written; insert the row of '\(source)' first
                """
        case .rowTwice:
            return "an upsert into table '\(table.name)' names one row twice; name it once"
        case .undeclaredColumn, .noColumns, .rowsDiffer, .missingFence, .attachedDatabase, .partOfAChange,
            .conflictOnAPart, .conflictOnALossyChange, .bareFormUnderOneName:
            return words(in: table)
        }
    }
}

/// What stands in a bare statement for the condition that refuses it once it has become the wrong one.
let fencePlaceholder = "{fence}"
