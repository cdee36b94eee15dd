import DoubleWrite

/// Why a table refuses what a release writes, by what it demands beside NOT NULL: only where that is sure.
struct ContractRefusal {
    /// The table, as the release calls it and as the demands know it.
    let table: TableName
    let key: TableName
    /// Its columns, without those that the helper takes care of.
    let columns: [String: ContractSchema.Fact]
    let write: ReleaseContract.Write
    let dialect: Dialect
    let demands: ContractDemands

    var reason: String? {
        guard !demands.isTrackLost else { return nil }
        return conflict ?? repetition ?? violation
    }

    private func folded(_ name: String) -> String { ContractSchema.folded(name, dialect) }

    /// `ON CONFLICT` needs a unique index of exactly its columns. One with a condition or an expression may be meant.
    private var conflict: String? {
        let wanted = Set(write.conflict.map(folded))
        let uniques = demands.uniques[key] ?? []
        guard !wanted.isEmpty, uniques.allSatisfy(\.isWhole), wanted.allSatisfy({ columns[$0] != nil }),
            !uniques.contains(where: { $0.columns == wanted })
        else { return nil }
        let names = write.conflict.map { "'\($0)'" }.joined(separator: ", ")
        return
            "inserts into '\(table)' with ON CONFLICT on \(names), and no unique index has just these columns"
    }

    /// Every row of the release gets the same default where only one may have it.
    private var repetition: String? {
        guard let given = insertedColumns else { return nil }
        let unique = (demands.uniques[key] ?? []).first { unique in
            unique.isNew && unique.isWhole && !unique.columns.isEmpty
                && unique.columns.allSatisfy { !given.contains($0) && columns[$0]?.fallback == .constant }
        }
        guard let unique else { return nil }
        let names = unique.columns.sorted().map { "'\($0)'" }.joined(separator: ", ")
        return
            "inserts into '\(table)' without \(names), so that every row gets the same default, and a unique index takes "
            + "that once"
    }

    /// A CHECK that refuses a value which the release says that it writes, or the default of a column that it leaves out.
    private var violation: String? {
        for check in demands.checks[key] ?? [] {
            guard let column = columns[check.column]?.column, let condition = condition(check, column) else {
                continue
            }
            let written = write.values.first { folded($0.key) == check.column }?.value ?? []
            if let value = written.first(where: { condition.refuses($0) }) {
                return
                    "writes '\(value)' to '\(check.column)' of '\(table)', which its CHECK\(named(check)) refuses"
            }
            guard let given = insertedColumns, !given.contains(check.column),
                columns[check.column]?.fallback == .constant,
                let value = column.defaultValue.flatMap({ ConstantCondition.constant(of: $0, dialect) }),
                condition.refuses(value)
            else { continue }
            return
                "inserts into '\(table)' without '\(check.column)', whose default '\(value)' its CHECK\(named(check)) "
                + "refuses"
        }
        return nil
    }

    private func condition(_ check: ContractDemands.Check, _ column: Column) -> ConstantCondition? {
        ConstantCondition(check.text, column: column, dialect)
    }

    private func named(_ check: ContractDemands.Check) -> String { check.name.map { " '\($0)'" } ?? "" }

    /// The columns that an insert gives; `nil` where it inserts nothing, or does not say what.
    private var insertedColumns: Set<String>? {
        guard write.inserts, !write.use.columns.isEmpty else { return nil }
        return Set(write.use.columns.map(folded))
    }
}
