internal import DoubleWrite
internal import MigrationCore

/// Fills the tables of a scratch database with rows that they take.
///
/// A row is made from the types of its columns and offered to the database, which knows better: what it refuses is made
/// again, otherwise.
struct RowMaker {
    let session: Session
    let schema: Schema
    /// What the migration is going to demand, by table: rows that break it would only show that they do.
    var demands: [TableName: [MigrationCore.Operation]] = [:]
    var random: RandomNumbers
    /// Why a table has fewer rows than were asked for.
    private(set) var shortfalls: [String] = []

    private static var attempts: Int { 24 }

    init(_ session: Session, _ schema: Schema, seed: UInt64) {
        self.session = session
        self.schema = schema
        random = RandomNumbers(seed: seed)
    }

    /// Fills those tables, parents before their children.
    ///
    /// - Parameter count: How many rows each gets.
    mutating func fill(_ tables: [Table], count: Int) throws {
        for table in Self.sorted(tables) where table.kind != .virtual && table.kind != .foreign {
            try fill(table, count: count)
        }
    }

    private mutating func fill(_ table: Table, count: Int) throws {
        let table = demanding(table)
        let parents = try table.foreignKeys.map { try rows(of: $0) }
        let columns = table.columns.filter(\.isWritten)
        let makers = columns.map { column in
            ColumnValues(column, of: table, in: schema, mentionedIn: texts(of: table))
        }
        let unique = Set(table.primaryKey + table.uniqueConstraints.flatMap(\.columns))
        var made = 0
        for number in 0..<count {
            for _ in 0..<Self.attempts {
                var row = makers.map { maker in maker.value(number, &random) }
                for (key, parents) in zip(table.foreignKeys, parents) where !parents.isEmpty {
                    let isUnique = key.columns.contains(where: unique.contains)
                    // The first rows stay, whatever becomes of the others.
                    let parent = parents[
                        isUnique ? number % parents.count : number % max(1, parents.count / 4)]
                    for (name, value) in zip(key.columns, parent) {
                        guard let index = columns.firstIndex(where: { $0.name == name }) else { continue }
                        row[index] = value
                    }
                }
                if try insert(row, columns.map(\.name), into: table.name) {
                    made += 1
                    break
                }
            }
        }
        if made == 0, count > 0 {
            shortfalls.append(
                "no row could be made up for '\(table.name)': whatever was tried, the database refused it")
        }
    }

    private func insert(_ row: [SQLValue], _ names: [String], into table: TableName) throws -> Bool {
        let dialect = schema.dialect
        let places = row.indices.map { dialect.parameter($0 + 1) }.joined(separator: ", ")
        let sql = "INSERT INTO \(dialect.quote(table)) (\(dialect.quote(names))) VALUES (\(places))"
        do {
            try session.run(sql, row)
            return true
        } catch let error where Setback(error).isAnswer {
            return false
        }
    }

    /// The keys that a foreign key may point at.
    private func rows(of key: ForeignKey) throws -> [[SQLValue]] {
        let dialect = schema.dialect
        var columns = key.target.columns
        if columns.isEmpty { columns = schema[key.target.table]?.primaryKey ?? [] }
        guard !columns.isEmpty else { return [] }
        return try session.run(
            "SELECT \(dialect.quote(columns)) FROM \(dialect.quote(key.target.table)) ORDER BY \(dialect.quote(columns))"
        ).rows
    }

    /// The table with what the migration is going to demand of it.
    private func demanding(_ table: Table) -> Table {
        var table = table
        for operation in demands[table.name] ?? [] {
            if case .setNotNull(let demand) = operation, demand.fill == nil {
                for index in table.columns.indices where table.columns[index].name == demand.column {
                    table.columns[index].isNullable = false
                }
            }
            if case .addForeignKey(let demand) = operation {
                table.foreignKeys.append(
                    ForeignKey(name: demand.name, columns: demand.columns, target: demand.target))
            }
            if case .addPrimaryKey(let demand) = operation { table.primaryKey = demand.columns }
        }
        return table
    }

    private func texts(of table: Table) -> [String] {
        (demands[table.name] ?? []).compactMap { operation in
            if case .addCheck(let demand) = operation { demand.check[schema.dialect] } else { nil }
        }
    }

    /// Parents before children; those in a circle in their own order.
    static func sorted(_ tables: [Table]) -> [Table] {
        var sorted: [Table] = []
        var left = tables
        while !left.isEmpty {
            let ready = left.filter { table in
                table.foreignKeys.allSatisfy { key in
                    key.target.table.name == table.name.name
                        || !left.contains { $0.name.name == key.target.table.name }
                }
            }
            let next = ready.isEmpty ? [left[0]] : ready
            sorted += next
            left.removeAll { table in next.contains { $0.name == table.name } }
        }
        return sorted
    }
}
