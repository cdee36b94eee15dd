internal import DoubleWrite
internal import MigrationCore

/// The columns that a plan takes away in the end, and what in the database uses them.
///
/// Such an object would follow the column under its hidden name, show values that nobody writes any more, and
/// stand in the way of the drop or go with it.
struct GoingColumns {
    /// Only columns, never whole tables.
    let columns: [TouchedColumn]
    /// Those whose name another column bears in the end.
    private let namesakes: Set<TouchedColumn>
    private let dialect: Dialect

    init(_ plan: Plan) {
        dialect = plan.dialect
        columns = plan.touches.filter { touched in
            guard let column = touched.column else { return false }
            let retired = plan.dialect.retiredName(of: column)
            return plan.steps.contains { $0.step.mentions(retired, of: touched.table, plan.dialect) }
        }
        namesakes = Set(
            columns.filter { touched in
                let shadow = plan.dialect.shadowName(of: touched.column ?? "")
                return plan.steps.contains { $0.step.mentions(shadow, of: touched.table, plan.dialect) }
            })
    }

    var tables: [TableName] {
        var seen: Set<TableName> = []
        return columns.map(\.table).filter { seen.insert($0).inserted }
    }

    /// Whether what uses the columns must be known before the step: it makes another column the truth, or
    /// takes one away.
    func mustBeKnown(before step: Step) -> Bool {
        if let stage = step.flip?.stage, stage != .old, stage != .both { return !columns.isEmpty }
        return columns.contains { touched in
            step.mentions(dialect.retiredName(of: touched.column ?? ""), of: touched.table, dialect)
        }
    }

    /// What uses the columns, in words, each once, sorted.
    func uses(in schema: Schema) -> [String] {
        Set(columns.flatMap { uses(of: $0, in: schema) }).sorted()
    }

    /// What uses the columns and is not in `known`, by table.
    func newUses(in schema: Schema, since known: [String]) -> [Drift] {
        tables.compactMap { table in
            let left = columns.filter { $0.table == table && !isGone($0, in: schema) }
            let found = left.flatMap { uses(of: $0, in: schema) }
            let extra = Set(found).subtracting(known).sorted()
            return extra.isEmpty ? nil : Drift(table: table, missing: [], extra: extra)
        }
    }

    /// Whether a column has been dropped already, while others of the same migration are yet to be: what uses its name then
    /// uses the column that has taken its place.
    private func isGone(_ touched: TouchedColumn, in schema: Schema) -> Bool {
        guard namesakes.contains(touched), let column = touched.column, let table = schema[touched.table]
        else { return false }
        return table.column(dialect.retiredName(of: column)) == nil
            && table.column(dialect.shadowName(of: column)) == nil
    }

    private func uses(of touched: TouchedColumn, in schema: Schema) -> [String] {
        guard let column = touched.column, let table = schema[touched.table] else { return [] }
        // Once it is retired, another column may bear its name.
        let retired = dialect.retiredName(of: column)
        let names: Set = [table.column(retired) == nil ? column : retired]
        let words = "uses '\(column)'"
        let indexes = table.indexes.filter { !$0.columns.isDisjoint(with: names) }
            .map { "index '\($0.name)' \(words)" }
        let dependents = table.dependents.filter { $0.isHung(on: names) }
            .map { "\($0.kind.rawValue) '\($0.name)' \($0.columns.isEmpty ? "may use '\(column)'" : words)" }
        return indexes + dependents + table.publications.map { "publication '\($0)' holds the table" }
            + table.subscriptions.map { "subscription '\($0)' writes the table" }
    }
}

extension Dependent {
    /// Whether it uses one of the columns, or may: where that cannot be told, it may use any. A function's
    /// text is a guess, of which the plan warns.
    fileprivate func isHung(on names: Set<String>) -> Bool {
        kind != .function && (columns.isEmpty || !columns.isDisjoint(with: names))
    }
}

extension Step {
    /// Whether one of its statements, on that table, has the name in it.
    fileprivate func mentions(_ name: String, of table: TableName, _ dialect: Dialect) -> Bool {
        guard case .schema(let change) = action, let own = change.table,
            TouchedColumn(table: own, column: nil).overlaps(TouchedColumn(table: table, column: nil), dialect)
        else { return false }
        return change.statements.contains { $0.contains(dialect.quote(name)) }
    }
}
