internal import DoubleWrite
internal import MigrationCore

extension Introspection {
    /// Adds each table's own foreign keys, in the order of its definition.
    func addForeignKeys(to tables: inout [Table]) throws(SQLiteError) {
        let rows = try rowsByTable(
            """
            SELECT o.name, f.id, f.`table`, f.`from`, f.`to`, f.on_update, f.on_delete
            FROM \(Self.ordinaryTables), pragma_foreign_key_list(o.name, 'main') AS f
            ORDER BY o.name, f.id DESC, f.seq
            """)
        let known = tables
        for position in tables.indices {
            let keys = Self.grouped(rows[tables[position].name.name.asciiFolded] ?? [])
            let references = stored(tables[position]).references
            let agrees =
                references.map(\.table.asciiFolded) == keys.map { $0.target.table.name.asciiFolded }
            tables[position].foreignKeys = keys.enumerated().map { number, key in
                var key = Self.respelled(key, known)
                if agrees {
                    key.name = references[number].name
                    key.attributes = references[number].isDeferred ? "DEFERRABLE INITIALLY DEFERRED" : nil
                }
                return key
            }
        }
    }

    /// The rows of each foreign key in turn.
    private static func grouped(_ rows: [[SQLValue]]) -> [ForeignKey] {
        var keys: [ForeignKey] = []
        var last: SQLValue?
        for row in rows {
            if row[1] != last {
                let target = ForeignKeyTarget(
                    table: TableName(row[2].text ?? ""), onDelete: action(row[6]), onUpdate: action(row[5]))
                keys.append(ForeignKey(name: nil, columns: [], target: target))
            }
            last = row[1]
            keys[keys.count - 1].columns.append(row[3].text ?? "")
            if let column = row[4].text { keys[keys.count - 1].target.columns.append(column) }
        }
        return keys
    }

    private static func action(_ value: SQLValue) -> ReferentialAction {
        value.text.flatMap { ReferentialAction(rawValue: $0.uppercased()) } ?? .noAction
    }

    /// The key with its target's names spelled as the target itself spells them.
    private static func respelled(_ key: ForeignKey, _ tables: [Table]) -> ForeignKey {
        guard let target = tables.first(where: { $0.isNamed(key.target.table.name) }) else { return key }
        var key = key
        key.target.table = target.name
        key.target.columns = key.target.columns.map { name in
            target.columns.first { $0.name.asciiFolded == name.asciiFolded }?.name ?? name
        }
        return key
    }
}

extension Table {
    /// Whether SQLite finds this table under that name.
    func isNamed(_ other: String) -> Bool { name.name.asciiFolded == other.asciiFolded }
}
