import DoubleWrite

/// `rename_table`, in PostgreSQL: an updatable view keeps the old name alive
/// (<https://www.postgresql.org/docs/current/sql-createview.html#SQL-CREATEVIEW-UPDATABLE-VIEWS>).
extension PostgresPlanning {
    func plan(_ operation: RenameTable, into draft: inout OperationDraft) {
        guard let (table, new) = context.check(operation, into: &draft) else { return }
        refuseRename(of: table, into: &draft)
        for dependent in table.dependents where dependent.kind == .function {
            draft.warnings.append(
                "The function '\(dependent.name)' seems to mention '\(table.name)'. Functions' bodies are text to the "
                    + "database: it uses the view from the expand on, and fails once that is dropped.")
        }
        RenameTableSteps(
            table: table.name, new: new, dialect: dialect, lock: .accessExclusive(table.name),
            createView: view(of: table, under: new),
            limits:
                "Under the old name '\(table.name)' everything works but TRUNCATE, COPY, INSERT ... ON CONFLICT ON CONSTRAINT (name "
                + "the columns instead), and what only tables take: new foreign keys, indexes and triggers, inheritance, "
                + "whole rows as '\(table.name)' in a function."
        ).add(to: &draft)
    }

    private func refuseRename(of table: Table, into draft: inout OperationDraft) {
        refuse(
            kinds: [.partition, .foreign, .virtual], of: table,
            "which is renamed by statements of your own (sql): only the tables it belongs to know its name",
            into: &draft)
        for publication in table.publications {
            draft.refuse(
                "table",
                "'\(table.name)' is in the publication '\(publication)': its subscribers look for a table of the same name and "
                    + "stop; take the table out of the publication while the change is made")
        }
        for subscription in table.subscriptions {
            draft.refuse(
                "table",
                "'\(table.name)' receives the subscription '\(subscription)', which looks for its name; take the table out of "
                    + "the subscription while the change is made")
        }
        if !context.schema.hasInvokerViews, table.dependents.contains(where: { $0.kind == .policy }) {
            draft.refuse(
                "table",
                "'\(table.name)' has row security, which a view passes by before PostgreSQL 15: whoever uses the old name "
                    + "would see every row; drop the policies while the change is made, or upgrade first")
        }
    }

    /// The view, whose it is, and who may use it. It looks at the table with the rights of whoever uses it.
    private func view(of table: Table, under new: TableName) -> [String] {
        let view = dialect.quote(table.name)
        let options = context.schema.hasInvokerViews ? " WITH (security_invoker = true)" : ""
        let columns = dialect.quote(table.columns.map(\.name))
        var sql = ["CREATE VIEW \(view)\(options) AS SELECT \(columns) FROM \(dialect.quote(new))"]
        guard let access = table.access else { return sql }
        sql.append("ALTER VIEW \(view) OWNER TO \(dialect.quote(access.owner))")
        let known = ["SELECT", "INSERT", "UPDATE", "DELETE"]
        for grant in access.grants where known.contains(grant.privilege) {
            let role = grant.grantee.map(dialect.quote) ?? "PUBLIC"
            sql.append(
                "GRANT \(grant.privilege) ON \(view) TO \(role)"
                    + (grant.isGrantable ? " WITH GRANT OPTION" : ""))
        }
        for column in table.columns {
            for grant in column.grants where known.contains(grant.privilege) {
                sql.append(grant.statement(column: column.name, table: table.name))
            }
        }
        return sql
    }
}
