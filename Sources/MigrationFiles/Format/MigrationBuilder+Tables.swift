import DoubleWrite
import MigrationCore

/// Tables, columns and types.
extension MigrationBuilder {
    mutating func createTable(_ value: Value) -> CreateTable {
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
            table: value.tableName, columns: columns, primaryKey: names, comment: value["comment"]?.text)
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

    mutating func column(named name: String, _ value: Value) -> ColumnDefinition {
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

    func reference(_ value: Value) -> ForeignKeyTarget {
        func action(_ key: String) -> ReferentialAction {
            ReferentialAction.allCases.first { MigrationFormat.spelling($0) == value[key]?.text } ?? .noAction
        }
        let columns = (value["column"] ?? value["columns"])?.oneOrMany.compactMap(\.text)
        return ForeignKeyTarget(
            table: value.tableName, columns: columns ?? [], onDelete: action("on_delete"),
            onUpdate: action("on_update"))
    }

    mutating func renameTable(_ value: Value) -> RenameTable {
        let rename = RenameTable(table: value.tableName, to: value.required("to"))
        checkChanged(rename.table.name, rename.to, ("table", "to"), in: value)
        return rename
    }

    func setComment(_ value: Value) -> SetComment {
        let comment = value["comment"].flatMap { $0.isNothing ? nil : $0.text }
        return SetComment(table: value.tableName, column: value["column"]?.text, comment: comment)
    }

    func setReplicaIdentity(_ value: Value) -> SetReplicaIdentity {
        let identity: SetReplicaIdentity.Identity =
            switch value["identity"]?.text {
            case "full": .full
            case "nothing": .nothing
            default: value["index"]?.text.map { .index($0) } ?? .primaryKey
            }
        return SetReplicaIdentity(table: value.tableName, identity: identity)
    }

    mutating func createEnum(_ value: Value) -> CreateEnum {
        CreateEnum(name: value.typeName, values: distinct("values", of: value))
    }

    mutating func addEnumValue(_ value: Value) -> AddEnumValue {
        let added = value.required("value")
        var place: AddEnumValue.Place?
        if let after = value["after"] {
            place = .after(after.text ?? "")
            if value["before"] != nil {
                checker.report(
                    "a value stands 'before' one or 'after' one; leave one of the two keys out",
                    at: after.position)
            }
        } else if let before = value["before"]?.text {
            place = .before(before)
        }
        for key in ["before", "after"] {
            checkChanged(added, value[key]?.text ?? "", ("value", key), in: value)
        }
        return AddEnumValue(name: value.typeName, value: added, place: place)
    }
}
