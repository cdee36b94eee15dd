import DoubleWrite

/// The steps of a plan that concern one change of shape, and what they are about, as data.
struct ShapeProgram {
    let facts: ShapeFacts
    /// Forth, in order.
    private(set) var steps: [ShapeStep] = []
    /// All undo steps, as a rollback from the end would run them: those of the last step first.
    private(set) var wayBack: [(of: Int, step: ShapeStep)] = []
    /// The names that columns bear, by their numbers; number 0 is none.
    private(set) var names: [Effect.Place?] = [nil]
    private(set) var demands: [ShapeDemand] = []
    /// The demands that hold before the first step, as bits.
    private(set) var firstDemands: UInt16 = 0
    /// The texts of statements that were not understood.
    private(set) var riddles: [String] = []

    private var demandBits: [String: UInt16] = [:]
    private let reader: StatementReader
    private let conditions: ShapeConditionReader
    /// The columns' names, and the stored text, as they are at the step that is read.
    private var text: ShapeText

    init(_ plan: Plan, operation number: Int, facts: ShapeFacts) {
        self.facts = facts
        reader = StatementReader(dialect: plan.dialect)
        let own = plan.steps.map(\.step).filter { $0.serves(number) }
        let backfills = own.flatMap { [$0] + $0.undo }.compactMap { step in
            if case .backfill(let backfill) = step.action { backfill } else { nil }
        }
        conditions = ShapeConditionReader(facts, backfills: backfills)
        text = ShapeText(facts)
        for demand in facts.demands { note(demand, isFirst: true) }
        for entry in facts.clauses {
            if let bit = note(entry.clause, entry.column, of: facts.source) { firstDemands |= bit }
        }
        var follows = false
        for (phase, step) in plan.steps where step.serves(number) {
            var made = shapeStep(step, phase, follows: follows)
            let (there, bits) = (text, demandBits)
            for undo in step.undo {
                made.undo.append(shapeStep(undo, .contract, follows: made.undo.last?.step.isGate ?? false))
            }
            (text, demandBits) = (there, bits)
            follows = step.isGate
            steps.append(made)
        }
        for index in steps.indices.reversed() {
            wayBack += steps[index].undo.map { (index, $0) }
        }
    }
}

extension Step {
    /// The number of the operation that it belongs to, by its id `1.expand.add-column` or `undo.1....`.
    var operationNumber: Int? { Self.operationNumber(id) }

    /// Whether it belongs to the operation, or is a gate that it shares.
    func serves(_ number: Int) -> Bool {
        ([id] + (alsoServes ?? [])).contains { Self.operationNumber($0) == number }
    }

    private static func operationNumber(_ id: String) -> Int? {
        let parts = id.split(separator: ".", maxSplits: 2)
        return (parts.first == "undo" ? parts.dropFirst().first : parts.first).flatMap { Int($0) }
    }
}

// MARK: - Steps

extension ShapeProgram {
    private mutating func shapeStep(_ step: Step, _ phase: Phase, follows gate: Bool) -> ShapeStep {
        var made = ShapeStep(step: step, action: .pass)
        made.settles = step.settlesFirst || step.flip != nil || gate
        switch step.action {
        case .release(let release): if isOurs(release, phase) { made.action = .gate(release) }
        case .schema(let change):
            let reading = reader.read(change.statements)
            riddles += reading.isUnderstood ? [] : change.statements
            var effects = change.statements.flatMap { statement in
                reader.read(statement).effects.flatMap { effect($0) } + fill(statement)
            }
            if let flip = change.flip, flip.change == facts.change { effects.append(.flip(flip.stage)) }
            made.action = .change(effects)
            made.excludes = sides(of: reading.excludes)
        case .flip(let flip):
            if flip.change == facts.change { made.action = .change([.flip(flip.stage)]) }
        case .buildIndex(let build): made.action = .change(effects(of: build.statement))
        case .dropIndex(let drop): made.action = .change(effects(of: drop.statement))
        case .backfill(let backfill):
            if let fill = shapeBackfill(backfill) { made.action = .backfill(fill) }
        case .verify(let verification):
            made.action = .verify(
                conditions: verification.invariants.map { conditions.condition($0.violation) },
                countsLosses: verification.countsLosses == true)
        case .sqlite(let work): read(work, into: &made)
        case .soak: break
        }
        return made
    }

    private mutating func read(_ work: SQLiteWork, into made: inout ShapeStep) {
        switch work {
        case .edit(let edit):
            made.awaited = edit.verification?.invariants.map { conditions.condition($0.violation) }
            made.action = .change(edit.edits.flatMap { effects($0, of: edit.table) })
        case .copy, .compare, .swap, .empty:
            // No change of shape rebuilds its table.
            riddles.append(made.step.title)
        }
    }

    /// An UPDATE among the statements of a step.
    private func fill(_ statement: String) -> [ShapeEffect] {
        reader.update(statement).flatMap(shapeBackfill).map { [.fill($0)] } ?? []
    }

    private func shapeBackfill(_ backfill: Backfill) -> ShapeBackfill? {
        conditions.written(by: backfill).map { side in
            ShapeBackfill(
                fillsNew: side == .new, empties: conditions.empties(backfill),
                notesValues: conditions.notesValues(backfill),
                condition: conditions.condition(backfill.mismatch))
        }
    }

    /// A gate of another kind of operation may stand in the same migration: what it asks for is nothing to this change.
    private func isOurs(_ release: Release, _ phase: Phase) -> Bool {
        switch facts.sync {
        case .trigger: !release.acceptsHelper
        case .doubleWrite: release.acceptsHelper && (phase != .doubleWrite || release.needs == .both)
        }
    }

    private mutating func effects(of statement: String) -> [ShapeEffect] {
        let reading = reader.read(statement)
        riddles += reading.isUnderstood ? [] : [statement]
        return reading.effects.flatMap { effect($0) }
    }

    private func sides(of tables: [TableName]) -> ShapeSides {
        var sides: ShapeSides = []
        if tables.contains(facts.source) { sides.insert(.old) }
        if tables.contains(facts.target) { sides.insert(.new) }
        if let lookup = facts.lookup, tables.contains(lookup) { sides.insert(.new) }
        return sides
    }
}

// MARK: - Effects

extension ShapeProgram {
    /// The number of a name, which it gets when it is first met.
    mutating func number(of place: Effect.Place) -> ShapeName {
        if let index = names.firstIndex(of: place) { return ShapeName(index) }
        names.append(place)
        return ShapeName(names.count - 1)
    }

    private mutating func effect(_ effect: Effect) -> [ShapeEffect] {
        defer { text.follow(effect) }
        switch effect {
        case .addColumn(let place, let isNullable, let fallback):
            guard let index = index(of: place, in: facts.news, facts.target, \.physicalName) else {
                return []
            }
            let bit = UInt8(1) << index
            let columns = ShapeColumns.side(isNew: true)
            let appear = ShapeEffect.appear(
                number(of: place), value: fallback == .constant ? .first : .null)
            return (index == 0 ? [appear] : []) + [
                .require(columns, bit, !isNullable), .fall(columns, bit, fallback),
            ]
        case .dropColumn(let place): return isDeciding(place) ? [.vanish(number(of: place))] : []
        case .renameColumn(let place, let name):
            guard isDeciding(place) else { return [] }
            return [
                .rename(number(of: place), to: number(of: .init(table: place.table, column: name)))
            ]
        case .setNotNull(let place, let isNeeded):
            return columns(place).map { [.require($0, $1, isNeeded)] } ?? []
        case .setFallback(let place, let fallback):
            return columns(place).map { [.fall($0, $1, fallback)] } ?? []
        case .demand(let demand): return note(demand).map { [.demand($0, true)] } ?? []
        case .release(let name): return demandBits[name].map { [.demand($0, false)] } ?? []
        case .renameObject(let name, let new):
            // The same demand under another name; an index that becomes a constraint.
            if let bit = demandBits[name], demandBits[new] == nil { demandBits[new] = bit }
            return []
        case .createTrigger(let trigger): return triggers(trigger.name, true)
        case .dropTrigger(let name): return triggers(name, false)
        case .createTable(let table): return table == facts.lookup ? [.lookup(true)] : []
        case .dropTable(let table): return table == facts.lookup ? [.lookup(false)] : []
        case .renameTable, .createView, .dropView, .createType, .dropType, .validate:
            return []
        }
    }

    private func triggers(_ name: String, _ isThere: Bool) -> [ShapeEffect] {
        let triggers = ShapeTriggers(named: name, of: facts.change)
        return triggers.isEmpty ? [] : [.trigger(triggers, isThere)]
    }

    private func index(
        of place: Effect.Place, in members: [ShapeFacts.Member], _ table: TableName,
        _ name: (ShapeFacts.Member) -> String
    ) -> Int? {
        guard place.table == table else { return nil }
        return members.firstIndex { facts.dialect.sameName(name($0), place.column) }
    }

    /// Whether the place is one that a deciding column may have.
    private func isDeciding(_ place: Effect.Place) -> Bool {
        guard let old = facts.olds.first, let new = facts.news.first else { return false }
        let olds = [old.name, facts.dialect.retiredName(of: old.name)]
        let news = [new.name, new.physicalName]
        return place.table == facts.source && olds.contains { facts.dialect.sameName($0, place.column) }
            || place.table == facts.target && news.contains { facts.dialect.sameName($0, place.column) }
    }

    /// The side and the bit of a column. One whose name both shapes may have is the one that has it then.
    private mutating func columns(_ place: Effect.Place) -> (ShapeColumns, UInt8)? {
        let isShared =
            facts.keepsName && place.table == facts.source && facts.news.first?.name == place.column
            && facts.olds.first?.name == place.column
        if isShared { return (.named(number(of: place)), 1) }
        if let index = index(of: place, in: facts.news, facts.target, \.physicalName)
            ?? index(of: place, in: facts.news.filter { $0.name == $0.physicalName }, facts.target, \.name)
        {
            return (.side(isNew: true), UInt8(1) << index)
        }
        let old =
            index(of: place, in: facts.olds, facts.source, \.name)
            ?? index(of: place, in: facts.olds, facts.source) { facts.dialect.retiredName(of: $0.name) }
        return old.map { (.side(isNew: false), UInt8(1) << $0) }
    }

    /// Gives a demand on either shape its bit.
    @discardableResult
    private mutating func note(_ demand: Effect.Demand, isFirst: Bool = false) -> UInt16? {
        let members = demand.columns.compactMap { text.member($0, of: demand.table) }
        guard !members.isEmpty else { return nil }
        let isOnNew = members.contains(where: \.isNew)
        let holdsColumn =
            switch facts.dialect {
            case .postgres: false
            // An index; what `ADD COLUMN` brings goes with the column.
            case .sqlite: demand.kind == .unique
            }
        let bit = note(
            demand.name, ShapeDemand(kind: demand.kind, isOnNew: isOnNew, holdsColumn: holdsColumn))
        if isFirst, let bit { firstDemands |= bit }
        return bit
    }

    private mutating func note(_ name: String, _ demand: ShapeDemand) -> UInt16? {
        // One on the other shape may have had the name, which is that of this one from here.
        if let bit = demandBits[name], demands[bit.trailingZeroBitCount].isOnNew == demand.isOnNew {
            return bit
        }
        guard demands.count < 16 else {
            riddles.append(name)
            return nil
        }
        let bit = UInt16(1) << demands.count
        demands.append(demand)
        demandBits[name] = bit
        return bit
    }
}

// MARK: - The stored text

extension ShapeProgram {
    private mutating func note(
        _ clause: SQLiteDefinition.Clause, _ column: String?, of table: TableName
    ) -> UInt16? {
        text.demand(clause, column, of: table).flatMap { note($0.key, $0.shape) }
    }

    private mutating func effects(_ edit: TableEdit, of table: TableName) -> [ShapeEffect] {
        let table = facts.dialect.normalized(table)
        switch edit {
        case .add(let clause, let column): return effects(clause, column, of: table, isAdded: true)
        case .remove(let clause, let column): return effects(clause, column, of: table, isAdded: false)
        case .replace(let old, let new, let column):
            return effects(old, column, of: table, isAdded: false)
                + effects(new, column, of: table, isAdded: true)
        case .retype:
            // Of the same affinity: the values stay what they are.
            return []
        }
    }

    private mutating func effects(
        _ clause: SQLiteDefinition.Clause, _ column: String?, of table: TableName, isAdded: Bool
    ) -> [ShapeEffect] {
        if let bit = note(clause, column, of: table) { return [isAdded ? .demand(bit, true) : .take(bit)] }
        guard let column else { return [] }
        guard let member = text.member(column, of: table) else {
            return text.isGone(column, of: table) ? [.misses] : []
        }
        let columns = ShapeColumns.side(isNew: member.isNew)
        let bit = UInt8(1) << member.place
        switch clause.content {
        case .notNull: return [isAdded ? .require(columns, bit, true) : .relax(columns, bit)]
        case .defaultValue(let text): return [.fall(columns, bit, isAdded ? reader.fallback(text) : .null)]
        case .primaryKey, .unique, .check, .foreignKey, .null, .collation, .generated: return []
        }
    }
}
