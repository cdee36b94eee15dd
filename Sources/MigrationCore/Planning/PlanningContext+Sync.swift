import DoubleWrite

/// What a change whose shapes the database keeps in step (`sync: trigger`) is checked for, whatever the dialect.
extension PlanningContext {
    func checkSync(_ change: ShapeChange, into draft: inout OperationDraft) {
        draft.warnings += SyncWords(change).warnings
        refuseUntold(change, into: &draft)
        refuseKeys(change, into: &draft)
        probeDefaults(change, into: &draft)
    }

    /// Under one name a release cannot say which shape it writes, so the value must mean the same in both.
    private func refuseUntold(_ change: ShapeChange, into draft: inout OperationDraft) {
        guard change.keepsName else { return }
        let ways = change.news.map(\.up) + change.olds.map(\.down)
        guard ways.contains(where: { if case .expression = $0 { true } else { false } }) else { return }
        let advice =
            draft.keyword == "change_column"
            ? "give the column another name (to)" : "use change_column with another name (to)"
        draft.refuse(
            "sync",
            "\(change.words.old) keeps its name and its values get another meaning (up, down): when the database alone keeps "
                + "both in step, a release cannot say which of the two it writes; \(advice), leave 'up' and 'down' out where a "
                + "cast says the same, or use sync: double_write")
    }

    /// What numbers or identifies the rows of a table has to be one column at any time.
    private func refuseKeys(_ change: ShapeChange, into draft: inout OperationDraft) {
        for column in change.olds.map(\.column)
        where change.keepsName && (column.identity != nil || change.table.primaryKey.contains(column.name)) {
            draft.refuse(
                "sync",
                "'\(column.name)' identifies the rows of '\(change.table.name)', and a trigger cannot move that to another column; "
                    + "use sync: double_write, which takes the primary key and the foreign keys to it along")
        }
    }

    /// A row from which everything is left out must be the same in both shapes: only so can a value that is left out be
    /// told from one that is given.
    private func probeDefaults(_ change: ShapeChange, into draft: inout OperationDraft) {
        let olds = change.olds.map { SyncTrigger.Usual(of: $0.column, dialect) }
        let news = change.news.map { change.agreedDefault(of: $0) }
        let isBare = olds.allSatisfy { $0 == .null } && news.allSatisfy { $0 == nil }
        guard !change.isRename, !change.keepsName, !change.needsOldValue, !isBare, !olds.contains(.varying)
        else { return }
        let values = zip(change.olds, olds).map { old, usual in
            (name: old.column.name, sql: value(usual, of: old.column))
        }
        let conditions = zip(change.news, news).map { new, agreed in
            dialect.differs(
                value(agreed.map { .constant($0) } ?? .null, of: new.column),
                change.upValue(new, over: values), isExact: new.column.hasExactEquality)
        }
        let table = dialect.quote("bellows_probe")
        let type = dialect == .postgres ? "boolean" : "integer"
        let name = dialect.quote("the defaults of both shapes are the same value")
        draft.probe(
            change.news.count > 1 ? "to" : "default", "the default",
            [
                "CREATE TEMPORARY TABLE \(table) (agree \(type) CONSTRAINT \(name) CHECK (agree))",
                "INSERT INTO \(table) (agree) SELECT NOT (\(conditions.joined(separator: " OR ")))",
            ],
            advice:
                "with sync: trigger a row from which both shapes are left out has to be the same in both: declare as default "
                + "what 'up' makes of the old one, or use sync: double_write")
    }

    private func value(_ usual: SyncTrigger.Usual, of column: Column) -> String {
        switch usual {
        case .constant(let text): dialect.stored(text.parenthesized, in: column)
        case .null, .varying: dialect == .postgres ? "CAST(NULL AS \(column.type))" : "NULL"
        }
    }
}
