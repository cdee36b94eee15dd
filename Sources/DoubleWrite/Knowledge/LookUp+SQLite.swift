extension LookUp {
    /// One statement, so one snapshot of the schema, of its version and of the recorded stages.
    ///
    /// `table_xinfo` lists generated columns too, and its second argument keeps a temporary table of the same name
    /// out (<https://www.sqlite.org/pragma.html#pragma_table_xinfo>).
    var sqliteSQL: String {
        let stages = dialect.literal(StageTable.tableName(dialect).name)
        let columns = table.followed.indices.flatMap { sqliteColumns($0) }
        let joins = table.followed.indices.map { stageJoin("s\($0)", table.followed[$0].id) }
        return """
            SELECT EXISTS (SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = \(stages)), \
            (SELECT schema_version FROM pragma_schema_version), \(columns.joined(separator: ", ")) \
            FROM (SELECT 1 AS one) AS o\(joins.joined())
            """
    }

    private func sqliteColumns(_ position: Int) -> [String] {
        let change = table.followed[position]
        let names = physicalNames(of: change)
        let presence = names.map { "EXISTS (\(sqliteColumn($0.table, $0.column, "1")))" }
        let defaults = names.map { "(\(sqliteColumn($0.table, $0.column, "dflt_value")))" }
        let types = change.isIdentity ? [] : names.map { "(\(sqliteColumn($0.table, $0.column, "type")))" }
        return presence + ["NULL"] + stageColumns("s\(position)") + defaults + types
    }

    private func sqliteColumn(_ table: TableName, _ column: String, _ result: String) -> String {
        """
        SELECT \(result) FROM pragma_table_xinfo(\(dialect.literal(table.name)), 'main') \
        WHERE name = \(dialect.literal(column)) COLLATE NOCASE
        """
    }
}
