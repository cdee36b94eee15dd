internal import DoubleWrite
internal import MigrationCore

extension MigrationCore.Operation {
    /// The change as an application declares it to the helper; `nil` where there is nothing to declare.
    ///
    /// - Parameters:
    ///   - before: The table before the migration.
    ///   - after: The table behind it.
    func declaredChange(_ dialect: Dialect, before: Table, after: Table) -> TableDeclaration.Change? {
        switch self {
        case .renameColumn(let rename):
            return .renameColumn(from: rename.from, to: rename.to, id: rename.changeID)
        case .changeType(let change):
            return .changeType(
                change.column, from: text(type(of: change.column, in: before)),
                to: text(type(of: change.column, in: after)), up: text(change.up, dialect),
                down: text(change.down, dialect), lossyDown: change.isLossyDown, id: change.changeID)
        case .changeColumn(let change): return declared(change, dialect, before, after)
        case .splitColumn(let split):
            let old = DeclaredChange.Column(
                name: split.from, type: text(type(of: split.from, in: before)),
                expression: text(split.down, dialect))
            return TableDeclaration.Change(
                id: split.changeID, defaultColumn: split.from, old: [old],
                new: split.to.map { new($0, dialect, after) }, isLossyDown: split.isLossyDown)
        case .mergeColumns(let merge):
            let old = merge.from.map { column in
                DeclaredChange.Column(
                    name: column.name, type: text(type(of: column.name, in: before)),
                    expression: text(column.down, dialect))
            }
            return TableDeclaration.Change(
                id: merge.changeID, defaultColumn: merge.to.definition.name, old: old,
                new: [new(merge.to, dialect, after)], isLossyDown: merge.isLossyDown)
        case .extractTable(let extract):
            return .extractTable(
                of: extract.column, into: extract.into, value: extract.value, key: extract.key,
                reference: extract.reference, id: extract.changeID)
        case .createTable, .dropTable, .renameTable, .addColumn, .dropColumn, .moveColumn, .setNotNull,
            .dropNotNull, .setDefault, .dropDefault, .setComment, .addCheck, .addForeignKey, .addUnique,
            .addPrimaryKey, .dropConstraint, .renameConstraint, .createIndex, .replaceIndex, .dropIndex,
            .createEnum, .addEnumValue, .dropEnum, .setReplicaIdentity, .sql:
            return nil
        }
    }

    /// Whether triggers keep both shapes in step, so that no application declares anything.
    var isSynchronised: Bool {
        switch self {
        case .renameColumn(let rename): rename.sync == .trigger
        case .changeType(let change): change.sync == .trigger
        case .changeColumn(let change): change.sync == .trigger
        case .splitColumn(let split): split.sync == .trigger
        case .mergeColumns(let merge): merge.sync == .trigger
        case .createTable, .dropTable, .renameTable, .addColumn, .dropColumn, .moveColumn, .extractTable,
            .setNotNull, .dropNotNull, .setDefault, .dropDefault, .setComment, .addCheck, .addForeignKey,
            .addUnique, .addPrimaryKey, .dropConstraint, .renameConstraint, .createIndex, .replaceIndex,
            .dropIndex, .createEnum, .addEnumValue, .dropEnum, .setReplicaIdentity, .sql:
            false
        }
    }

    private func declared(
        _ change: ChangeColumn, _ dialect: Dialect, _ before: Table, _ after: Table
    ) -> TableDeclaration.Change {
        let types = (type(of: change.from, in: before), type(of: change.to, in: after))
        var (up, down) = (text(change.up, dialect), text(change.down, dialect))
        // A cast says it where nothing else is said, as the plan does.
        if up == nil, types.0 != types.1 {
            up = text("CAST(\(dialect.quote(change.from)) AS \(types.1))")
            down = text("CAST(\(dialect.quote(change.to)) AS \(types.0))")
        }
        return .changeColumn(
            from: change.from, type: text(types.0), to: change.to, up: up, down: down,
            lossyDown: change.isLossyDown, id: change.changeID)
    }

    private func new(_ column: DerivedColumn, _ dialect: Dialect, _ after: Table) -> DeclaredChange.Column {
        DeclaredChange.Column(
            name: column.definition.name, type: text(type(of: column.definition.name, in: after)),
            expression: text(column.up, dialect))
    }

    private func type(of column: String, in table: Table) -> String { table.column(column)?.type ?? "text" }

    private func text(_ text: String) -> SQLText { SQLText(text) }

    private func text(_ text: PerDialect?, _ dialect: Dialect) -> SQLText? {
        text?[dialect].map { SQLText($0) }
    }
}
