import DoubleWrite
import MigrationCore

/// Changes of a column's shape.
extension MigrationBuilder {
    mutating func renameColumn(_ value: Value) -> RenameColumn {
        let rename = RenameColumn(
            table: value.tableName, from: value.required("from"), to: value.required("to"),
            strategy: value["strategy"]?.text.flatMap(RenameColumn.Strategy.init(rawValue:)) ?? .copy,
            sync: sync(value), isGuarded: value.isTrue("guard"), change: value["change"]?.text)
        checkChanged(rename.from, rename.to, ("from", "to"), in: value)
        if rename.strategy == .inPlace, value["sync"] != nil {
            checker.report(
                "a rename in place has no second column to keep in step; leave 'sync' out",
                at: value["sync"]?.position)
        }
        if rename.strategy == .inPlace, rename.isGuarded {
            checker.report(
                "a rename in place has no second column to heal; leave 'guard' out",
                at: value["guard"]?.position)
        }
        return rename
    }

    func changeType(_ value: Value) -> ChangeType {
        ChangeType(
            table: value.tableName, column: value.required("column"), type: value.sql("type"),
            up: value["up"]?.perDialect, down: value["down"]?.perDialect,
            isLossyDown: value.isTrue("lossy_down"), sync: sync(value), isGuarded: value.isTrue("guard"),
            change: value["change"]?.text)
    }

    mutating func changeColumn(_ value: Value) -> ChangeColumn {
        let from = value.required("from")
        let change = ChangeColumn(
            table: value.tableName, from: from, to: value["to"]?.text ?? from,
            type: value["type"]?.perDialect,
            isNullable: value["nullable"].map { $0.text == "true" },
            defaultValue: value["default"]?.perDialect, check: value["check"]?.perDialect,
            comment: value["comment"]?.text, up: value["up"]?.perDialect, down: value["down"]?.perDialect,
            isLossyDown: value.isTrue("lossy_down"), sync: sync(value), isGuarded: value.isTrue("guard"),
            change: value["change"]?.text)
        let others = ["type", "nullable", "default", "check", "comment", "up", "down"]
        guard others.allSatisfy({ value[$0] == nil }) else { return change }
        checker.report(
            change.from == change.to
                ? "nothing about '\(from)' changes; say what does (type, nullable, default, check, comment, up, down)"
                : "only the name of '\(from)' changes; write rename_column: { table: ..., from: \(from), to: "
                    + "\(change.to) }",
            at: value["to"]?.position ?? value["from"]?.position)
        return change
    }

    mutating func splitColumn(_ value: Value) -> SplitColumn {
        let from = value.required("from")
        let entries = value["to"]?.entries ?? []
        let parts = entries.map { entry in
            DerivedColumn(
                definition: column(named: entry.key, entry.value), up: entry.value.sql("up"))
        }
        if entries.count == 1 {
            checker.report(
                "'to' names one column; a split needs at least two (change_column makes one of one)",
                at: entries.first?.keyPosition)
        }
        if let same = entries.first(where: { $0.key == from }) {
            checker.report(
                "'\(from)' is split and cannot bear a new column's value as well; choose another name",
                at: same.keyPosition)
        }
        return SplitColumn(
            table: value.tableName, from: from, to: parts, down: value.sql("down"),
            isLossyDown: value.isTrue("lossy_down"), sync: sync(value), isGuarded: value.isTrue("guard"),
            change: value["change"]?.text)
    }

    mutating func mergeColumns(_ value: Value) -> MergeColumns {
        let to = value.required("to")
        let entries = value["from"]?.entries ?? []
        let definition = column(named: to, value)
        if entries.count == 1 {
            checker.report(
                "'from' names one column; a merge needs at least two (change_column makes one of one)",
                at: entries.first?.keyPosition)
        }
        if entries.contains(where: { $0.key == to }) {
            checker.report(
                "'\(to)' is merged and cannot bear the new value as well; choose another name",
                at: value["to"]?.position)
        }
        return MergeColumns(
            table: value.tableName,
            from: entries.map { MergedColumn(name: $0.key, down: $0.value.sql("down")) },
            to: DerivedColumn(definition: definition, up: value.sql("up")),
            isLossyDown: value.isTrue("lossy_down"), sync: sync(value), isGuarded: value.isTrue("guard"),
            change: value["change"]?.text)
    }

    private func sync(_ value: Value) -> Sync {
        value["sync"]?.text.flatMap(Sync.init(rawValue:)) ?? .doubleWrite
    }
}
