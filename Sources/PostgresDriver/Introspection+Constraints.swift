import DoubleWrite
import MigrationCore

extension Introspection {
    mutating func readConstraints() throws(PostgresError) {
        let since15 = serverVersion(atLeast: 150_000)
        let sql = """
            SELECT k.conrelid, k.contype::text, k.conname::text, k.conkey::text, k.condeferrable, k.condeferred,
                pg_catalog.pg_get_constraintdef(k.oid), k.convalidated,
                tn.nspname::text, t.relname::text,
                (SELECT array_agg(a.attname::text ORDER BY f.position)
                    FROM unnest(k.confkey) WITH ORDINALITY f (number, position)
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = f.number)::text,
                k.confdeltype::text, k.confupdtype::text, k.confmatchtype = 'f',
                \(since15 ? "k.confdelsetcols::text" : "NULL"),
                \(since15 ? "coalesce(i.indnullsnotdistinct, false)" : "false"),
                (SELECT array_agg(e ORDER BY position) FROM unnest(i.indkey) WITH ORDINALITY e (e, position)
                    WHERE position > i.indnkeyatts)::text
            FROM pg_catalog.pg_constraint k
            LEFT JOIN pg_catalog.pg_class t ON t.oid = k.confrelid
            LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
            LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u')
            WHERE k.conrelid = ANY ($1::oid[]) AND k.contype IN ('p', 'u', 'c', 'f', 'x')
            ORDER BY k.conrelid, k.conname
            """
        for row in try rows(sql) {
            guard let table = row.integer(0), let name = row.text(2) else { continue }
            let columns = names(table, row.integers(3))
            switch row.text(1) {
            case "p":
                tables[table]?.primaryKey = columns
                tables[table]?.primaryKeyName = name
            case "u":
                let unique = unique(row, table, name, columns)
                tables[table]?.uniqueConstraints.append(unique)
            case "c":
                let check = check(row, name, columns)
                tables[table]?.checks.append(check)
            case "f":
                let key = foreignKey(row, table, name, columns)
                tables[table]?.foreignKeys.append(key)
            default: depend(table, .exclusion, qualified(table, name), Set(columns))
            }
        }
    }

    private func unique(
        _ row: CatalogRow, _ table: Int64, _ name: String, _ columns: [String]
    ) -> UniqueConstraint {
        let words = [row.truth(15) ? "NULLS NOT DISTINCT" : nil, timing(row)].compactMap(\.self)
        return UniqueConstraint(
            name: name, columns: columns, attributes: words.isEmpty ? nil : words.joined(separator: " "),
            included: names(table, row.integers(16)))
    }

    /// The text is PostgreSQL's own; `NOT VALID` can only be its last words.
    private func check(_ row: CatalogRow, _ name: String, _ columns: [String]) -> CheckConstraint {
        var text = row.text(6) ?? ""
        if !row.truth(7), text.hasSuffix(" NOT VALID") { text.removeLast(" NOT VALID".count) }
        return CheckConstraint(
            name: name, definition: SQLTemplate([.text(text)]), columns: Set(columns),
            isValidated: row.truth(7))
    }

    private func foreignKey(
        _ row: CatalogRow, _ table: Int64, _ name: String, _ columns: [String]
    ) -> ForeignKey {
        let schema = row.text(8) ?? Dialect.postgres.defaultSchema
        let target = ForeignKeyTarget(
            table: TableName(
                schema: schema == Dialect.postgres.defaultSchema ? nil : schema, row.text(9) ?? ""),
            columns: row.texts(10), onDelete: action(row.text(11)), onUpdate: action(row.text(12)))
        let some = names(table, row.integers(14))
        let words = [
            row.truth(13) ? "MATCH FULL" : nil,
            some.isEmpty ? nil : "ON DELETE \(target.onDelete.rawValue) (\(Dialect.postgres.quote(some)))",
            timing(row),
        ].compactMap(\.self)
        return ForeignKey(
            name: name, columns: columns, target: target,
            attributes: words.isEmpty ? nil : words.joined(separator: " "), isValidated: row.truth(7))
    }

    private func timing(_ row: CatalogRow) -> String? {
        guard row.truth(4) else { return nil }
        return row.truth(5) ? "DEFERRABLE INITIALLY DEFERRED" : "DEFERRABLE"
    }

    private func action(_ letter: String?) -> ReferentialAction {
        switch letter {
        case "r": .restrict
        case "c": .cascade
        case "n": .setNull
        case "d": .setDefault
        default: .noAction
        }
    }
}
