import DoubleWrite
import MigrationCore

extension Introspection {
    /// The sequence of each column that has one, its own before one that its default merely calls.
    mutating func readSequences() throws(PostgresError) {
        for row in try rows(Self.sequencesSQL) {
            guard let table = row.integer(0), let schema = row.text(2), let name = row.text(3),
                let type = row.text(4), let start = row.integer(5), let increment = row.integer(6),
                let minimum = row.integer(7), let maximum = row.integer(8), let cache = row.integer(9),
                let column = tables[table]?.columns.firstIndex(where: { $0.name == row.text(1) })
            else { continue }
            tables[table]?.columns[column].sequence = ColumnSequence(
                name: TableName(schema: schema == Dialect.postgres.defaultSchema ? nil : schema, name),
                type: type, start: start, increment: increment, minimum: minimum, maximum: maximum,
                cache: cache, cycles: row.truth(10), comment: row.text(11))
        }
        for row in try rows(Self.sequenceGrantsSQL) {
            guard let table = row.integer(0), let privilege = row.text(2),
                let column = tables[table]?.columns.firstIndex(where: { $0.name == row.text(1) })
            else { continue }
            tables[table]?.columns[column].sequence?.grants.append(
                TableGrant(privilege: privilege, grantee: row.text(3), isGrantable: row.truth(4)))
        }
    }

    /// A sequence hangs on its column (`i` as an identity's, `a` by OWNED BY); on one that is only called, the default does.
    private static let usedSQL = """
        (SELECT DISTINCT ON (1, 2) * FROM (
            SELECT o.refobjid, o.refobjsubid, o.objid AS sequence, 1 AS rank
            FROM pg_catalog.pg_depend o
            WHERE o.classid = 'pg_catalog.pg_class'::regclass AND o.refclassid = 'pg_catalog.pg_class'::regclass
                AND o.refobjid = ANY ($1::oid[]) AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
            UNION ALL
            SELECT d.adrelid, d.adnum, o.refobjid, 2
            FROM pg_catalog.pg_attrdef d
            JOIN pg_catalog.pg_depend o ON o.classid = 'pg_catalog.pg_attrdef'::regclass AND o.objid = d.oid
                AND o.refclassid = 'pg_catalog.pg_class'::regclass AND o.refobjid <> d.adrelid
            WHERE d.adrelid = ANY ($1::oid[])
        ) AS every (tableid, number, sequence, rank)
        WHERE EXISTS (SELECT FROM pg_catalog.pg_sequence q WHERE q.seqrelid = every.sequence)
        ORDER BY 1, 2, rank, sequence)
        """

    private static let sequencesSQL = """
        SELECT u.tableid, a.attname::text, n.nspname::text, s.relname::text,
            pg_catalog.format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache,
            q.seqcycle, pg_catalog.obj_description(s.oid, 'pg_class')
        FROM \(usedSQL) u
        JOIN pg_catalog.pg_attribute a ON a.attrelid = u.tableid AND a.attnum = u.number
        JOIN pg_catalog.pg_sequence q ON q.seqrelid = u.sequence
        JOIN pg_catalog.pg_class s ON s.oid = u.sequence
        JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
        """

    private static let sequenceGrantsSQL = """
        SELECT u.tableid, a.attname::text, e.privilege_type,
            CASE WHEN e.grantee <> 0 THEN pg_catalog.pg_get_userbyid(e.grantee)::text END, e.is_grantable
        FROM \(usedSQL) u
        JOIN pg_catalog.pg_attribute a ON a.attrelid = u.tableid AND a.attnum = u.number
        JOIN pg_catalog.pg_class s ON s.oid = u.sequence
        CROSS JOIN LATERAL pg_catalog.aclexplode(s.relacl) e
        WHERE s.relacl IS NOT NULL AND e.grantee <> s.relowner
        ORDER BY 1, 2, 4, 3
        """
}
