import DoubleWrite

/// The names that statements of applications may use at one moment of a plan.
struct ContractSchema {
    struct Fact {
        var isNullable: Bool
        var fallback: Effect.Fallback
        /// The column as a schema describes it, as long as the plan has not changed it.
        var column: Column?
        /// A value that is missing in an insert is refused.
        var isNeeded: Bool { !isNullable && fallback == .null }
    }

    /// The columns of each table; `nil` where they are not known, as of a view.
    private var tables: [TableName: [String: Fact]?] = [:]
    /// What the tables demand of a row beside NOT NULL.
    private var demands = ContractDemands()
    private let after: Schema
    private var dialect: Dialect { after.dialect }

    /// - Parameter after: The schema in the end, for the columns of tables that the plan makes.
    init(_ schema: Schema, after: Schema) {
        self.after = after
        for table in schema.tables {
            tables[key(table.name)] = .some(Self.facts(table, dialect))
            demands.read(table, named: key(table.name), dialect)
        }
    }

    private static func facts(_ table: Table, _ dialect: Dialect) -> [String: Fact] {
        Dictionary(
            table.columns.map { column in
                (
                    Self.folded(column.name, dialect),
                    Fact(isNullable: column.isNullable, fallback: column.fallback, column: column)
                )
            }, uniquingKeysWith: { first, _ in first })
    }

    static func folded(_ name: String, _ dialect: Dialect) -> String {
        dialect == .sqlite ? name.asciiFolded : name
    }

    private func key(_ table: TableName) -> TableName {
        let table = dialect.normalized(table)
        return TableName(schema: table.schema, Self.folded(table.name, dialect))
    }

    /// Follows what a statement does.
    mutating func apply(_ effect: Effect) {
        demands.apply(effect, dialect, key: key)
        switch effect {
        case .addColumn(let place, let isNullable, let fallback):
            let column = after[place.table]?.column(place.column)
            change(place) { $0 = Fact(isNullable: isNullable, fallback: fallback, column: column) }
        case .dropColumn(let place): change(place) { $0 = nil }
        case .renameColumn(let place, let name):
            var fact: Fact?
            change(place) {
                fact = $0
                $0 = nil
            }
            change(.init(table: place.table, column: name)) { $0 = fact }
        case .setNotNull(let place, let isNeeded): change(place) { $0?.isNullable = !isNeeded }
        case .setFallback(let place, let fallback):
            change(place) {
                $0?.fallback = fallback
                $0?.column = nil
            }
        case .demand(let demand):
            switch demand.kind {
            case .notNull:
                for column in demand.columns {
                    change(.init(table: demand.table, column: column)) { $0?.isNullable = false }
                }
            case .check, .unique: demands.begin(demand, as: after[demand.table], key(demand.table), dialect)
            case .foreignKey: break
            }
        case .createTable(let table):
            tables[key(table)] = .some(after[table].map { Self.facts($0, dialect) })
            if let made = after[table] { demands.read(made, named: key(table), dialect) }
        case .createView(let table): tables[key(table)] = .some(nil)
        case .dropTable(let table), .dropView(let table): tables[key(table)] = nil
        case .renameTable(let table, let new):
            let columns = tables.removeValue(forKey: key(table))
            if let columns { tables[key(new)] = .some(columns) }
        case .createType, .dropType, .release, .renameObject, .validate, .createTrigger, .dropTrigger: break
        }
    }

    /// A table whose definition was exchanged as a whole: the columns that are there demand what the new one says.
    mutating func exchange(_ table: Table) {
        let key = key(table.name)
        guard case .some(.some(var columns)) = tables[key] else { return }
        for (name, fact) in Self.facts(table, dialect) where columns[name] != nil { columns[name] = fact }
        tables[key] = .some(columns)
        exchange(demandsOf: table)
    }

    /// The same for what it demands beside NOT NULL.
    mutating func exchange(demandsOf table: Table) {
        demands.exchange(table, named: key(table.name), dialect)
    }

    /// Statements that nobody reads may have done anything to what a table demands.
    mutating func loseTrack() { demands.loseTrack() }

    /// What a table's file says that its own statements drop.
    mutating func drop(_ use: TableUse) {
        if use.columns.isEmpty { tables[key(use.table)] = nil }
        for column in use.columns { apply(.dropColumn(.init(table: use.table, column: column))) }
    }

    private mutating func change(_ place: Effect.Place, _ body: (inout Fact?) -> Void) {
        guard case .some(.some(var columns)) = tables[key(place.table)] else { return }
        body(&columns[Self.folded(place.column, dialect)])
        tables[key(place.table)] = .some(columns)
    }

    /// Why the schema does not bear a release; `nil` where it does.
    ///
    /// - Parameter bears: Columns that the helper takes care of.
    func obstacle(to release: ReleaseContract, bearing bears: Set<TouchedColumn>) -> String? {
        for use in release.reads {
            if let missing = missing(use, bears) { return "reads \(missing), which is not there" }
        }
        for write in release.writes {
            if let missing = missing(write.use, bears) { return "writes \(missing), which is not there" }
            if write.inserts, let column = needed(write.use, bears) {
                return
                    "inserts into '\(write.use.table)' without '\(column)', which is NOT NULL and has no default"
            }
            if let reason = refusal(of: write, bears) { return reason }
        }
        return nil
    }

    private func missing(_ use: TableUse, _ bears: Set<TouchedColumn>) -> String? {
        guard let columns = tables[key(use.table)] else { return "the table '\(use.table)'" }
        guard let columns else { return nil }
        let missing = use.columns.first { name in
            let isBorne = bears.contains(touched(use.table, name))
            return columns[Self.folded(name, dialect)] == nil && !isBorne
        }
        return missing.map { "column '\($0)' of '\(use.table)'" }
    }

    private func needed(_ use: TableUse, _ bears: Set<TouchedColumn>) -> String? {
        guard !use.columns.isEmpty, case .some(.some(let columns)) = tables[key(use.table)] else {
            return nil
        }
        let given = Set(use.columns.map { Self.folded($0, dialect) })
        return columns.filter { $0.value.isNeeded }.keys.sorted().first {
            !given.contains($0) && !bears.contains(touched(use.table, $0))
        }
    }

    private func touched(_ table: TableName, _ column: String) -> TouchedColumn {
        TouchedColumn(table: key(table), column: Self.folded(column, dialect))
    }

    /// Columns by the names under which this schema knows them.
    func touched(_ columns: [TouchedColumn]) -> Set<TouchedColumn> {
        Set(columns.map { touched($0.table, $0.column ?? "") })
    }

    /// What the table demands of the values that a release writes, where that can be said.
    private func refusal(of write: ReleaseContract.Write, _ bears: Set<TouchedColumn>) -> String? {
        guard case .some(.some(let columns)) = tables[key(write.use.table)] else { return nil }
        let free = columns.filter { !bears.contains(touched(write.use.table, $0.key)) }
        let name = write.use.table
        let null = write.nulls.first { free[Self.folded($0, dialect)]?.isNullable == false }
        if let null { return "writes NULL to '\(null)' of '\(name)', which is NOT NULL" }
        let reader = ContractRefusal(
            table: name, key: key(name), columns: free, write: write, dialect: dialect, demands: demands)
        return reader.reason
    }
}
