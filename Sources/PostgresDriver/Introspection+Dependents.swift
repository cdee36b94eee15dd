import DoubleWrite
import MigrationCore

extension Introspection {
    mutating func depend(_ table: Int64, _ kind: Dependent.Kind, _ name: String, _ columns: Set<String>) {
        tables[table]?.dependents.append(Dependent(kind: kind, name: name, columns: columns))
    }

    /// The name of something that belongs to a table: `public.animals.kind_check`.
    func qualified(_ table: Int64, _ name: String) -> String {
        guard let owner = tables[table]?.name else { return name }
        return "\(owner.schema ?? Dialect.postgres.defaultSchema).\(owner.name).\(name)"
    }

    /// What the catalogue itself records as using columns: the number of the table, the kind, the name, the columns'
    /// numbers, and whether it uses whole rows, and with them any column.
    mutating func readDependents() throws(PostgresError) {
        for row in try rows(Self.dependentsSQL) {
            guard let table = row.integer(0), let kind = row.text(1).flatMap(Dependent.Kind.init(rawValue:)),
                let name = row.text(2)
            else { continue }
            let columns = row.truth(4) ? [] : Set(names(table, row.integers(3)))
            // What names no column and takes no whole row only counts rows: no column matters to it.
            if columns.isEmpty, !row.truth(4) { continue }
            depend(table, kind, name, columns)
        }
    }

    /// The columns in a partition key's expressions are recorded the other way round: they depend on their table.
    private static let dependentsSQL = """
        WITH used AS (
            SELECT classid, objid, objsubid, refobjid, refobjsubid, deptype FROM pg_catalog.pg_depend
            WHERE refclassid = 'pg_catalog.pg_class'::regclass AND refobjid = ANY ($1::oid[])
        )
        SELECT u.refobjid, CASE v.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'rule' END,
            n.nspname || '.' || v.relname || CASE WHEN v.relkind IN ('v', 'm') THEN '' ELSE '.' || r.rulename END,
            array_agg(u.refobjsubid)::text,
            (r.ev_action::text || r.ev_qual::text) ~ ':varattno 0 '
        FROM used u
        JOIN pg_catalog.pg_rewrite r ON u.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = u.objid
        JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
        JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
        GROUP BY u.refobjid, v.relkind, n.nspname, v.relname, r.rulename, r.ev_action::text, r.ev_qual::text
        UNION ALL
        SELECT u.refobjid, 'generated column', n.nspname || '.' || c.relname || '.' || a.attname,
            array_agg(u.refobjsubid)::text, false
        FROM used u
        LEFT JOIN pg_catalog.pg_attrdef d ON u.classid = 'pg_catalog.pg_attrdef'::regclass AND d.oid = u.objid
        JOIN pg_catalog.pg_attribute a ON a.attgenerated <> '' AND a.attrelid = u.refobjid
            AND a.attnum = CASE WHEN u.classid = 'pg_catalog.pg_class'::regclass AND u.objid = u.refobjid
                THEN u.objsubid ELSE d.adnum END
            AND (d.adrelid IS NULL OR d.adrelid = u.refobjid)
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE u.refobjsubid NOT IN (0, a.attnum)
        GROUP BY u.refobjid, n.nspname, c.relname, a.attname
        UNION ALL
        SELECT u.refobjid, 'policy', n.nspname || '.' || c.relname || '.' || p.polname,
            array_agg(u.refobjsubid)::text,
            coalesce(p.polqual::text, '') || coalesce(p.polwithcheck::text, '') ~ ':varattno 0 '
        FROM used u
        JOIN pg_catalog.pg_policy p ON u.classid = 'pg_catalog.pg_policy'::regclass AND p.oid = u.objid
        JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        GROUP BY u.refobjid, n.nspname, c.relname, p.polname, p.polqual::text, p.polwithcheck::text
        UNION ALL
        SELECT u.refobjid, 'statistics', n.nspname || '.' || s.stxname, array_agg(u.refobjsubid)::text, false
        FROM used u
        JOIN pg_catalog.pg_statistic_ext s
            ON u.classid = 'pg_catalog.pg_statistic_ext'::regclass AND s.oid = u.objid
        JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
        GROUP BY u.refobjid, n.nspname, s.stxname
        UNION ALL
        SELECT u.refobjid, 'BEGIN ATOMIC function', n.nspname || '.' || p.proname, array_agg(u.refobjsubid)::text,
            (SELECT coalesce(pg_catalog.to_jsonb(q)->>'prosqlbody', '') ~ ':varattno 0 '
                FROM pg_catalog.pg_proc q WHERE q.oid = p.oid)
        FROM used u
        JOIN pg_catalog.pg_proc p ON u.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = u.objid
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        GROUP BY u.refobjid, n.nspname, p.proname, p.oid
        UNION ALL
        SELECT k.confrelid, 'foreign key', n.nspname || '.' || c.relname || '.' || k.conname,
            k.confkey::text, false
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE k.contype = 'f' AND k.confrelid = ANY ($1::oid[]) AND k.conparentid = 0
        UNION ALL
        SELECT p.partrelid, 'partition key', n.nspname || '.' || c.relname,
            (p.partattrs::int2[] || coalesce((SELECT array_agg(u.objsubid::int2) FROM used u
                WHERE u.classid = 'pg_catalog.pg_class'::regclass AND u.objid = p.partrelid
                    AND u.refobjid = p.partrelid AND u.refobjsubid = 0 AND u.deptype = 'i'), '{}'))::text,
            coalesce(p.partexprs::text, '') ~ ':varattno 0 '
        FROM pg_catalog.pg_partitioned_table p
        JOIN pg_catalog.pg_class c ON c.oid = p.partrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE p.partrelid = ANY ($1::oid[])
        ORDER BY 1, 2, 3
        """
}
