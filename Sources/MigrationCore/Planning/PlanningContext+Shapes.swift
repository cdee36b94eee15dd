import DoubleWrite

/// Each operation on a column's shape as a ``ShapeChange``; what is wrong with it is noted.
extension PlanningContext {
    func shape(_ operation: RenameColumn, into draft: inout OperationDraft) -> ShapeChange? {
        touch(operation, into: &draft)
        guard let table = table(operation.table, into: &draft) else { return nil }
        checkNames(operation, in: table, into: &draft)
        guard let old = column(operation.from, of: table, path: "from", into: &draft) else { return nil }
        var new = old
        new.name = operation.to
        return ShapeChange(
            table: table, id: operation.changeID, context: self,
            olds: [.init(column: old, down: .identity(new.name))],
            news: [.init(column: new, physicalName: new.name, up: .identity(old.name))],
            inherits: .everything, isRename: true, sync: operation.sync, isGuarded: operation.isGuarded)
    }

    func shape(_ operation: ChangeType, into draft: inout OperationDraft) -> ShapeChange? {
        let name = operation.column
        checkText(operation.type, what: "the type", path: "type", into: &draft)
        guard
            let (table, olds) = shape(
                of: operation.table, operation.changeID, named: operation.change,
                olds: [(name, "column")], into: &draft), let old = olds.first,
            let type = operation.type[dialect]
        else { return nil }
        checkShadow(of: name, in: table, path: "column", into: &draft)
        if SQLType(old.type, dialect) == SQLType(type, dialect) {
            draft.refuse("type", "'\(name)' is of the type \(type) already; nothing would change")
        }
        var up: ShapeChange.Derivation? = .cast(name)
        var down: ShapeChange.Derivation? = .cast(name)
        if let text = operation.up { up = expression(text, "up", path: "up", into: &draft) }
        if let text = operation.down { down = expression(text, "down", path: "down", into: &draft) }
        guard let up, let down else { return nil }
        // Triggers leave keys, and what refers to them, where they are.
        let movesKeys = dialect == .postgres && operation.sync == .doubleWrite
        let numbered = movesKeys ? PostgresIdentity(of: old, in: table)?.column ?? old : old
        let new = numbered.changed(to: type, dialect, in: table.name)
        checkPlain(
            ColumnDefinition(name: name, type: operation.type).column(dialect, in: table.name), path: "type",
            into: &draft)
        return ShapeChange(
            table: table, id: operation.changeID, context: self, olds: [.init(column: numbered, down: down)],
            news: [.init(column: new, physicalName: dialect.shadowName(of: name), up: up)],
            isLossyDown: operation.isLossyDown, inherits: .everything, sync: operation.sync,
            isGuarded: operation.isGuarded,
            movesKeys: movesKeys, identity: movesKeys ? old.identity : nil)
    }

    func shape(_ operation: ChangeColumn, into draft: inout OperationDraft) -> ShapeChange? {
        let (from, to) = (operation.from, operation.to)
        guard
            let (table, olds) = shape(
                of: operation.table, operation.changeID, named: operation.change,
                olds: [(from, "from")], into: &draft), let old = olds.first
        else { return nil }
        let keepsName = from == to
        if keepsName {
            checkShadow(of: to, in: table, path: "to", into: &draft)
        } else {
            checkNew(to, in: table, path: "to", into: &draft)
            touch(operation.table, new: to, into: &draft)
        }
        let definition = operation.definition(changing: old, dialect)
        checkTexts(definition, path: nil, into: &draft)
        let new = definition.column(dialect, in: table.name).inheriting(
            old, type: operation.type?[dialect] == nil)
        checkPlain(new, path: "type", into: &draft)
        checkDefault(of: [old], news: [new], path: "default", into: &draft)
        guard let (up, down) = ways(operation, from: old, to: new, into: &draft) else { return nil }
        let meansTheSame = operation.up == nil
        return ShapeChange(
            table: table, id: operation.changeID, context: self, olds: [.init(column: old, down: down)],
            news: [
                .init(
                    column: new.withoutNullDefault, physicalName: keepsName ? dialect.shadowName(of: to) : to,
                    up: up,
                    check: operation.check?[dialect])
            ],
            isLossyDown: operation.isLossyDown, inherits: meansTheSame ? .everything : .keys,
            sync: operation.sync, isGuarded: operation.isGuarded)
    }

    private func ways(
        _ operation: ChangeColumn, from old: Column, to new: Column, into draft: inout OperationDraft
    ) -> (up: ShapeChange.Derivation, down: ShapeChange.Derivation)? {
        let isSameType = SQLType(old.type, dialect) == SQLType(new.type, dialect)
        guard let upText = operation.up, let downText = operation.down else {
            guard operation.up == nil, operation.down == nil else {
                let missing = operation.up == nil ? "up" : "down"
                draft.refuse(
                    missing == "up" ? "down" : "up",
                    "'\(missing)' is missing: a value has to get both ways; say how, as SQL over "
                        + "'\(missing == "up" ? old.name : new.name)'")
                return nil
            }
            if isSameType, operation.from == operation.to {
                draft.refuse(
                    nil,
                    "neither the name nor the type nor the value of '\(old.name)' changes; use set_not_null, set_default, "
                        + "add_check or set_comment")
            }
            let isBare =
                operation.isNullable == nil && operation.defaultValue == nil && operation.check == nil
                && operation.comment == nil
            if isSameType, isBare, operation.from != operation.to {
                draft.refuse(nil, "only the name of '\(old.name)' changes; use rename_column")
            }
            return isSameType
                ? (.identity(old.name), .identity(new.name)) : (.cast(old.name), .cast(new.name))
        }
        guard let up = expression(upText, "up", path: "up", into: &draft),
            let down = expression(downText, "down", path: "down", into: &draft)
        else { return nil }
        return (up, down)
    }

    func shape(_ operation: SplitColumn, into draft: inout OperationDraft) -> ShapeChange? {
        guard
            let (table, olds) = shape(
                of: operation.table, operation.changeID, named: operation.change,
                olds: [(operation.from, "from")], into: &draft), let old = olds.first
        else { return nil }
        if operation.to.count < 2 {
            draft.refuse("to", "a column is split into two or more; for one use change_column")
        }
        var news: [ShapeChange.New] = []
        for derived in operation.to {
            let path = "to.\(derived.definition.name)"
            if let new = new(derived, path: path, beside: news, in: table, into: &draft) { news.append(new) }
        }
        let down = expression(operation.down, "down", path: "down", into: &draft)
        checkDefault(of: [old], news: news.map(\.column), path: "to", into: &draft)
        guard let down, news.count == operation.to.count else { return nil }
        return ShapeChange(
            table: table, id: operation.changeID, context: self, olds: [.init(column: old, down: down)],
            news: news.map(\.withoutNullDefault), isLossyDown: operation.isLossyDown, inherits: .grants,
            sync: operation.sync, isGuarded: operation.isGuarded)
    }

    func shape(_ operation: MergeColumns, into draft: inout OperationDraft) -> ShapeChange? {
        let names = operation.from.map(\.name)
        guard
            let (table, columns) = shape(
                of: operation.table, operation.changeID, named: operation.change,
                olds: names.map { ($0, "from.\($0)") }, into: &draft)
        else { return nil }
        if names.count < 2 || Set(names).count < names.count {
            draft.refuse("from", "two or more columns are merged, each once; for one use change_column")
        }
        let new = new(operation.to, path: nil, beside: [], in: table, into: &draft)
        var olds: [ShapeChange.Old] = []
        for (merged, column) in zip(operation.from, columns) {
            let path = "from.\(merged.name).down"
            if let down = expression(merged.down, "down", path: path, into: &draft) {
                olds.append(.init(column: column, down: down))
            }
        }
        checkDefault(of: columns, news: new.map { [$0.column] } ?? [], path: "default", into: &draft)
        guard let new, olds.count == columns.count else { return nil }
        return ShapeChange(
            table: table, id: operation.changeID, context: self, olds: olds, news: [new.withoutNullDefault],
            isLossyDown: operation.isLossyDown, inherits: .grants,
            sync: operation.sync, isGuarded: operation.isGuarded)
    }

    /// A new column of a split or merge, checked.
    private func new(
        _ derived: DerivedColumn, path: String?, beside others: [ShapeChange.New], in table: Table,
        into draft: inout OperationDraft
    ) -> ShapeChange.New? {
        let definition = derived.definition
        func place(_ key: String) -> String { path.map { "\($0).\(key)" } ?? key }
        let name = path ?? "to"
        checkNew(definition.name, in: table, path: name, into: &draft)
        touch(table.name, new: definition.name, into: &draft)
        if others.contains(where: { dialect.sameName($0.column.name, definition.name) }) {
            draft.refuse(name, "'\(definition.name)' stands twice; choose another name")
        }
        checkTexts(definition, path: path, into: &draft)
        if definition.isPrimaryKey {
            draft.refuse(
                place("primary_key"),
                "a primary key is declared with the table (create_table) or by add_primary_key")
        }
        if let target = definition.references {
            check(target, from: table, path: place("references"), into: &draft)
        }
        let column = definition.column(dialect, in: table.name)
        checkPlain(column, path: place("type"), into: &draft)
        guard let up = expression(derived.up, "up", path: place("up"), into: &draft) else { return nil }
        return ShapeChange.New(
            column: column, physicalName: definition.name, up: up, isUnique: definition.isUnique,
            check: definition.check?[dialect], references: definition.references)
    }

    /// Checks a new column's type and expressions.
    private func checkTexts(_ definition: ColumnDefinition, path: String?, into draft: inout OperationDraft) {
        func place(_ key: String) -> String { path.map { "\($0).\(key)" } ?? key }
        checkText(
            definition.type, what: "the type of '\(definition.name)'", path: place("type"), into: &draft)
        for (word, text) in [("default", definition.defaultValue), ("check", definition.check)] {
            guard let text else { continue }
            checkText(text, what: "the \(word) of '\(definition.name)'", path: place(word), into: &draft)
            if let sql = text[dialect], let reason = ExpressionText(sql, dialect).mistake {
                draft.refuse(place(word), "'\(word)' \(reason)")
            }
        }
    }
}

extension ChangeColumn {
    /// The new column as a definition: what the file leaves out is as it was.
    func definition(changing old: Column, _ dialect: Dialect) -> ColumnDefinition {
        ColumnDefinition(
            name: to, type: type ?? PerDialect(old.type), isNullable: isNullable ?? old.isNullable,
            defaultValue: defaultValue, check: check, comment: comment)
    }
}

extension ShapeChange.New {
    fileprivate var withoutNullDefault: ShapeChange.New {
        var new = self
        new.column = column.withoutNullDefault
        return new
    }
}

extension Column {
    /// The column under its name with another type.
    func changed(to type: String, _ dialect: Dialect, in table: TableName) -> Column {
        var column = self
        let declared = ColumnDefinition(name: name, type: PerDialect(type)).column(dialect, in: table)
        column.type = SQLType(declared.type, dialect).text
        column.hasExactEquality = declared.hasExactEquality
        column.domain = nil
        if dialect == .postgres {
            let isNear = SQLType(self.type, dialect).assigns(to: SQLType(type, dialect))
            column.defaultValue = defaultValue.map {
                isNear ? $0 : "CAST(\($0.parenthesized) AS \(type))"
            }
            // How a value is stored belongs to its type.
            column.settings = settings?.filter { $0.hasPrefix("SET STATISTICS") || $0.hasPrefix("SET (") }
            if column.settings?.isEmpty == true { column.settings = nil }
            if !SQLType(type, dialect).isText { column.collation = nil }
        }
        return column
    }

    /// What a declared column gets of the old one where nothing is said of it.
    func inheriting(_ old: Column, type keepsType: Bool) -> Column {
        var column = self
        column.grants = old.grants
        column.comment = comment ?? old.comment
        if keepsType {
            column.type = old.type
            column.collation = old.collation
            column.hasExactEquality = old.hasExactEquality
            column.settings = old.settings
            column.domain = old.domain
        }
        return column
    }

    /// A default of NULL is none; it was written down to say so.
    var withoutNullDefault: Column {
        guard let defaultValue, SQLiteLiteral.isNull(defaultValue) else { return self }
        var column = self
        column.defaultValue = nil
        return column
    }
}
