import DoubleWrite
import MigrationCore

extension Introspection {
    mutating func readIndexes() throws(PostgresError) {
        for row in try rows(Self.indexesSQL) {
            guard let table = row.integer(0), let name = row.text(1) else { continue }
            let used = names(table, row.integers(3))
            if row.truth(8) { depend(table, .replicaIdentity, qualified(table, name), Set(used)) }
            if row.truth(9) { continue }
            let isSimple = row.truth(5)
            let keys = row.integers(4).compactMap { attributes[table]?[$0] }
            let text = row.text(2) ?? ""
            tables[table]?.indexes.append(
                Index(
                    name: name, isUnique: row.truth(6),
                    definition: (isSimple ? IndexText.template(text, keys) : nil)
                        ?? SQLTemplate([.text(text)]),
                    columns: Set(used), isSimple: isSimple,
                    keys: isSimple || !row.truth(6) ? nil : row.texts(12),
                    condition: isSimple || !row.truth(6) ? nil : row.text(13), isValid: row.truth(7),
                    comment: row.text(10), servedKeys: row.texts(11)))
        }
    }

    /// The definition behind the table's name is cut by length: the names before it may be of any kind. What is used
    /// in expressions and conditions stands in `pg_depend`.
    private static let indexesSQL = """
        SELECT i.indrelid, x.relname::text,
            substr(pg_catalog.pg_get_indexdef(i.indexrelid), length(
                'CREATE ' || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX '
                || quote_ident(x.relname) || ' ON ' || CASE x.relkind WHEN 'I' THEN 'ONLY ' ELSE '' END
                || quote_ident(n.nspname) || '.' || quote_ident(t.relname) || ' ') + 1),
            (SELECT array_agg(DISTINCT used.number) FROM (
                SELECT unnest(i.indkey)::int4
                UNION SELECT d.refobjsubid FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                        AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid
                ) used (number) WHERE used.number > 0)::text,
            i.indkey::int2[]::text, i.indexprs IS NULL AND i.indpred IS NULL,
            i.indisunique, i.indisvalid, i.indisreplident,
            EXISTS (SELECT FROM pg_catalog.pg_constraint k
                WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')),
            pg_catalog.obj_description(i.indexrelid, 'pg_class'),
            (SELECT array_agg(format('''%s'' of ''%s''', k.conname, c.relname) ORDER BY c.relname, k.conname)
                FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
                WHERE k.conindid = i.indexrelid AND k.contype = 'f')::text,
            (SELECT array_agg(pg_catalog.pg_get_indexdef(i.indexrelid, key::int4, false) ORDER BY key)
                FROM generate_series(1, i.indnkeyatts) key)::text,
            pg_catalog.pg_get_expr(i.indpred, i.indrelid)
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
        JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
        WHERE i.indrelid = ANY ($1::oid[])
        ORDER BY i.indrelid, x.relname
        """
}

/// The server's text of an index whose keys are columns only: `USING btree (a, "b c" DESC) INCLUDE (d)`.
enum IndexText {
    /// The text with its columns told apart; `nil` where it does not read as expected.
    ///
    /// - Parameter columns: Those of the index, in its order: keys, then those it carries along.
    static func template(_ text: String, _ columns: [Introspection.Attribute]) -> SQLTemplate? {
        var segments: [SQLTemplate.Segment] = []
        var pending = ""
        var rest = text[...]
        var remaining = columns[...]
        var scanner = Scanner()
        while let character = rest.first {
            if scanner.isAtElement, let column = remaining.first, rest.hasPrefix(column.written) {
                segments += [.text(pending), .column(column.name)]
                pending = ""
                rest.removeFirst(column.written.count)
                remaining.removeFirst()
                scanner.isAtElement = false
            } else {
                scanner.pass(character)
                pending.append(rest.removeFirst())
            }
        }
        guard remaining.isEmpty else { return nil }
        return SQLTemplate(segments + [.text(pending)])
    }

    /// Where in the text we are: an element of a list begins behind `(` and `, ` at the first depth.
    private struct Scanner {
        var isAtElement = false
        private var depth = 0
        private var quote: Character?

        mutating func pass(_ character: Character) {
            if let open = quote {
                if character == open { quote = nil }
                return
            }
            switch character {
            case "\"", "'": quote = character
            case "(": depth += 1
            case ")": depth -= 1
            default: break
            }
            isAtElement =
                depth == 1 && (character == "(" || character == "," || (isAtElement && character == " "))
        }
    }
}
