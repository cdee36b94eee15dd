extension LookUp {
    /// Exact in every isolation level, for every role that may use schema `bellows`.
    ///
    /// Markers and columns are read from the system's cache, not from the snapshot. The markers come first, in a
    /// sub-select that `OFFSET 0` keeps whole, and the columns are read in the list of results, which is evaluated
    /// last: an expand that commits between the two is seen as a column without its marker, which is looked at
    /// again, and never as a marker that is still to come without the column, which would be a useless fence.
    /// Recorded stages are as old as the snapshot, so older than both.
    var postgresSQL: String {
        let stages = dialect.literal(StageTable.name(dialect))
        let columns = table.followed.indices.flatMap { postgresColumns($0) }
        let markers = table.followed.indices.map {
            "(\(postgresNextMarker(table.followed[$0].id)) LIMIT 1 OFFSET 0) AS m\($0)"
        }
        let joins = table.followed.indices.map { stageJoin("s\($0)", table.followed[$0].id) }
        return """
            SELECT pg_catalog.to_regclass(\(stages)) IS NOT NULL, NULL::bigint, \
            \(columns.joined(separator: ", ")) \
            FROM \(markers.joined(separator: " CROSS JOIN "))\(joins.joined())
            """
    }

    private func postgresColumns(_ position: Int) -> [String] {
        let change = table.followed[position]
        let names = physicalNames(of: change)
        let presence = names.map { table, column in
            """
            pg_catalog.jsonb_exists(pg_catalog.to_jsonb(pg_catalog.jsonb_populate_record(\
            NULL::\(dialect.quote(table)), '{}')), \(dialect.literal(column)))
            """
        }
        let defaults = names.map { table, column in
            """
            (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef AS d \
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum \
            WHERE \(postgresAttribute(table, column)))
            """
        }
        let identities = change.isIdentity ? [] : names.map { postgresIdentity($0.table, $0.column) }
        return presence + ["m\(position).k"] + stageColumns("s\(position)") + defaults + identities
    }

    private func postgresAttribute(_ table: TableName, _ column: String) -> String {
        """
        a.attrelid = pg_catalog.to_regclass(\(dialect.literal(dialect.quote(table)))) \
        AND a.attname = \(dialect.literal(column)) AND NOT a.attisdropped
        """
    }

    /// `a` (always) or `d` (by default) and the number of its sequence, for an identity column: it draws its values
    /// without a default.
    private func postgresIdentity(_ table: TableName, _ column: String) -> String {
        """
        (SELECT a.attidentity::text || d.objid::text FROM pg_catalog.pg_attribute AS a \
        JOIN pg_catalog.pg_depend AS d ON d.refobjid = a.attrelid AND d.refobjsubid = a.attnum \
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'i' \
        AND a.attidentity <> '' AND \(postgresAttribute(table, column)))
        """
    }

    /// The number of the first marker that does not exist.
    ///
    /// A long name is shortened more, the longer the number after it is.
    private func postgresNextMarker(_ id: ChangeID) -> String {
        let stems = [1, 10, 100].map { number in
            dialect.literal(String(id.marker(generation: number).dropLast("@\(number)".count)))
        }
        let stem = "CASE WHEN g < 10 THEN \(stems[0]) WHEN g < 100 THEN \(stems[1]) ELSE \(stems[2]) END"
        return """
            SELECT g AS k FROM pg_catalog.generate_series(1, 999) AS g \
            WHERE pg_catalog.to_regclass(pg_catalog.format('bellows.%I', \(stem) || '@' || g)) IS NULL
            """
    }
}
