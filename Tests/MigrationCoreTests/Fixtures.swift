import DoubleWrite
import MigrationCore

extension Planner {
    static func both<Result>(_ body: (Planner) throws -> Result) rethrows -> [Result] {
        try Dialect.allCases.map { try body(Planner(dialect: $0)) }
    }

    /// The messages with which a single operation is refused; empty where it is planned.
    func refusals(_ operation: Operation, _ schema: Schema, finished: Set<ChangeID> = []) -> [String] {
        do {
            _ = try plan(
                Migration(name: "m", operations: [operation]), schema: schema, finishedChanges: finished)
            return []
        } catch {
            return error.problems.map { "\($0.path ?? ""): \($0.message)" }
        }
    }
}

extension Migration {
    init(_ operations: Operation...) { self.init(name: "0002_change", operations: operations) }
}

extension Table {
    /// A table with an integer key `id` and one more column, `kind`.
    static func animals(_ change: (inout Table) -> Void = { _ in }) -> Table {
        var table = Table(
            name: "animals",
            columns: [
                Column(name: "id", type: "integer", isNullable: false), Column(name: "kind", type: "text"),
                Column(name: "age", type: "integer"),
            ], primaryKey: ["id"])
        change(&table)
        return table
    }

    mutating func changeKind(_ change: (inout Column) -> Void) {
        for index in columns.indices where columns[index].name == "kind" { change(&columns[index]) }
    }
}

extension Schema {
    static func animals(_ dialect: Dialect, _ change: (inout Table) -> Void = { _ in }) -> Schema {
        Schema(dialect: dialect, tables: [.animals(change)])
    }
}

extension SQLTemplate {
    /// Text with the columns between `{` and `}`.
    init(_ text: String) {
        var segments: [Segment] = []
        for (number, part) in text.split(
            omittingEmptySubsequences: false, whereSeparator: { "{}".contains($0) }
        ).enumerated()
        where !part.isEmpty {
            segments.append(number.isMultiple(of: 2) ? .text(String(part)) : .column(String(part)))
        }
        self.init(segments)
    }
}

let renameKind = Operation.renameColumn(RenameColumn(table: "animals", from: "kind", to: "species"))
let renameKindInPlace = Operation.renameColumn(
    RenameColumn(table: "animals", from: "kind", to: "species", strategy: .inPlace))
let dropKind = Operation.dropColumn(DropColumn(table: "animals", column: "kind"))
