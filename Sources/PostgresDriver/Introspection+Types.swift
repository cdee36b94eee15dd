import DoubleWrite
import MigrationCore

extension Introspection {
    /// Enumerated types with their values, and what uses each, in the server's own words.
    mutating func readEnums() throws(PostgresError) {
        for row in try connection.query(Self.enumsSQL).rows.map(CatalogRow.init) {
            guard let schema = row.text(0), let name = row.text(1) else { continue }
            enums.append(
                EnumType(
                    name: TableName(
                        schema: schema == Dialect.postgres.defaultSchema ? nil : schema, name),
                    labels: row.texts(2), comment: row.text(3), users: row.texts(4)))
        }
    }

    /// What uses the type's array type uses the type; the array type itself comes and goes with it.
    private static let enumsSQL = """
        SELECT n.nspname::text, t.typname::text,
            (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
                FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid)::text,
            pg_catalog.obj_description(t.oid, 'pg_type'),
            (SELECT array_agg(DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid))
                FROM pg_catalog.pg_depend d
                WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray)
                    AND NOT (d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.typarray))::text
        FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        WHERE t.typtype = 'e' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'bellows')
            AND n.nspname NOT LIKE 'pg\\_temp\\_%'
        ORDER BY 1, 2
        """

    /// Whose each table is, who may use it, and by what logical replication knows its rows.
    mutating func readAccess() throws(PostgresError) {
        for row in try rows(Self.ownersSQL) {
            guard let table = row.integer(0), let owner = row.text(1) else { continue }
            tables[table]?.access = TableAccess(owner: owner)
            switch row.text(2) {
            case "f": tables[table]?.replicaIdentity = .full
            case "n": tables[table]?.replicaIdentity = .nothing
            case "i": tables[table]?.replicaIdentity = row.text(3).map { .index($0) }
            default: break
            }
        }
        for row in try rows(Self.tableGrantsSQL) {
            guard let table = row.integer(0), let privilege = row.text(1) else { continue }
            tables[table]?.access?.grants.append(
                TableGrant(privilege: privilege, grantee: row.text(2), isGrantable: row.truth(3)))
        }
    }

    private static let ownersSQL = """
        SELECT c.oid, pg_catalog.pg_get_userbyid(c.relowner)::text, c.relreplident::text,
            (SELECT x.relname::text FROM pg_catalog.pg_index i
                JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
                WHERE i.indrelid = c.oid AND i.indisreplident)
        FROM pg_catalog.pg_class c WHERE c.oid = ANY ($1::oid[])
        """

    private static let tableGrantsSQL = """
        SELECT c.oid, e.privilege_type,
            CASE WHEN e.grantee <> 0 THEN pg_catalog.pg_get_userbyid(e.grantee)::text END, e.is_grantable
        FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) e
        WHERE c.oid = ANY ($1::oid[]) AND c.relacl IS NOT NULL AND e.grantee <> c.relowner
        ORDER BY 1, 3, 2
        """
}
