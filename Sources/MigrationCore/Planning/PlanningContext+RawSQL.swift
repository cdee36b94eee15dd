import DoubleWrite

/// What `sql` declares of itself, held against the schema.
extension PlanningContext {
    /// Notes what the statements touch, and a problem for each name that is not there.
    func check(_ operation: RawSQL, into draft: inout OperationDraft) {
        draft.reads += operation.reads.flatMap { $0.touched(dialect) }
        draft.touches += (operation.writes + operation.drops).flatMap { $0.touched(dialect) }.uniqued
        check(operation.reads, "reads", into: &draft)
        check(operation.writes, "writes", into: &draft)
        for (index, use) in operation.drops.enumerated() {
            guard use.columns.isEmpty, schema[use.table] == nil else {
                check(use, "drops[\(index)]", into: &draft)
                continue
            }
            // A view is no table of the schema, and may go all the same.
            let hint = NearestName.hint(use.table.description, among: schema.tables.map(\.name.description))
            draft.warnings.append(
                "'\(use.table)', which 'drops' names, is no table that the plan knows: it is a view, or the name is not "
                    + "right\(hint).")
        }
    }

    private func check(_ uses: [TableUse], _ path: String, into draft: inout OperationDraft) {
        for (index, use) in uses.enumerated() { check(use, "\(path)[\(index)]", into: &draft) }
    }

    private func check(_ use: TableUse, _ path: String, into draft: inout OperationDraft) {
        guard let table = table(use.table, path: "\(path).table", into: &draft) else { return }
        for (index, name) in use.columns.enumerated() {
            _ = column(name, of: table, path: "\(path).columns[\(index)]", into: &draft)
        }
    }
}
