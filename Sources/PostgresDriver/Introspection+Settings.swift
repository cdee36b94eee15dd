import DoubleWrite
import MigrationCore

extension Introspection {
    /// What was set on columns beside their types, and what their domains demand.
    mutating func readSettings() throws(PostgresError) {
        let compression =
            serverVersion(atLeast: 140_000)
            ? "CASE a.attcompression WHEN 'p' THEN 'SET COMPRESSION pglz' WHEN 'l' THEN 'SET COMPRESSION lz4' END"
            : "NULL"
        for row in try rows(Self.settingsSQL(compression: compression)) {
            guard let table = row.integer(0),
                let column = tables[table]?.columns.firstIndex(where: { $0.name == row.text(1) })
            else { continue }
            let settings = row.texts(2)
            let domain = DomainFacts(
                refusesNull: row.truth(3), isConstrained: row.truth(4), hasDefault: row.truth(5))
            let demands = domain.refusesNull || domain.isConstrained || domain.hasDefault
            tables[table]?.columns[column].settings = settings.isEmpty ? nil : settings
            tables[table]?.columns[column].domain = demands ? domain : nil
            tables[table]?.columns[column].mayHoldOldNulls = row.truth(6) ? true : nil
        }
    }

    private static func settingsSQL(compression: String) -> String {
        """
        SELECT a.attrelid, a.attname::text,
            (ARRAY(SELECT s FROM unnest(ARRAY[
                CASE WHEN a.attstattarget >= 0 THEN 'SET STATISTICS ' || a.attstattarget END,
                CASE WHEN a.attstorage <> t.typstorage THEN 'SET STORAGE ' || CASE a.attstorage
                    WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END,
                \(compression)
            ]) s WHERE s IS NOT NULL) || ARRAY(
                SELECT 'SET (' || quote_ident(o.option_name) || ' = ' || quote_literal(o.option_value) || ')'
                FROM pg_catalog.pg_options_to_table(a.attoptions) o))::text,
            facts.refuses, facts.constrained, facts.defaults,
            a.attnotnull AND EXISTS (SELECT FROM pg_catalog.pg_constraint k
                WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND NOT k.convalidated
                    AND k.conkey = ARRAY[a.attnum])
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        LEFT JOIN LATERAL (
            WITH RECURSIVE chain AS (
                SELECT t.oid, t.typbasetype, t.typnotnull, t.typdefault IS NOT NULL AS defaults
                UNION ALL
                SELECT b.oid, b.typbasetype, b.typnotnull, b.typdefault IS NOT NULL
                FROM chain JOIN pg_catalog.pg_type b ON b.oid = chain.typbasetype AND b.typtype = 'd'
            )
            SELECT bool_or(c.typnotnull) OR coalesce(bool_or(k.definition ~* 'IS NOT NULL'), false) AS refuses,
                bool_or(c.typnotnull) OR count(k.definition) > 0 AS constrained,
                bool_or(c.defaults) AS defaults
            FROM chain c
            LEFT JOIN LATERAL (SELECT pg_catalog.pg_get_constraintdef(x.oid) AS definition
                FROM pg_catalog.pg_constraint x WHERE x.contypid = c.oid) k ON true
        ) facts ON t.typtype = 'd'
        WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
        """
    }

    /// What was set on indexes and constraints and does not stand in their definitions.
    mutating func readExtras() throws(PostgresError) {
        for row in try rows(Self.extrasSQL) {
            guard let table = row.integer(0), let name = row.text(1) else { continue }
            let extra = TableExtra(name: name, columns: Set(names(table, row.integers(2))))
            let others = tables[table]?.extras ?? []
            tables[table]?.extras = others + [extra]
        }
    }

    /// What an index uses in expressions and conditions stands in `pg_depend`.
    private static let extrasSQL = """
        WITH owned AS (
            SELECT i.indrelid, i.indexrelid, i.indisclustered, x.reltablespace, x.reloptions,
                ' of the index ''' || x.relname || '''' AS place,
                EXISTS (SELECT FROM pg_catalog.pg_constraint k
                    WHERE k.conindid = x.oid AND k.contype IN ('p', 'u', 'x')) AS constrains,
                (i.indkey::int2[] || ARRAY(SELECT d.refobjsubid::int2 FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                        AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid)
                )::text AS columns
            FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
            WHERE i.indrelid = ANY ($1::oid[])
        )
        SELECT indrelid, 'CLUSTER ON' || place, columns FROM owned WHERE indisclustered
        UNION ALL SELECT indrelid, 'The tablespace' || place, columns FROM owned WHERE reltablespace <> 0
        UNION ALL SELECT indrelid, 'WITH (' || array_to_string(reloptions, ', ') || ')' || place, columns
            FROM owned WHERE constrains AND reloptions IS NOT NULL
        UNION ALL SELECT o.indrelid, 'SET STATISTICS ' || a.attstattarget || ' for column ' || a.attnum || o.place,
                o.columns
            FROM owned o JOIN pg_catalog.pg_attribute a ON a.attrelid = o.indexrelid
            WHERE a.attstattarget >= 0 AND a.attnum > 0
        UNION ALL SELECT k.conrelid, 'The comment of the constraint ''' || k.conname || '''', k.conkey::text
            FROM pg_catalog.pg_constraint k
            WHERE k.conrelid = ANY ($1::oid[]) AND k.contype IN ('c', 'f', 'p', 'u', 'x')
                AND pg_catalog.obj_description(k.oid, 'pg_constraint') IS NOT NULL
        ORDER BY 1, 2
        """
}
