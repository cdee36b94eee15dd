import DoubleWrite
import MigrationCore

extension Introspection {
    mutating func readTables(_ names: [TableName]?) throws(PostgresError) {
        let parameters: [SQLValue] =
            names.map { names in
                [
                    .text(ArrayText.encode(names.map { $0.schema ?? Dialect.postgres.defaultSchema })),
                    .text(ArrayText.encode(names.map(\.name))),
                ]
            } ?? [.null, .null]
        for row in try connection.query(Self.tablesSQL, parameters).rows.map(CatalogRow.init) {
            guard let number = row.integer(0), let schema = row.text(1), let name = row.text(2) else {
                continue
            }
            let isDefault = schema == Dialect.postgres.defaultSchema
            let rows = row.integer(5) ?? -1
            add(
                number,
                Table(
                    name: TableName(schema: isDefault ? nil : schema, name),
                    kind: row.text(3).flatMap(Table.Kind.init(rawValue:)) ?? .ordinary,
                    comment: row.text(4), estimatedRows: rows < 0 ? nil : rows, bytes: row.integer(6),
                    rowSecurity: row.truth(7)
                        ? RowSecurity(isForced: row.truth(8), policies: row.texts(9)) : nil,
                    rowType: row.text(10)))
        }
    }

    /// `reltuples` is -1 where nothing was counted yet.
    private static let tablesSQL = """
        SELECT c.oid, n.nspname::text, c.relname::text,
            CASE
                WHEN c.relispartition THEN 'partition'
                WHEN c.relkind = 'p' THEN 'partitioned'
                WHEN c.relkind = 'f' THEN 'foreign'
                WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent))
                    THEN 'inherited'
                ELSE 'ordinary'
            END,
            pg_catalog.obj_description(c.oid, 'pg_class'), c.reltuples::int8,
            CASE WHEN c.relkind <> 'f' THEN pg_catalog.pg_total_relation_size(c.oid) END,
            pg_catalog.row_security_active(c.oid), c.relforcerowsecurity,
            (SELECT array_agg(p.polname::text ORDER BY p.polname) FROM pg_catalog.pg_policy p
                WHERE p.polrelid = c.oid)::text,
            CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'f')
            AND CASE WHEN $1::text[] IS NULL
                THEN n.nspname NOT IN ('pg_catalog', 'information_schema', 'bellows')
                    AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp\\_%'
                ELSE (n.nspname::text, c.relname::text) IN (SELECT * FROM unnest($1::text[], $2::text[]))
            END
        ORDER BY n.nspname, c.relname
        """

    mutating func readColumns() throws(PostgresError) {
        for row in try rows(Self.columnsSQL) {
            guard let table = row.integer(0), let number = row.integer(1), let name = row.text(2),
                let written = row.text(3), let type = row.text(4)
            else { continue }
            attributes[table, default: [:]][number] = Attribute(name: name, written: written)
            tables[table]?.columns.append(
                Column(
                    name: name, type: type, isNullable: row.truth(5), defaultValue: row.text(6),
                    isDefaultVolatile: row.truth(7), generated: row.text(8), identity: row.text(9),
                    collation: row.text(10), hasExactEquality: row.truth(11), ownedSequence: row.text(12),
                    comment: row.text(13), notNullName: row.text(14)))
        }
    }

    /// What a default calls stands in its tree, for built-in functions are not in `pg_depend`: functions, operators,
    /// conversions by way of text (which may read the session's settings), `CURRENT_USER` and its like.
    ///
    /// Types whose equality is identity are listed by number: not those with several forms of one value (numeric's
    /// scale, interval, jsonb, trailing blanks, -0), nor a collation that is not deterministic.
    private static let columnsSQL = """
        SELECT a.attrelid, a.attnum, a.attname::text, quote_ident(a.attname),
            pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
            CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
            d.adbin IS NOT NULL AND a.attgenerated = '' AND (
                d.adbin::text ~ '\\{(SQLVALUEFUNCTION|COERCEVIAIO|NEXTVALUEEXPR|XMLEXPR) '
                OR EXISTS (
                    SELECT FROM regexp_matches(d.adbin::text, ':(?:funcid|opfuncid|elemfuncid) ([0-9]+)', 'g') m
                    JOIN pg_catalog.pg_proc p ON p.oid = m[1]::oid WHERE p.provolatile <> 'i')
                OR EXISTS (
                    SELECT FROM regexp_matches(d.adbin::text, ':opno ([0-9]+)', 'g') m
                    JOIN pg_catalog.pg_operator o ON o.oid = m[1]::oid
                    JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode WHERE p.provolatile <> 'i')),
            CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
            CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END,
            CASE WHEN a.attcollation NOT IN (0, t.typcollation)
                THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END,
            (t.typtype = 'e' OR t.oid IN (16, 17, 18, 19, 20, 21, 23, 25, 26, 1043, 1082, 1083, 1114, 1184, 2950))
                AND coalesce(co.collisdeterministic, true),
            (SELECT quote_ident(sn.nspname) || '.' || quote_ident(s.relname)
                FROM pg_catalog.pg_depend o
                JOIN pg_catalog.pg_class s ON s.oid = o.objid AND s.relkind = 'S'
                JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
                WHERE o.classid = 'pg_catalog.pg_class'::regclass
                    AND o.refclassid = 'pg_catalog.pg_class'::regclass
                    AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum AND o.deptype = 'a'
                ORDER BY s.oid LIMIT 1),
            pg_catalog.col_description(a.attrelid, a.attnum),
            (SELECT nn.conname::text FROM pg_catalog.pg_constraint nn
                WHERE nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey = ARRAY[a.attnum])
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
        LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
        WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attrelid, a.attnum
        """

    mutating func readGrants() throws(PostgresError) {
        let sql = """
            SELECT a.attrelid, a.attname::text, e.privilege_type,
                CASE WHEN e.grantee <> 0 THEN pg_catalog.pg_get_userbyid(e.grantee)::text END, e.is_grantable
            FROM pg_catalog.pg_attribute a, pg_catalog.aclexplode(a.attacl) e
            WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped AND a.attacl IS NOT NULL
            ORDER BY 1, 2, 4, 3
            """
        for row in try rows(sql) {
            guard let table = row.integer(0), let privilege = row.text(2),
                let column = tables[table]?.columns.firstIndex(where: { $0.name == row.text(1) })
            else { continue }
            tables[table]?.columns[column].grants.append(
                ColumnGrant(privilege: privilege, grantee: row.text(3), isGrantable: row.truth(4)))
        }
    }

    mutating func readReplication() throws(PostgresError) {
        let bySchema = """
            UNION SELECT c.oid, p.pubname::text FROM pg_catalog.pg_class c
                JOIN pg_catalog.pg_publication_namespace s ON s.pnnspid = c.relnamespace
                JOIN pg_catalog.pg_publication p ON p.oid = s.pnpubid
                WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p')
            """
        // The view also knows of partitions that are published by way of their parent.
        let sql = """
            SELECT r.prrelid, p.pubname::text FROM pg_catalog.pg_publication_rel r
                JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid WHERE r.prrelid = ANY ($1::oid[])
            UNION SELECT c.oid, p.pubname::text FROM pg_catalog.pg_class c, pg_catalog.pg_publication p
                WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
                    AND p.puballtables
            UNION SELECT c.oid, v.pubname::text FROM pg_catalog.pg_publication_tables v
                JOIN pg_catalog.pg_namespace n ON n.nspname = v.schemaname
                JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = v.tablename
                WHERE c.oid = ANY ($1::oid[])
            \(serverVersion(atLeast: 150_000) ? bySchema : "")
            ORDER BY 1, 2
            """
        for row in try rows(sql) {
            guard let table = row.integer(0), let name = row.text(1) else { continue }
            tables[table]?.publications.append(name)
        }
        let subscriptions = """
            SELECT r.srrelid, s.subname::text FROM pg_catalog.pg_subscription_rel r
                JOIN pg_catalog.pg_subscription s ON s.oid = r.srsubid
            WHERE r.srrelid = ANY ($1::oid[]) ORDER BY 1, 2
            """
        for row in try rows(subscriptions) {
            guard let table = row.integer(0), let name = row.text(1) else { continue }
            tables[table]?.subscriptions.append(name)
        }
    }

    func serverVersion(atLeast version: Int) -> Bool { connection.serverVersion >= version }
}
