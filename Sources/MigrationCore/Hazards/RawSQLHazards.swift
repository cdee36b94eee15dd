public import DoubleWrite

/// What is dangerous in statements of one's own (`sql`), as far as it can be read in them: `check` names it.
///
/// Nothing here is refused: somebody may know that a table is empty. Which ones are meant is said in the file, by their
/// codes (`accepts`).
public struct RawSQLHazard: Sendable, Hashable {
    /// A kind of hazard, by its code.
    public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        case blockingIndex = "blocking-index"
        case rewritingType = "rewriting-type"
        case scanningNotNull = "scanning-not-null"
        case scanningConstraint = "scanning-constraint"
        case earlyDrop = "early-drop"
        case undeclaredDrop = "undeclared-drop"
        case rename
        case wholeTable = "whole-table"
        case truncate
        case heldLock = "held-lock"
    }

    /// Its kind.
    public var code: Code
    /// The key of the migration file under which the statement stands: `operations[0].sql.expand[0]`.
    public var path: String
    /// What happens, and the safe form.
    public var message: String
}

/// Looks for hazards in the lists of an `sql`.
struct RawSQLHazards {
    let operation: RawSQL
    let dialect: Dialect

    private typealias Found = (code: RawSQLHazard.Code, message: String)

    /// The hazards of all lists but the undo, which nobody runs under load for pleasure, each once for a statement.
    func all(below path: String) -> [RawSQLHazard] {
        let lists: [(key: String, phase: Phase, texts: [PerDialect])] = [
            ("expand", .expand, operation.expand), ("transition", .transition, operation.transition),
            ("contract", .contract, operation.contract),
        ]
        return lists.flatMap { list in
            list.texts.enumerated().flatMap { index, text -> [RawSQLHazard] in
                let statements = text[dialect].map { SQLStatements.split($0, dialect) } ?? []
                return statements.flatMap { found(in: $0, list.phase) }.map {
                    RawSQLHazard(code: $0.code, path: "\(path).\(list.key)[\(index)]", message: $0.message)
                }.uniqued
            }
        }.filter { !operation.accepts.contains($0.code) }
    }

    private func found(in tokens: [SQLToken], _ phase: Phase) -> [Found] {
        var cursor = TokenCursor(tokens, dialect)
        if cursor.take("UPDATE") || cursor.take("DELETE") {
            guard cursor.rest.index(ofKeyword: "WHERE") == nil else { return [] }
            return [
                (
                    .wholeTable,
                    "changes every row in one transaction, which holds up every writer until it ends; let an operation do it "
                        + "in batches (set_not_null with 'fill', change_column with 'up')"
                )
            ]
        }
        if cursor.take("TRUNCATE") {
            return [
                (.truncate, "empties the table for good, and waits for and keeps out everybody meanwhile")
            ]
        }
        if cursor.take("LOCK") || cursor.take("CLUSTER") || cursor.take("REINDEX") {
            return [(.heldLock, "keeps out writers until the list has run; nothing limits how long that is")]
        }
        if isIndex(tokens) {
            // In SQLite there is no other way to build one.
            return dialect == .postgres
                ? [(.blockingIndex, "keeps out writers while the index is built; use create_index")] : []
        }
        return StatementReader(dialect: dialect).read(tokens).effects.flatMap { found(by: $0, phase) }
            + retyping(tokens)
    }

    private func isIndex(_ tokens: [SQLToken]) -> Bool {
        var cursor = TokenCursor(tokens, dialect)
        guard cursor.take("CREATE") else { return false }
        _ = cursor.take("UNIQUE")
        return cursor.take("INDEX")
    }

    /// Another type of a column, which has no effect that the proof would know.
    private func retyping(_ tokens: [SQLToken]) -> [Found] {
        var cursor = TokenCursor(tokens, dialect)
        guard cursor.take("ALTER", "TABLE") else { return [] }
        let isRetyped = cursor.pieces().contains { piece in
            let words = piece.filter { $0.kind == .word }
            return words.contains { $0.isKeyword("ALTER") } && words.contains { $0.isKeyword("TYPE") }
        }
        guard isRetyped else { return [] }
        return [
            (
                .rewritingType,
                "writes the table anew and keeps out everybody meanwhile, and releases meet another type from one moment "
                    + "to the next; use change_type"
            )
        ]
    }

    private func found(by effect: Effect, _ phase: Phase) -> [Found] {
        switch effect {
        case .dropColumn(let place):
            let use = TableUse(table: place.table, columns: [place.column])
            return dropped(use, "drop_column", phase)
        case .dropTable(let table): return dropped(TableUse(table: table), "drop_table", phase)
        case .dropView(let table): return dropped(TableUse(table: table), nil, phase)
        case .renameColumn:
            return [(.rename, "releases that run meet a name that is gone; use rename_column")]
        case .renameTable:
            return [(.rename, "releases that run meet a name that is gone; use rename_table")]
        case .setNotNull(_, true):
            return [
                (.scanningNotNull, "reads the whole table while nobody may use it; use set_not_null")
            ]
        case .demand(let demand):
            guard demand.readsRows, dialect == .postgres else { return [] }
            return [
                (
                    .scanningConstraint,
                    "reads the whole table while nobody may write to it; use add_check, add_unique or add_foreign_key, or "
                        + "write NOT VALID and validate in the transition"
                )
            ]
        case .addColumn(let place, false, .null):
            return [
                (
                    .scanningNotNull,
                    "releases that run insert rows without '\(place.column)', which are refused; use add_column with a default"
                )
            ]
        case .addColumn, .setNotNull, .setFallback, .createTable, .createView, .createType, .dropType,
            .release,
            .renameObject, .validate, .createTrigger, .dropTrigger:
            return []
        }
    }

    private func dropped(_ use: TableUse, _ keyword: String?, _ phase: Phase) -> [Found] {
        let instead = keyword.map { ", or use \($0)" } ?? ""
        guard phase == .contract else {
            return [
                (
                    .earlyDrop,
                    "takes away what releases that run still use; move it to 'contract' and name it in 'drops'\(instead)"
                )
            ]
        }
        let touched = use.touched(dialect)
        let isDeclared = operation.drops.contains { declared in
            declared.touched(dialect).contains { one in touched.contains { $0.overlaps(one, dialect) } }
        }
        guard !isDeclared else { return [] }
        return [
            (
                .undeclaredDrop,
                "takes away what releases may still use, and no gate asks whether one does; name it in 'drops'\(instead)"
            )
        ]
    }
}

extension Migration {
    /// What is dangerous in statements of its own.
    public func hazards(_ dialect: Dialect) -> [RawSQLHazard] {
        operations.enumerated().flatMap { index, operation -> [RawSQLHazard] in
            guard case .sql(let statements) = operation else { return [] }
            return RawSQLHazards(operation: statements, dialect: dialect).all(
                below: "operations[\(index)].sql")
        }
    }
}
