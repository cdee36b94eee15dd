import DoubleWrite
import MigrationCore

/// Constraints and indexes.
extension MigrationBuilder {
    mutating func addForeignKey(_ value: Value) -> AddForeignKey {
        guard let references = value["references"] else { preconditionFailure("a value went unchecked") }
        let key = AddForeignKey(
            table: value.tableName, name: value.required("name"), columns: distinct("columns", of: value),
            target: reference(references))
        _ = distinct("columns", of: references)
        let (own, other) = (key.columns.count, key.target.columns.count)
        if other > 0, own != other {
            checker.report(
                "'columns' has \(own) and the 'columns' of 'references' \(other); each column points at one",
                at: references["columns"]?.position)
        }
        return key
    }

    mutating func renameConstraint(_ value: Value) -> RenameConstraint {
        let rename = RenameConstraint(
            table: value.tableName, from: value.required("from"), to: value.required("to"))
        checkChanged(rename.from, rename.to, ("from", "to"), in: value)
        return rename
    }

    func replaceIndex(_ value: Value) -> ReplaceIndex {
        let old = value.required("index")
        return ReplaceIndex(old: old, new: index(named: value["name"]?.text ?? old, value))
    }

    func index(named name: String, _ value: Value) -> CreateIndex {
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
            table: value.tableName, name: name, keys: keys ?? [], isUnique: value.isTrue("unique"),
            condition: value["where"]?.perDialect)
    }
}
