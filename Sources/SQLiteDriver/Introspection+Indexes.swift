internal import DoubleWrite
internal import MigrationCore

extension Introspection {
    /// Adds indexes and UNIQUE constraints, and sees which primary keys are the rowid itself.
    func addIndexes(to tables: inout [Table]) throws(SQLiteError) {
        let rows = try rowsByTable(
            """
            SELECT o.name, i.name, i.`unique`, i.origin, i.partial, x.name, x.`desc`, x.coll
            FROM \(Self.ordinaryTables), pragma_index_list(o.name, 'main') AS i,
                pragma_index_xinfo(i.name, 'main') AS x
            WHERE x.key = 1 ORDER BY o.name, i.seq DESC, x.seqno
            """)
        for position in tables.indices where tables[position].kind == .ordinary {
            let parts = rows[tables[position].name.name.asciiFolded] ?? []
            add(IndexParts.grouped(parts), to: &tables[position])
        }
    }

    private func add(_ indexes: [IndexParts], to table: inout Table) {
        if !table.isWithoutRowID, table.primaryKey.count == 1,
            !indexes.contains(where: { $0.origin == "pk" }),
            let key = table.columns.firstIndex(where: { $0.name == table.primaryKey.first })
        {
            // INTEGER PRIMARY KEY is the rowid, which is never NULL.
            table.columns[key].isNullable = false
        }
        let conflicts = stored(table).conflicts
        table.uniqueConstraints = indexes.filter { $0.origin == "u" }.sorted { $0.number < $1.number }
            .map { $0.constraint(in: table, conflicts) }
        table.indexes = indexes.filter { $0.origin == "c" }
            .map { $0.index(in: table, storedSQL[$0.name.asciiFolded] ?? "") }
    }
}

/// An index as the pragmas tell it.
private struct IndexParts {
    struct Key {
        /// `nil` for an expression, and for the rowid.
        var column: String?
        var isDescending: Bool
        var collation: String
    }

    var name: String
    var isUnique: Bool
    /// `c` by CREATE INDEX, `u` by UNIQUE, `pk` by PRIMARY KEY.
    var origin: String
    var isPartial: Bool
    var keys: [Key]

    /// The place of a constraint's own index among them, `sqlite_autoindex_table_2`. The list is in another
    /// order where one has ON CONFLICT REPLACE.
    var number: Int { name.split(separator: "_").last.flatMap { Int($0) } ?? 0 }

    /// The rows of each index in turn.
    static func grouped(_ rows: [[SQLValue]]) -> [IndexParts] {
        var indexes: [IndexParts] = []
        for row in rows {
            let name = row[1].text ?? ""
            if indexes.last?.name != name {
                indexes.append(
                    IndexParts(
                        name: name, isUnique: row[2].boolean ?? false, origin: row[3].text ?? "",
                        isPartial: row[4].boolean ?? false, keys: []))
            }
            let key = Key(
                column: row[5].text, isDescending: row[6].boolean ?? false, collation: row[7].text ?? "")
            indexes[indexes.count - 1].keys.append(key)
        }
        return indexes
    }

    /// The key as SQL, or `nil` where it is not a column. The collation stands there unless it is BINARY on a
    /// column that is BINARY too.
    private func segments(of key: Key, in table: Table) -> [SQLTemplate.Segment]? {
        guard let name = key.column, let column = table.column(name) else { return nil }
        let isPlain = key.collation.asciiFolded == "binary" && column.collation == nil
        let collation = isPlain ? "" : " COLLATE \(Self.collationName(key.collation))"
        let order = key.isDescending ? " DESC" : ""
        return collation.isEmpty && order.isEmpty
            ? [.column(name)] : [.column(name), .text(collation + order)]
    }

    private static func collationName(_ name: String) -> String {
        ["binary", "nocase", "rtrim"].contains(name.asciiFolded)
            ? name.uppercased() : Dialect.sqlite.quote(name)
    }

    func index(in table: Table, _ sql: String) -> Index {
        let simple = keys.compactMap { segments(of: $0, in: table) }
        let isSimple = !isPartial && simple.count == keys.count
        let text = StoredIndex(sql)
        let keyColumns = Set(keys.compactMap(\.column))
        return Index(
            name: name, isUnique: isUnique,
            definition: isSimple
                ? SQLTemplate([.text("(")] + simple.joined(separator: [.text(", ")]) + [.text(")")])
                : SQLTemplate([.text(text.definition)]),
            columns: isSimple ? keyColumns : keyColumns.union(table.columns(named: text.names)),
            isSimple: isSimple)
    }

    func constraint(in table: Table, _ conflicts: [StoredTable.Conflict]) -> UniqueConstraint {
        let columns = keys.compactMap(\.column)
        let conflict = conflicts.first { $0.columns == columns.map(\.asciiFolded) }?.clause
        return UniqueConstraint(name: nil, columns: columns, attributes: conflict)
    }
}

/// The stored text of a `CREATE INDEX`.
struct StoredIndex {
    /// What stands behind the table's name: `(lower(kind)) WHERE kind IS NOT NULL`.
    let definition: String
    /// The names in it, folded.
    let names: Set<String>

    init(_ sql: String) {
        let tokens = Array(SQLTokens(sql))
        guard let on = tokens.firstIndex(where: { $0.isKeyword("ON") }),
            let open = tokens[on...].firstIndex(where: { $0.isSymbol("(") }), let last = tokens.last
        else {
            definition = ""
            names = []
            return
        }
        let bytes = Array(sql.utf8)[tokens[open].range.lowerBound..<last.range.upperBound]
        definition = String(decoding: bytes, as: UTF8.self)
        names = tokens[open...].foldedNames
    }
}
