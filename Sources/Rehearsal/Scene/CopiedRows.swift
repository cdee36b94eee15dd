internal import DoubleWrite
internal import MigrationCore
internal import MigrationEngine

/// Copies a sample of a database's rows into a scratch database, with the rows that they point at. Only reads there.
struct CopiedRows {
    let source: Session
    let target: Session
    let schema: Schema
    private let there: Schema

    /// How far a row's references are followed.
    private static var depth: Int { 6 }

    init(from location: DatabaseLocation, to target: Session, _ schema: Schema) throws {
        source = try Session(location, patience: .seconds(5), isReadOnly: true)
        self.target = target
        self.schema = schema
        there = try source.introspect()
    }

    /// Copies as many rows of each table.
    ///
    /// - Returns: The tables that have none there.
    func copy(_ tables: [Table], count: Int) throws -> [Table] {
        var empty: [Table] = []
        for table in RowMaker.sorted(tables) {
            guard let original = there[table.name] else {
                empty.append(table)
                continue
            }
            let names = columns(table, original)
            let order = original.primaryKey.isEmpty ? "" : " ORDER BY \(dialect.quote(original.primaryKey))"
            let rows = try source.run(
                "SELECT \(dialect.quote(names)) FROM \(dialect.quote(original.name))\(order) LIMIT \(count)"
            ).rows
            if rows.isEmpty { empty.append(table) }
            for row in rows { _ = try insert(row, names, table, depth: 0) }
        }
        return empty
    }

    private var dialect: Dialect { schema.dialect }

    private func columns(_ table: Table, _ original: Table) -> [String] {
        table.columns.filter(\.isWritten).map(\.name).filter { original.column($0) != nil }
    }

    /// A row whose parent is not there yet is inserted behind it; one that is there already stays as it is.
    private func insert(_ row: [SQLValue], _ names: [String], _ table: Table, depth: Int) throws -> Bool {
        guard depth < Self.depth else { return false }
        let values = Dictionary(zip(names, row)) { first, _ in first }
        for key in table.foreignKeys {
            let own = key.columns.map { values[$0] ?? .null }
            guard !own.contains(.null), let parent = schema[key.target.table], parent.name != table.name,
                let original = there[parent.name]
            else { continue }
            let target = key.target.columns.isEmpty ? parent.primaryKey : key.target.columns
            let names = columns(parent, original)
            for row in try source.run(Statements.select(original.name, names, key: target, dialect), own).rows
            {
                _ = try insert(row, names, parent, depth: depth + 1)
            }
        }
        do {
            try target.run(Statements.insert(table.name, names, dialect), row)
            return true
        } catch let error where Setback(error).isAnswer {
            return false
        }
    }
}
