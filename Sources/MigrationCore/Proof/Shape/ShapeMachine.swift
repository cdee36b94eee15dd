import DoubleWrite

/// A change of shape with everybody who takes part: the database, the runner that does the plan's steps forth and back,
/// and some instances of applications, each at its own pace.
final class ShapeMachine {
    /// What kind of application an instance is of.
    enum Kind: Hashable {
        /// It writes through the helper, which follows the stages by itself.
        case helper
        /// It does the same by code of its own, a release for each stage.
        case own
    }

    enum Move: Hashable {
        /// A step, or the batch of one.
        case step(place: UInt16, Happening)
        case turn
        case release(Int, Instance.Conduct)
        case begin(Int, Instance.Acting)
        case abandon(Int)
        case read(Int, Instance.Acting, inTransaction: Bool)
        case write(Int, Instance.Acting, ShapeValue, inserts: Bool, inTransaction: Bool)
        /// By a foreign key with an action.
        case follow(ShapeValue)
        case lateBatch(Int)
        /// Somebody else inserts a value into the lookup table, or deletes one.
        case note(ShapeValue, Bool)
        case look
    }

    /// What comes of a step.
    enum Happening: Hashable {
        case done, batch, countsZero, discards, fails, finds, opens
    }

    let program: ShapeProgram
    let premises: Premises
    let crew: [Kind]
    /// The instances that the next one is like.
    private let alike: [Int]
    /// Whether a transaction may see less than what is committed: in SQLite one that writes never does, and one that reads
    /// sees one state of everything.
    let hasOldSnapshots: Bool
    let start: ShapeWorld
    /// The numbers of the names.
    let oldName, newName, finalName: ShapeName
    /// The steps, forth and back, without their words.
    let forth: [Line]
    let back: [Line]
    /// For each step, where on the way back its own undo begins, or that of the steps before it.
    let entries: [UInt16]
    /// For each step, what the gates before it ask for.
    let floors: [[Kind: Instance.Conduct]]
    /// How many steps can be taken back.
    let reversible: Int
    /// The demands of a kind, as bits.
    let keys, references, uniques, checks, notNulls: Demands
    /// Whether the new value is the reference of a row in a lookup table.
    let hasLookup: Bool

    /// A step, as far as it moves the machine.
    struct Line {
        var action: ShapeStep.Action
        var excludes: ShapeSides
        var settles: Bool
        var awaited: [ShapeCondition]?
        var mayBeHalfDone: Bool

        init(_ step: ShapeStep) {
            action = step.action
            excludes = step.excludes
            settles = step.settles
            awaited = step.awaited
            mayBeHalfDone = !step.isAtomic && !step.step.isGate
        }
    }

    /// The demands of a kind on either shape.
    struct Demands {
        var old: UInt16 = 0
        var new: UInt16 = 0

        init(_ program: ShapeProgram, _ isMeant: (Effect.Demand.Kind) -> Bool) {
            for (index, demand) in program.demands.enumerated() where isMeant(demand.kind) {
                if demand.isOnNew { new |= UInt16(1) << index } else { old |= UInt16(1) << index }
            }
        }

        func holds(_ world: ShapeWorld, onNew: Bool) -> Bool { world.demands & (onNew ? new : old) != 0 }
    }

    init(_ program: ShapeProgram, crew: [Kind], premises: Premises = Premises()) {
        var program = program
        let facts = program.facts
        func number(_ table: TableName, _ name: String?) -> ShapeName {
            program.number(of: .init(table: table, column: name ?? ""))
        }
        oldName = number(facts.source, facts.olds.first?.name)
        newName = number(facts.target, facts.news.first?.physicalName)
        finalName = number(facts.target, facts.news.first?.name)
        self.program = program
        self.premises = premises
        self.crew = crew
        alike = crew.indices.dropLast().filter { crew[$0] == crew[$0 + 1] }
        hasOldSnapshots = facts.dialect == .postgres
        forth = program.steps.map(Line.init)
        back = program.wayBack.map { Line($0.step) }
        entries = (0...program.steps.count).map { index in
            UInt16(program.wayBack.firstIndex { $0.of < index } ?? program.wayBack.count)
        }
        floors = (0...program.steps.count).map { Self.floor(of: program.steps[..<$0], Set(crew)) }
        reversible = program.steps.firstIndex { !$0.step.isReversible } ?? program.steps.count
        hasLookup = facts.lookup != nil
        keys = Demands(program) { $0 == .foreignKey(writes: true) }
        references = Demands(program) { if case .foreignKey = $0 { true } else { false } }
        uniques = Demands(program) { $0 == .unique }
        checks = Demands(program) { $0 == .check }
        notNulls = Demands(program) { $0 == .notNull }
        start = Self.first(facts, oldName, demands: program.firstDemands)
    }

    /// The database before the first step, with a row.
    private static func first(_ facts: ShapeFacts, _ name: ShapeName, demands: UInt16) -> ShapeWorld {
        var world = ShapeWorld()
        world.old.name = name
        world.old.value = .first
        for (index, member) in facts.olds.enumerated() {
            let bit = UInt8(1) << index
            if !member.isNullable { world.old.required |= bit }
            switch member.fallback {
            case .null: break
            case .constant: world.old.constant |= bit
            case .varying: world.old.varying |= bit
            }
        }
        world.demands = demands
        return world
    }

    /// What an instance does that is of the release before the next gate's.
    private static func floor(
        of steps: ArraySlice<ShapeStep>, _ kinds: Set<Kind>
    ) -> [Kind: Instance.Conduct] {
        for step in steps.reversed() {
            guard case .gate(let release) = step.action else { continue }
            return Dictionary(uniqueKeysWithValues: kinds.map { ($0, conduct(for: release, $0)) })
        }
        return [:]
    }

    /// What an instance has to do that a gate may open.
    static func conduct(for release: Release, _ kind: Kind) -> Instance.Conduct {
        kind == .helper && release.acceptsHelper ? .helper : Instance.Conduct(release.needs)
    }

    var facts: ShapeFacts { program.facts }
    var isSynchronized: Bool { facts.sync == .trigger }
}

// MARK: - Places

extension ShapeMachine {
    /// From here places are on the way back.
    static let turned: UInt16 = 1 << 12

    enum Place {
        case forth(Int)
        case back(Int)
    }

    func place(_ world: ShapeWorld) -> Place {
        world.place < Self.turned ? .forth(Int(world.place)) : .back(Int(world.place - Self.turned))
    }

    /// The step that the runner stands before, with the place of the next.
    func line(at place: UInt16) -> (line: Line, next: UInt16)? {
        if place < Self.turned {
            return Int(place) < forth.count ? (forth[Int(place)], place + 1) : nil
        }
        let index = Int(place - Self.turned)
        guard index < back.count else { return nil }
        return (back[index], index + 1 == back.count ? 0 : place + 1)
    }

    /// What the gates before a step ask for: what an instance does that is of the release before the next gate's.
    func floor(before index: Int, _ kind: Kind) -> Instance.Conduct { floors[index][kind] ?? .before }

    func conduct(for release: Release, _ kind: Kind) -> Instance.Conduct {
        Self.conduct(for: release, kind)
    }
}

// MARK: - Everything that can happen

extension ShapeMachine: StateMachine {
    func branches(from world: ShapeWorld, into branches: inout Branches<ShapeMachine>) {
        judge(world, &branches)
        for index in crew.indices {
            act(index, in: world, &branches)
            moveTransaction(index, in: world, &branches)
            release(index, in: world, &branches)
        }
        followKey(world, &branches)
        editLookup(world, &branches)
        advance(world, &branches)
        turn(world, &branches)
        writeLate(world, &branches)
    }

    /// Like instances in one order, whichever is which.
    func canonical(_ world: ShapeWorld) -> ShapeWorld {
        var world = world
        // As often as there are pairs: then all are in order.
        for _ in alike {
            for index in alike {
                let (left, right) = (world.crew[index], world.crew[index + 1])
                guard left.bits > right.bits else { continue }
                world.crew[index] = right
                world.crew[index + 1] = left
            }
        }
        return world
    }

    /// What is wrong in itself, whoever does what.
    private func judge(_ world: ShapeWorld, _ branches: inout Branches<ShapeMachine>) {
        let (old, new) = (world.old, world.new)
        let isOldStale = old.isThere && !old.value.isNull && !isRight(old: old.value, world)
        let isNewStale = new.isThere && !new.value.isNull && !isRight(new: new.value, world)
        if isOldStale && keys.holds(world, onNew: false) || isNewStale && keys.holds(world, onNew: true) {
            branches.fault(.staleKey, .look)
        }
    }
}

// MARK: - What a read must give

extension ShapeMachine {
    /// What `up` or `down` makes of a value. A lookup table knows the values that it has.
    func converted(_ value: ShapeValue, _ world: ShapeWorld) -> ShapeValue {
        guard hasLookup else { return value.converted }
        return world.lookup.isSuperset(of: .row(value)) ? value : .null
    }

    func row(_ world: ShapeWorld) -> ShapeRow {
        ShapeRow(
            old: world.old.value, new: world.new.value, up: converted(world.old.value, world),
            down: converted(world.new.value, world))
    }

    func isRight(new value: ShapeValue, _ world: ShapeWorld) -> Bool {
        // Of a reference whose row is gone nobody can tell what it stood for.
        if hasLookup, converted(value, world) != value { return false }
        if world.truth.isOld { return value == world.truth.value.converted }
        // What `down` forgets may be gone while the old shape is the truth (`lossy_down`).
        return value == world.truth.value || facts.isLossyDown && value == world.truth.value.converted
    }

    func isRight(old value: ShapeValue, _ world: ShapeWorld) -> Bool {
        world.truth.isOld ? value == world.truth.value : value == world.truth.value.converted
    }
}
