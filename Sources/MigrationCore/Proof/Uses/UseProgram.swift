import DoubleWrite

/// The steps of operations without a second shape, as far as applications notice: names that go, and rows that the
/// database begins or ceases to refuse.
struct UseProgram {
    enum Action {
        case pass
        case gate(Release)
        case change([UseEffect])
        /// Rows are mended until none breaks a rule.
        case fill
        case verify
        /// A table's rows are copied to its shadow, by the rebuild's number.
        case copy(Int)
        /// Both are compared.
        case compare(Int)
    }

    struct UseStep {
        var step: Step
        var action: Action
        /// Whether nobody has a lock on the table while it runs.
        var excludes = false
        var settles = false
        /// Whether it waits while rows break its rules, instead of failing.
        var waits = false
        var buildsIndex = false
        var undo: [UseStep] = []
    }

    enum UseEffect: Hashable {
        case present(UInt32, Bool)
        case rule(UInt16, Bool, readsRows: Bool)
        case validate(UInt16)
        /// It names these, and fails where one is not there.
        case needs(UInt32)
        /// Statements of one's own write rows of these tables, whatever the rows are like.
        case writes([TableName])
        /// What becomes of the shadow of a table that is rebuilt.
        case shadow(Int, ShadowChange)
    }

    /// Something that a statement names or relies on.
    enum Thing: Hashable {
        case column(Effect.Place)
        case table(TableName)
        case type(TableName)
        /// The default of a column.
        case fallback(Effect.Place)
    }

    /// Something that the database refuses a row for.
    struct Rule {
        var key: String
        var kind: Effect.Demand.Kind
        var table: TableName
        /// Whether it holds before the first step.
        var isOld: Bool
        /// Whether the rows keep it then, so that a release may rely on it.
        var isKept = true
    }

    private(set) var steps: [UseStep] = []
    private(set) var wayBack: [(of: Int, step: UseStep)] = []
    private(set) var things: [Thing] = []
    private(set) var rules: [Rule] = []
    /// What is there, and what holds, before the first step.
    private(set) var firstThings: UInt32 = 0
    var firstRules: UInt16 { bits { $0.isOld } }
    /// What the release before uses and a step takes away.
    private(set) var usedBefore: UInt32 = 0
    /// The new names, which a release uses behind the gate.
    private(set) var usedAfter: UInt32 = 0
    /// The tables that are rebuilt beside their writers (SQLite), with their shadows.
    let rebuilds: [RowCopy]
    var riddles: [String] = []

    let schema: Schema
    let reader: StatementReader
    /// What the statements of one's own are about, by their operations' numbers.
    private let declared: [Int: RawSQL]
    /// The rules by the names of their constraints and indexes, as they are called at the step that is read.
    private var named: [String: Int] = [:]
    /// The triggers that keep a shadow like its table, by their names.
    var mirrors: [String: (number: Int, events: Shadow)] = [:]

    init(
        _ plan: Plan, operations: Set<Int>, schema: Schema, declared: [Int: RawSQL] = [:]
    ) {
        self.declared = declared
        self.schema = schema
        reader = StatementReader(dialect: plan.dialect)
        rebuilds = plan.rebuilds(of: operations)
        var follows = false
        for (phase, step) in plan.steps where operations.contains(where: step.serves) {
            let own = step.operationNumber.flatMap { declared[$0] }
            var made = useStep(step, follows: follows, own.map { effects($0, phase) })
            let names = named
            for undo in step.undo {
                made.undo.append(
                    useStep(
                        undo, follows: made.undo.last?.step.isGate ?? false,
                        own.map { effects($0, .expand) }))
            }
            named = names
            follows = step.isGate
            steps.append(made)
        }
        for index in steps.indices.reversed() { wayBack += steps[index].undo.map { (index, $0) } }
        weighUses()
    }

    func bits(_ isMeant: (Rule) -> Bool) -> UInt16 {
        rules.enumerated().reduce(0) { isMeant($1.element) ? $0 | UInt16(1) << $1.offset : $0 }
    }
}

// MARK: - Steps

extension UseProgram {
    /// - Parameter declared: What the file says of the statements, where they are its own.
    private mutating func useStep(
        _ step: Step, follows gate: Bool, _ declared: [UseEffect]? = nil
    ) -> UseStep {
        var made = UseStep(step: step, action: .pass)
        made.settles = step.settlesFirst || step.flip != nil || gate
        switch step.action {
        case .release(let release): if release.needs != .bothReadNew { made.action = .gate(release) }
        case .schema where declared != nil: made.action = .change(declared ?? [])
        case .schema(let change):
            let reading = reader.read(change.statements)
            riddles += reading.isUnderstood ? [] : change.statements
            made.action = .change(reading.effects.flatMap { effects($0) })
            made.excludes = !reading.excludes.isEmpty
            made.buildsIndex = change.statements.contains { $0.hasPrefix("CREATE UNIQUE INDEX") }
        case .buildIndex(let build):
            made.buildsIndex = true
            made.action = .change(reader.read(build.statement).effects.flatMap { effects($0) })
        case .dropIndex(let drop):
            made.action = .change(reader.read(drop.statement).effects.flatMap { effects($0) })
        case .backfill: made.action = .fill
        case .verify: made.action = .verify
        case .sqlite(let work): read(work, into: &made)
        case .flip, .soak: break
        }
        return made
    }

    private mutating func read(_ work: SQLiteWork, into made: inout UseStep) {
        switch work {
        case .copy(let rows): if let number = rebuild(rows) { made.action = .copy(number) }
        case .compare(let rows): if let number = rebuild(rows) { made.action = .compare(number) }
        case .empty: break
        case .edit(let edit):
            made.waits = edit.verification != nil
            made.action = .change(reader.read(edit).flatMap { effects($0) })
        case .swap(let swap):
            made.waits = true
            made.action = .change(effects(swap))
        }
    }
}

// MARK: - Effects

extension UseProgram {
    /// What the file says of its own statements. What they drop goes in the contract.
    private mutating func effects(_ statements: RawSQL, _ phase: Phase) -> [UseEffect] {
        let isLast = phase == .contract
        var named: UInt32 = 0
        for use in statements.reads + statements.writes + (isLast ? statements.drops : []) {
            named |= bits(use)
        }
        let written = statements.writes.map { schema.dialect.normalized($0.table) }
        let dropped = isLast ? statements.drops.map { UseEffect.present(bits($0), false) } : []
        return [.needs(named)] + (written.isEmpty ? [] : [.writes(written.uniqued)]) + dropped
    }

    private mutating func bits(_ use: TableUse) -> UInt32 {
        use.touched(schema.dialect).reduce(0) { bits, touched in
            let thing = touched.column.map { Thing.column(.init(table: touched.table, column: $0)) }
            return bits | bit(thing ?? .table(touched.table), isThere: true)
        }
    }

    private mutating func bit(_ thing: Thing, isThere: Bool) -> UInt32 {
        if let index = things.firstIndex(of: thing) { return UInt32(1) << index }
        guard things.count < 32 else {
            riddles.append(thing.description)
            return 0
        }
        things.append(thing)
        let bit = UInt32(1) << (things.count - 1)
        if isThere { firstThings |= bit }
        return bit
    }

    private mutating func rule(
        _ key: String, _ kind: Effect.Demand.Kind, of table: TableName, isOld: Bool
    ) -> UInt16 {
        if let index = named[key] { return UInt16(1) << index }
        guard rules.count < 16 else {
            riddles.append(key)
            return 1 << 15
        }
        rules.append(Rule(key: key, kind: kind, table: table, isOld: isOld))
        named[key] = rules.count - 1
        return UInt16(1) << (rules.count - 1)
    }

    mutating func effects(_ effect: Effect) -> [UseEffect] {
        switch effect {
        case .addColumn(let place, let isNullable, let fallback):
            let there = UseEffect.present(bit(.column(place), isThere: isOld(place)), true)
            // A row that is inserted without it is refused.
            guard !isNullable, fallback == .null, schema[place.table] != nil else { return [there] }
            return [
                there,
                .rule(rule(key(place), .notNull, of: place.table, isOld: false), true, readsRows: true),
            ]
        case .dropColumn(let place): return [.present(bit(.column(place), isThere: isOld(place)), false)]
        case .renameColumn(let place, let name):
            let new = Effect.Place(table: place.table, column: name)
            return [
                .present(bit(.column(place), isThere: isOld(place)), false),
                .present(bit(.column(new), isThere: isOld(new)), true),
            ]
        case .setNotNull(let place, let isNeeded): return need(place, isNeeded)
        case .setFallback(let place, let fallback):
            let hasOne = schema[place.table]?.column(place.column).map { $0.fallback != .null } ?? false
            return [.present(bit(.fallback(place), isThere: hasOne), fallback != .null)]
        case .createTable(let table), .createView(let table):
            if let number = rebuild(of: table) { return [.shadow(number, .made)] }
            return [.present(bit(.table(table), isThere: schema[table] != nil), true)]
        case .dropTable(let table), .dropView(let table):
            if let number = rebuild(of: table) { return [.shadow(number, .dropped)] }
            return [.present(bit(.table(table), isThere: schema[table] != nil), false)]
        case .renameTable(let table, let new):
            return [
                .present(bit(.table(table), isThere: schema[table] != nil), false),
                .present(bit(.table(new), isThere: schema[new] != nil), true),
            ]
        case .createType(let type):
            return [.present(bit(.type(type), isThere: schema.enumType(type) != nil), true)]
        case .dropType(let type):
            return [.present(bit(.type(type), isThere: schema.enumType(type) != nil), false)]
        case .demand(let demand): return add(demand)
        case .release(let name): return release(name)
        case .renameObject(let name, let new):
            if let index = named[name] {
                named[name] = nil
                named[new] = index
            }
            return []
        case .validate(let name): return named[name].map { [.validate(UInt16(1) << $0)] } ?? []
        case .createTrigger(let trigger): return mirror(trigger)
        case .dropTrigger(let name): return mirrors[name].map { [.shadow($0.number, .left($0.events))] } ?? []
        }
    }

    private func isOld(_ place: Effect.Place) -> Bool {
        schema[place.table]?.column(place.column) != nil
    }

    private func key(_ place: Effect.Place) -> String { "NOT NULL \(place.table).\(place.column)" }

    private mutating func need(_ place: Effect.Place, _ isNeeded: Bool) -> [UseEffect] {
        guard let column = schema[place.table]?.column(place.column) else { return [] }
        let rule = rule(key(place), .notNull, of: place.table, isOld: !column.isNullable)
        return [.rule(rule, isNeeded, readsRows: true)]
    }

    /// A rule over columns that the release before does not know is kept by its rows: it gives them no value.
    private mutating func add(_ demand: Effect.Demand) -> [UseEffect] {
        guard let table = schema[demand.table],
            demand.columns.isEmpty || named[demand.name] != nil
                || demand.columns.contains(where: { table.column($0) != nil })
        else { return [] }
        let isOld = demands(of: table).contains { $0.name == demand.name }
        let rule = rule(demand.name, demand.kind, of: demand.table, isOld: isOld)
        return [.rule(rule, true, readsRows: demand.readsRows)]
    }

    mutating func release(_ name: String) -> [UseEffect] {
        if let index = named[name] { return [.rule(UInt16(1) << index, false, readsRows: false)] }
        for table in schema.tables {
            guard let demand = demands(of: table).first(where: { $0.name == name }) else { continue }
            let rule = rule(name, demand.kind, of: demand.table, isOld: true)
            rules[rule.trailingZeroBitCount].isKept = demand.readsRows
            return [.rule(rule, false, readsRows: false)]
        }
        return []
    }

    /// What the database demands of a table's rows before the first step, besides NOT NULL.
    private func demands(of table: Table) -> [Effect.Demand] {
        let name = schema.dialect.normalized(table.name)
        let demands = table.demands(over: table.columns.map(\.name), name)
        switch schema.dialect {
        case .postgres: return demands
        case .sqlite:
            // What a clause demands is read in the text; an index is not in it.
            let indexes = Set(table.indexes.map(\.name))
            let clauses = (try? table.sqliteDefinition())?.clauses ?? []
            return demands.filter { indexes.contains($0.name) }
                + clauses.compactMap { reader.demand($0.clause, $0.column, of: name) }
        }
    }

    private mutating func weighUses() {
        var present = firstThings
        var renamed: UInt32 = 0
        for step in steps {
            guard case .change(let effects) = step.action else { continue }
            var made: UInt32 = 0
            var gone: UInt32 = 0
            for case .present(let bit, let isThere) in effects {
                present = isThere ? present | bit : present & ~bit
                if isThere { made |= bit } else { gone |= bit }
            }
            if gone != 0 { renamed |= made }
            usedBefore |= gone & firstThings
        }
        // A name that stays until the end and was another's, and no view that stands in for one.
        usedAfter = renamed & present & ~firstThings
    }
}
