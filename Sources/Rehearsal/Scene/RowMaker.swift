internal import DoubleWrite
internal import MigrationCore

/// Fills the tables of a scratch database with rows that they take.
///
/// A row is made from the types of its columns and offered to the database, which knows better: what it refuses is made
/// again, otherwise.
struct RowMaker {
    let session: Session
    let schema: Schema
    /// What the migration is going to demand.
    var demands: Demands?
    var random: RandomNumbers
    /// Why a table has fewer rows than were asked for.
    private(set) var shortfalls: [String] = []

    /// How many rows of each table are sure to be there whenever a row is written.
    private let kept: Int
    /// Whether the tables are those that the migration makes, whose rows nobody can try out before.
    var isNew = false

    private static var attempts: Int { 24 }

    init(_ session: Session, _ schema: Schema, _ options: RehearsalOptions) {
        self.session = session
        self.schema = schema
        random = RandomNumbers(seed: options.seed)
        kept = options.rows
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
                    let choice = isUnique && !isNew ? parents[...] : parents.prefix(kept)
                    let parent = choice[number % choice.count]
                    for (name, value) in zip(key.columns, parent) {
                        guard let index = columns.firstIndex(where: { $0.name == name }) else { continue }
                        row[index] = value
                    }
                }
                if try insert(row, columns.map(\.name), into: table) {
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

    /// Inserts a row, unless the database refuses it or it breaks what the migration demands.
    private func insert(_ row: [SQLValue], _ names: [String], into table: Table) throws -> Bool {
        try session.run("BEGIN")
        do {
            try session.run(Statements.insert(table.name, names, schema.dialect), row)
            for query in demands?.queries(on: table) ?? [] {
                guard try session.run(query).rows.isEmpty else {
                    try session.run("ROLLBACK")
                    return false
                }
            }
            try session.run("COMMIT")
            return true
        } catch let error where Setback(error).isAnswer {
            try session.run("ROLLBACK")
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
        for operation in demands?.operations(on: table) ?? [] {
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
        (demands?.operations(on: table) ?? []).compactMap { operation in
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
