import DoubleWrite

/// What would keep a backfill from reading or writing rows that are there, and would show only once it runs.
extension PostgresPlanning {
    func refuseRows(of change: ShapeChange, into draft: inout OperationDraft) {
        let table = change.table
        refuseRowSecurity(of: table, into: &draft)
        refuseRowType(of: table, into: &draft)
        refuseUnvalidated(Set(change.oldNames), in: table, into: &draft)
        let copied = Set(change.news.filter { $0.column.domain != nil }.flatMap { _ in change.oldNames })
        for column in table.columns {
            refuseDomain(
                of: column, isOld: change.oldNames.contains(column.name),
                isCopied: copied.contains(column.name),
                into: &draft)
        }
    }

    /// Rows that the migrating role does not see would neither be copied nor be counted, and then be dropped.
    private func refuseRowSecurity(of table: Table, into draft: inout OperationDraft) {
        guard let security = table.rowSecurity else { return }
        let names = security.policies.map { "'\($0)'" }.joined(separator: ", ")
        let policies = names.isEmpty ? "no policy lets it see any row" : "policies: \(names)"
        let alter = "ALTER TABLE \(dialect.quote(table.name)) NO FORCE ROW LEVEL SECURITY"
        draft.refuse(
            "table",
            "row security of '\(table.name)' is active for the role that migrates (\(policies)), and rows that it does "
                + "not see would be dropped without having been copied; migrate as a role with BYPASSRLS or as the "
                + "table's owner\(security.isForced ? " after \(alter)" : ""), or \(draft.otherWay)")
    }

    /// A typed table has the columns of its type, each of them and no other.
    func refuseRowType(of table: Table, into draft: inout OperationDraft) {
        guard let type = table.rowType else { return }
        draft.refuse(
            "table",
            "'\(table.name)' is a typed table (of '\(type)'), whose columns cannot be changed one by one; "
                + "detach it from the type first (ALTER TABLE \(dialect.quote(table.name)) NOT OF)")
    }

    /// The server checks a whole row on every write of it, and the backfill writes each.
    private func refuseUnvalidated(_ names: Set<String>, in table: Table, into draft: inout OperationDraft) {
        let advice =
            "a row that breaks it would stop the backfill; validate it first (VALIDATE CONSTRAINT), or drop it"
        for check in table.checks where !check.isValidated {
            draft.refuse(
                "table", "the CHECK '\(check.name ?? "")' of '\(table.name)' is NOT VALID: \(advice)")
        }
        for key in table.foreignKeys where !key.isValidated {
            guard let name = key.columns.first(where: names.contains) else { continue }
            draft.refuse(
                draft.columnPath, "the foreign key '\(key.name ?? "")' of '\(name)' is NOT VALID: \(advice)")
        }
        for column in table.columns where column.mayHoldOldNulls == true {
            draft.refuse("table", "NOT NULL of '\(column.name)' of '\(table.name)' is NOT VALID: \(advice)")
        }
    }

    private func refuseDomain(
        of column: Column, isOld: Bool, isCopied: Bool, into draft: inout OperationDraft
    ) {
        guard let domain = column.domain else { return }
        if domain.refusesNull {
            draft.refuse(
                isOld ? draft.columnPath : "table",
                "the type of '\(column.name)', the domain '\(column.type)', refuses NULL, and the helper's look-up of a "
                    + "table's columns makes an empty row of it; take NOT NULL from the domain and give it to the column"
            )
        } else if isCopied, domain.isConstrained || domain.hasDefault {
            draft.refuse(
                draft.columnPath,
                "the type of '\(column.name)' is the domain '\(column.type)' with a constraint or a default: to add such "
                    + "a column the database writes every row anew and keeps everyone out; \(draft.otherWay)"
            )
        }
    }

    /// Names what the copies of indexes and constraints do not get.
    func warnOfExtras(of column: String, in table: Table, into draft: inout OperationDraft) {
        for extra in table.extras ?? [] where extra.columns.contains(column) {
            draft.warnings.append(
                "\(extra.name) of '\(table.name)' is not carried over to its copy and is lost with '\(column)'; set it "
                    + "again when the migration is finished.")
        }
    }
}
