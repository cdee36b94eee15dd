import DoubleWrite
import MigrationCore

/// Makes operations of values that the ``Checker`` found right, and finds what is wrong between them.
struct MigrationBuilder {
    var checker: Checker

    /// One entry of `operations`.
    mutating func operation(_ value: Value) -> MigrationCore.Operation {
        guard let entry = value.entries.first else { preconditionFailure("an operation without a name") }
        let body = entry.value
        switch entry.key {
        case MigrationFormat.createTable.title: return .createTable(createTable(body, entry.keyPosition))
        case MigrationFormat.addColumn.title:
            return .addColumn(
                AddColumn(
                    table: tableName(body), column: column(named: body.required("column"), body)))
        case MigrationFormat.dropColumn.title:
            return .dropColumn(DropColumn(table: tableName(body), column: body.required("column")))
        case MigrationFormat.renameColumn.title: return .renameColumn(renameColumn(body))
        case MigrationFormat.createIndex.title: return .createIndex(createIndex(body))
        case MigrationFormat.dropIndex.title:
            return .dropIndex(DropIndex(table: tableName(body), name: body.required("name")))
        case MigrationFormat.sql.title: return .sql(rawSQL(body))
        default: preconditionFailure("an operation of the format that nothing builds")
        }
    }

    private func tableName(_ value: Value) -> TableName {
        TableName(schema: value["schema"]?.text, value.required("table"))
    }

    private mutating func renameColumn(_ value: Value) -> RenameColumn {
        let rename = RenameColumn(
            table: tableName(value), from: value.required("from"), to: value.required("to"),
            strategy: value["strategy"]?.text.flatMap(RenameColumn.Strategy.init(rawValue:)) ?? .copy,
            change: value["change"]?.text)
        if rename.from == rename.to {
            checker.report("'from' and 'to' are the same name, '\(rename.to)'", at: value["to"]?.position)
        }
        return rename
    }

    private func createIndex(_ value: Value) -> CreateIndex {
        let keys = value["columns"]?.values.map { key in
            let content: CreateIndex.Key.Content
            if let expression = key["expression"] {
                content = .expression(expression.perDialect)
            } else {
                content = .column(key.text ?? key.required("column"))
            }
            return CreateIndex.Key(content, isDescending: key["order"]?.text == "desc")
        }
        return CreateIndex(
            table: tableName(value), name: value.required("name"), keys: keys ?? [],
            isUnique: value.isTrue("unique"), condition: value["where"]?.perDialect)
    }

    private func rawSQL(_ value: Value) -> RawSQL {
        func statements(_ key: String) -> [PerDialect]? {
            value[key]?.oneOrMany.map(\.perDialect)
        }
        return RawSQL(
            expand: statements("expand") ?? [], transition: statements("transition") ?? [],
            contract: statements("contract") ?? [], undo: statements("undo"))
    }
}

// MARK: - Tables and columns

extension MigrationBuilder {
    private mutating func createTable(_ value: Value, _ position: SourcePosition) -> CreateTable {
        var columns: [ColumnDefinition] = []
        var keyed: [Value.Entry] = []
        for entry in value["columns"]?.entries ?? [] {
            columns.append(column(named: entry.key, entry.value))
            if entry.value.isTrue("primary_key") { keyed.append(entry) }
        }
        let names = (value["primary_key"]?.oneOrMany ?? []).compactMap(\.text)
        checkPrimaryKey(value, columns: columns.map(\.name), keyed: keyed)
        for index in columns.indices where names.contains(columns[index].name) {
            columns[index].isNullable = false
        }
        return CreateTable(
            table: tableName(value), columns: columns, primaryKey: names, comment: value["comment"]?.text)
    }

    private mutating func checkPrimaryKey(_ value: Value, columns: [String], keyed: [Value.Entry]) {
        let listed = value["primary_key"]
        if let second = keyed.dropFirst().first {
            let names = keyed.map(\.key).joined(separator: ", ")
            checker.report(
                "a second column says 'primary_key: true'; for a key of several columns write "
                    + "'primary_key: [\(names)]' beside 'columns'", at: second.keyPosition)
        } else if let listed, let column = keyed.first {
            checker.report(
                "the primary key is declared twice, here and on the column '\(column.key)'",
                at: listed.position)
        }
        var seen: Set<String> = []
        for name in listed?.oneOrMany ?? [] {
            let text = name.text ?? ""
            if !columns.contains(text) {
                let nearest = NearestName.hint(text, among: columns)
                checker.report("'\(text)' is not a column of this table\(nearest)", at: name.position)
            } else if !seen.insert(text).inserted {
                checker.report("'\(text)' stands in the primary key more than once", at: name.position)
            }
        }
    }

    private mutating func column(named name: String, _ value: Value) -> ColumnDefinition {
        let isPrimaryKey = value.isTrue("primary_key")
        if isPrimaryKey, value.isTrue("nullable") {
            checker.report(
                "a primary key cannot be nullable; leave 'nullable' out", at: value["nullable"]?.position)
        }
        return ColumnDefinition(
            name: name, type: value["type"]?.perDialect ?? "",
            isNullable: !isPrimaryKey && value["nullable"]?.text != "false",
            defaultValue: value["default"]?.perDialect, isPrimaryKey: isPrimaryKey,
            isUnique: value.isTrue("unique"), check: value["check"]?.perDialect,
            references: value["references"].map(reference), comment: value["comment"]?.text)
    }

    private func reference(_ value: Value) -> ForeignKeyTarget {
        func action(_ key: String) -> ReferentialAction {
            ReferentialAction.allCases.first { MigrationFormat.spelling($0) == value[key]?.text } ?? .noAction
        }
        return ForeignKeyTarget(
            table: tableName(value), columns: value["column"]?.text.map { [$0] } ?? [],
            onDelete: action("on_delete"), onUpdate: action("on_update"))
    }
}

extension Value {
    /// The text of a key that the checker has seen to be there.
    fileprivate func required(_ key: String) -> String {
        guard let text = self[key]?.text else { preconditionFailure("a value went unchecked") }
        return text
    }

    fileprivate func isTrue(_ key: String) -> Bool { self[key]?.text == "true" }

    /// The entries of a list, or the one value that stands for it.
    fileprivate var oneOrMany: [Value] {
        if case .list(let values) = content { values } else { [self] }
    }

    /// SQL, for every dialect or one each.
    fileprivate var perDialect: PerDialect {
        text.map { PerDialect($0) }
            ?? PerDialect(postgres: self["postgres"]?.text, sqlite: self["sqlite"]?.text)
    }
}
