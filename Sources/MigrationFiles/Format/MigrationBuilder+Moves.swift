import DoubleWrite
import MigrationCore

/// Values that go from one table to another.
extension MigrationBuilder {
    mutating func extractTable(_ value: Value) -> ExtractTable {
        let extract = ExtractTable(
            table: value.tableName, column: value.required("column"),
            into: TableName(schema: value["into_schema"]?.text, value.required("into")),
            value: value["value"]?.text, key: value["key"]?.text, reference: value["reference"]?.text,
            isGuarded: value.isTrue("guard"), change: value["change"]?.text)
        if extract.table == extract.into {
            checker.report(
                "'table' and 'into' are the same table, '\(extract.table)'; the values go to a table of their own",
                at: value["into"]?.position)
        }
        if extract.reference == extract.column {
            checker.report(
                "'column' and 'reference' are the same column, '\(extract.column)'; the reference has a name of its own",
                at: value["reference"]?.position ?? value["column"]?.position)
        }
        if extract.key == extract.value {
            checker.report(
                "'key' and 'value' are the same column, '\(extract.key)'; the table has one for each",
                at: value["value"]?.position ?? value["key"]?.position ?? value["column"]?.position)
        }
        return extract
    }

    mutating func moveColumn(_ value: Value) -> MoveColumn {
        let entries = value["join"]?.entries ?? []
        let move = MoveColumn(
            table: value.tableName, column: value.required("column"),
            toTable: TableName(schema: value["to_schema"]?.text, value.required("to_table")),
            to: value["to"]?.text,
            join: entries.map { MoveColumn.Joined(source: $0.key, target: $0.value.text ?? "") },
            isGuarded: value.isTrue("guard"), change: value["change"]?.text)
        if move.table == move.toTable {
            checker.report(
                "'table' and 'to_table' are the same table, '\(move.table)'; rename_column renames a column in its table",
                at: value["to_table"]?.position)
        }
        var seen: Set<String> = []
        for entry in entries where !seen.insert(entry.value.text ?? "").inserted {
            checker.report(
                "'\(entry.value.text ?? "")' stands in 'join' more than once; each column has one partner",
                at: entry.value.position)
        }
        return move
    }
}
