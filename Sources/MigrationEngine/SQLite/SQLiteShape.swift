internal import DoubleWrite
internal import MigrationCore

extension SQLiteDatabase {
    func introspect(_ tables: [TableName]?) throws -> Schema { try main.introspect(tables) }

    func probing<Result>(_ body: (Bool) throws -> Result) throws -> Result {
        try main.execute("BEGIN")
        defer { rollback() }
        return try body(true)
    }

    /// Columns, foreign keys and unique keys as the pragmas tell them. CHECKs stand only in the table's
    /// stored text, which is the last line.
    func shape(of table: TableName) throws -> [String] {
        let name = [SQLValue.text(table.name)]
        let lines = try main.query(Self.lines, name).rows.compactMap { $0.first?.text }.sorted()
        let text = try main.query(
            "SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = ?1", name
        ).scalar?.text
        return lines + (text.map { [ShapeLine.definition + $0] } ?? [])
    }

    private static let lines = """
        SELECT 'column `' || name || '` ' || type || CASE WHEN `notnull` THEN ' NOT NULL' ELSE '' END
            || coalesce(' DEFAULT ' || dflt_value, '') || CASE pk WHEN 0 THEN '' ELSE ' PRIMARY KEY ' || pk END
            || CASE hidden WHEN 0 THEN '' ELSE ' GENERATED' END
        FROM pragma_table_xinfo(?1, 'main')
        UNION ALL
        SELECT 'foreign key ' || id || ' (`' || group_concat(`from`, '`, `') || '`) REFERENCES `' || `table`
            || '` ON UPDATE ' || on_update || ' ON DELETE ' || on_delete
        FROM pragma_foreign_key_list(?1, 'main') GROUP BY id, `table`, on_update, on_delete
        UNION ALL
        SELECT 'unique (' || (SELECT group_concat('`' || name || '`', ', ') FROM pragma_index_info(l.name, 'main')) || ')'
        FROM pragma_index_list(?1, 'main') AS l WHERE l.origin = 'u'
        UNION ALL
        SELECT 'trigger `' || name || '`' FROM main.sqlite_master
        WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE
            AND (name LIKE 'bellows~_sync:%' ESCAPE '~' OR name LIKE 'bellows~_guard:%' ESCAPE '~')
        """
}
