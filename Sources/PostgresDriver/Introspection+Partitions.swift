import MigrationCore

extension Introspection {
    /// What uses columns of one partition alone. What the table itself has is on each partition as well, and follows from it.
    mutating func readObjectsOfPartitions() throws(PostgresError) {
        for row in try rows(Self.objectsOfPartitionsSQL) {
            guard let table = row.integer(0), let name = row.text(1) else { continue }
            depend(table, .partitionObject, name, Set(names(table, row.integers(2))))
        }
    }

    /// The columns are told by their names: partitions that were attached may have them in another order.
    private static let objectsOfPartitionsSQL = """
        WITH part AS (
            SELECT t.oid AS root, p.relid FROM pg_catalog.unnest($1::oid[]) AS t(oid)
            CROSS JOIN LATERAL pg_catalog.pg_partition_tree(t.oid) AS p WHERE p.relid <> t.oid
        ),
        used AS (
            SELECT DISTINCT part.root, d.classid, d.objid, r.attnum
            FROM part
            JOIN pg_catalog.pg_depend d
                ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = part.relid AND d.refobjsubid > 0
            JOIN pg_catalog.pg_attribute a ON a.attrelid = part.relid AND a.attnum = d.refobjsubid
            JOIN pg_catalog.pg_attribute r ON r.attrelid = part.root AND r.attname = a.attname
        )
        SELECT u.root, o.type || ' ' || o.identity, array_agg(u.attnum)::text
        FROM used u
        LEFT JOIN pg_catalog.pg_class i ON u.classid = 'pg_catalog.pg_class'::regclass AND i.oid = u.objid
        LEFT JOIN pg_catalog.pg_constraint c
            ON u.classid = 'pg_catalog.pg_constraint'::regclass AND c.oid = u.objid
        LEFT JOIN pg_catalog.pg_trigger t ON u.classid = 'pg_catalog.pg_trigger'::regclass AND t.oid = u.objid
        CROSS JOIN LATERAL pg_catalog.pg_identify_object(u.classid, u.objid, 0) AS o
        WHERE CASE
            WHEN i.oid IS NOT NULL THEN i.relkind IN ('i', 'I')
                AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.oid)
            WHEN c.oid IS NOT NULL THEN c.coninhcount = 0 AND c.conparentid = 0
            WHEN t.oid IS NOT NULL THEN t.tgparentid = 0 AND NOT t.tgisinternal
            ELSE u.classid IN (
                'pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass,
                'pg_catalog.pg_statistic_ext'::regclass, 'pg_catalog.pg_proc'::regclass)
            END
        GROUP BY u.root, o.type, o.identity
        ORDER BY 1, 2
        """
}
