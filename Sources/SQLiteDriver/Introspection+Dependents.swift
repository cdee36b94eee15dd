internal import DoubleWrite
internal import MigrationCore

extension Introspection {
    /// Adds what uses each table's columns: generated columns, foreign keys (its own, to itself, too), views
    /// and triggers.
    ///
    /// Views over views are followed. What mentions the table but certainly none of its columns is left out.
    func addDependents(to tables: inout [Table]) {
        let known = tables
        for position in tables.indices {
            tables[position].dependents =
                generatedColumns(of: known[position]) + Self.foreignKeys(to: known[position], from: known)
                + programs(using: known[position])
        }
    }

    private func generatedColumns(of table: Table) -> [Dependent] {
        let generated = stored(table).generated
        return table.columns.compactMap { column in
            guard let expression = generated[column.name.asciiFolded] else { return nil }
            return Dependent(
                kind: .generatedColumn, name: "\(table.name).\(column.name)",
                columns: table.columns(named: expression.names))
        }
    }

    private static func foreignKeys(to table: Table, from tables: [Table]) -> [Dependent] {
        tables.flatMap { child in
            child.foreignKeys.filter { table.isNamed($0.target.table.name) }.map { key in
                // Without columns it points at the primary key.
                let columns = key.target.columns.isEmpty ? table.primaryKey : key.target.columns
                return Dependent(
                    kind: .foreignKey, name: "\(child.name).\(key.columns.joined(separator: ", "))",
                    columns: Set(columns))
            }
        }
    }

    private func programs(using table: Table) -> [Dependent] {
        let reached = names(reaching: table)
        return programs.compactMap { program in
            guard !program.names.isDisjoint(with: reached) else { return nil }
            let columns = program.columns(of: table)
            if columns?.isEmpty == true { return nil }
            return Dependent(
                kind: program.isView ? .view : .trigger, name: program.name, columns: columns ?? [])
        }
    }

    /// The table's folded name, and those of the views over it and over these.
    private func names(reaching table: Table) -> Set<String> {
        var reached: Set = [table.name.name.asciiFolded]
        var isGrowing = true
        while isGrowing {
            let views = programs.filter { $0.isView && !$0.names.isDisjoint(with: reached) }
            let count = reached.count
            reached.formUnion(views.map(\.name.asciiFolded))
            isGrowing = reached.count > count
        }
        return reached
    }
}
