import DoubleWrite

/// Operations without a second shape, with everybody who takes part: what the release before a gate names and writes, and
/// what the one behind it does.
final class UseMachine {
    struct World: Hashable {
        /// As in ``ShapeMachine``.
        var place: UInt16 = 0
        var things: UInt32
        var rules: UInt16
        /// The rules that the row breaks.
        var broken: UInt16 = 0
        var shadows = Shadows()
        var crew: [UseInstance]
    }

    struct UseInstance: Hashable, Comparable {
        enum Conduct: UInt8, Comparable {
            case before
            /// It takes either name, and rows that a rule has kept out so far.
            case either
            /// As `either`, and it writes no such row: on the way back.
            case careful
            case after

            static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
        }

        var conduct = Conduct.before
        /// The rule that the row breaks which it writes in a transaction that is open; 0 where there is none.
        var pending: UInt16 = 0
        var isOverdue = false

        static func < (left: Self, right: Self) -> Bool {
            (left.conduct, left.pending, left.isOverdue ? 1 : 0)
                < (right.conduct, right.pending, right.isOverdue ? 1 : 0)
        }
    }

    enum Move: Hashable {
        case step(place: UInt16, Happening)
        case turn
        case release(Int, UseInstance.Conduct)
        case use(Int)
        case write(Int, rule: UInt16)
        case begin(Int, rule: UInt16)
        case end(Int, commits: Bool)
        case read(Int)
    }

    /// What comes of a step.
    enum Happening: Hashable {
        case done, fails
        /// A shadow does not have what its table has.
        case isBehind
    }

    let program: UseProgram
    let premises: Premises
    let hasTransactions: Bool

    init(_ program: UseProgram, dialect: Dialect, premises: Premises = Premises()) {
        self.program = program
        self.premises = premises
        hasTransactions = dialect == .postgres
    }

    var start: World {
        World(
            things: program.firstThings, rules: program.firstRules, crew: [UseInstance(), UseInstance()])
    }

    private var turned: UInt16 { 1 << 12 }
}

extension UseMachine: StateMachine {
    func branches(from world: World, into branches: inout Branches<UseMachine>) {
        for index in world.crew.indices {
            use(index, world, &branches)
            write(index, world, &branches)
            release(index, world, &branches)
        }
        advance(world, &branches)
        turn(world, &branches)
    }

    func canonical(_ world: World) -> World {
        var world = world
        world.crew.sort()
        return world
    }
}

// MARK: - Applications

extension UseMachine {
    private typealias Found = Branches<UseMachine>

    private func use(_ index: Int, _ world: World, _ found: inout Found) {
        let used =
            switch world.crew[index].conduct {
            case .before: program.usedBefore
            case .either, .careful: UInt32(0)
            case .after: program.usedAfter
            }
        if used & ~world.things != 0 { found.fault(.missing, .use(index)) }
        // It relies on what held so far.
        let relied = world.broken & program.bits { $0.isOld && $0.isKept && !isGoing($0) }
        if world.crew[index].conduct == .before, relied != 0 { found.fault(.constraint, .read(index)) }
    }

    /// Whether the rule is about something that goes: a release that still uses it has to bear that others do not fill it.
    private func isGoing(_ rule: UseProgram.Rule) -> Bool {
        program.things.enumerated().contains { index, thing in
            guard program.usedBefore & (UInt32(1) << index) != 0, case .column(let place) = thing else {
                return false
            }
            return rule.key == "NOT NULL \(place.table).\(place.column)" || rule.kind != .notNull
        }
    }

    private func isTableGoing(_ table: TableName) -> Bool {
        program.things.enumerated().contains { index, thing in
            program.usedBefore & (UInt32(1) << index) != 0 && thing == .table(table)
        }
    }

    private func write(_ index: Int, _ world: World, _ found: inout Found) {
        if world.crew[index].pending != 0 {
            for commits in [true, false] {
                var next = world
                if commits {
                    next.broken = world.crew[index].pending
                    next.shadows = written(next.shadows)
                }
                next.crew[index].pending = 0
                next.crew[index].isOverdue = false
                found.add(.end(index, commits: commits), next)
            }
        }
        let choices =
            switch world.crew[index].conduct {
            case .before: program.bits { !$0.isOld }
            case .careful: UInt16(0)
            // What a rule has kept out so far it writes only when that is gone.
            case .either, .after: program.bits { $0.isOld && !isTableGoing($0.table) } & ~world.rules
            }
        for bit in [UInt16(0)] + (0..<16).map({ UInt16(1) << $0 }) where bit == 0 || choices & bit != 0 {
            guard world.rules & bit == 0 else {
                let kind = program.rules[bit.trailingZeroBitCount].kind
                found.fault(kind == .notNull ? .notNull : .constraint, .write(index, rule: bit))
                continue
            }
            var next = world
            next.broken = bit
            next.shadows = written(next.shadows)
            found.add(.write(index, rule: bit), next)
            guard hasTransactions, bit != 0, world.crew[index].pending == 0 else { continue }
            var begun = world
            begun.crew[index].pending = bit
            found.add(.begin(index, rule: bit), begun)
        }
    }

    private func release(_ index: Int, _ world: World, _ found: inout Found) {
        var choices: [UseInstance.Conduct] = []
        if world.place < turned {
            let step = Int(world.place)
            if step < program.steps.count, case .gate(let release) = program.steps[step].action {
                choices = [conduct(release, isBack: false), floor(before: step)]
            }
            if step == 0 { choices.append(.before) }
            if !premises.staysBehindAttested { choices += [.before, floor(before: step)] }
        } else {
            let (step, undo) = program.wayBack[Int(world.place - turned)]
            guard case .gate(let release) = undo.action else { return }
            choices = [conduct(release, isBack: true)]
            if case .gate(let forth) = program.steps[step].action {
                choices.append(conduct(forth, isBack: false))
            }
        }
        for conduct in Set(choices).sorted() where conduct != world.crew[index].conduct {
            var next = world
            next.crew[index].conduct = conduct
            found.add(.release(index, conduct), next)
        }
    }

    private func conduct(_ release: Release, isBack: Bool) -> UseInstance.Conduct {
        release.needs == .new ? .after : isBack ? .careful : .either
    }

    private func floor(before index: Int) -> UseInstance.Conduct {
        for step in program.steps[..<index].reversed() {
            if case .gate(let release) = step.action { return conduct(release, isBack: false) }
        }
        return .before
    }
}

// MARK: - The runner

extension UseMachine {
    private func advance(_ world: World, _ found: inout Found) {
        let isBack = world.place >= turned
        let index = Int(isBack ? world.place - turned : world.place)
        guard index < (isBack ? program.wayBack.count : program.steps.count) else { return }
        let step = isBack ? program.wayBack[index].step : program.steps[index]
        if step.settles, premises.flipsSettle, world.crew.contains(where: \.isOverdue) { return }
        if step.excludes, world.crew.contains(where: { $0.pending != 0 }) { return }
        var next = world
        next.place = isBack && index + 1 == program.wayBack.count ? 0 : world.place + 1
        let done = Move.step(place: world.place, .done)
        let open = world.broken & program.bits { _ in true }
        switch step.action {
        case .pass: found.add(done, next)
        case .gate(let release):
            guard world.crew.allSatisfy({ $0.conduct == conduct(release, isBack: isBack) }) else { return }
            for index in next.crew.indices { next.crew[index].isOverdue = next.crew[index].pending != 0 }
            found.add(done, next)
        case .verify: if open == 0 || !premises.countsAreOneSnapshot { found.add(done, next) }
        case .fill:
            next.broken = 0
            next.shadows = written(next.shadows)
            found.add(done, next)
        case .copy(let number): copy(number, next, from: world, &found)
        case .compare(let number): compare(number, next, from: world, &found)
        case .change(let effects): change(effects, step, next, from: world, &found)
        }
    }

    private func change(
        _ effects: [UseProgram.UseEffect], _ step: UseProgram.UseStep, _ next: World, from world: World,
        _ found: inout Found
    ) {
        var next = next
        var fails = false
        for effect in effects {
            switch effect {
            case .present(let bit, let isThere):
                next.things = isThere ? next.things | bit : next.things & ~bit
            case .rule(let bit, let holds, let readsRows):
                next.rules = holds ? next.rules | bit : next.rules & ~bit
                if holds, readsRows, world.broken & bit != 0 { fails = true }
            case .validate(let bit): if world.broken & bit != 0 { fails = true }
            case .needs(let bits): if bits & ~next.things != 0 { fails = true }
            case .writes(let tables): writeRows(of: tables, next, from: world, &found)
            case .shadow(let number, let change):
                if change == .swapped, world.shadows[number].contains(.isBehind) {
                    found.fault(.lostWrite, .step(place: world.place, .isBehind))
                }
                guard apply(change, to: &next.shadows[number]) else { return fail(world, &found) }
            }
        }
        // An index that cannot be unique is not built, and nothing has happened.
        if fails, step.waits || step.buildsIndex { return }
        if fails { return fail(world, &found) }
        found.add(.step(place: world.place, .done), next)
    }

    /// Statements of one's own may leave a row that a rule will be against which does not hold yet.
    private func writeRows(
        of tables: [TableName], _ next: World, from world: World, _ found: inout Found
    ) {
        let rules = program.bits { !$0.isOld && tables.contains($0.table) } & ~world.rules
        for bit in (0..<16).map({ UInt16(1) << $0 }) where rules & bit != 0 {
            var next = next
            next.broken = bit
            found.add(.step(place: world.place, .done), next)
        }
    }

    private func turn(_ world: World, _ found: inout Found) {
        let index = Int(world.place)
        guard world.place < turned, index > 0, program.steps[..<index].allSatisfy(\.step.isReversible) else {
            return
        }
        if index < program.steps.count, case .gate = program.steps[index].action,
            premises.gateIsClearedBeforeRollback,
            world.crew.contains(where: { $0.conduct != floor(before: index) })
        {
            return
        }
        var next = world
        let entry = program.wayBack.firstIndex { $0.of < index }
        next.place = entry.map { turned + UInt16($0) } ?? 0
        for index in next.crew.indices { next.crew[index].isOverdue = next.crew[index].pending != 0 }
        found.add(.turn, next)
    }
}

// MARK: - Words

extension UseMachine {
    func sentence(_ move: Move, in world: World) -> String {
        switch move {
        case .step(let place, .done): title(place)
        case .step(let place, .fails): "\(title(place)): it fails, for \(obstacle(world))"
        case .step(let place, .isBehind): "\(title(place)): the shadow has not what was written"
        case .turn: "the migration is rolled back"
        case .release(let index, let conduct): "instance \(index + 1) becomes \(word(conduct))"
        case .use(let index):
            "instance \(index + 1) (\(word(world.crew[index].conduct))) uses \(missing(index, world)), which is not there"
        case .write(let index, let rule):
            "instance \(index + 1) (\(word(world.crew[index].conduct))) \(writes(rule))"
        case .begin(let index, let rule):
            "instance \(index + 1) (\(word(world.crew[index].conduct))) begins a transaction, in which it \(writes(rule))"
        case .end(let index, let commits):
            "instance \(index + 1) \(commits ? "commits" : "takes back") its transaction"
        case .read(let index):
            "instance \(index + 1) (\(word(world.crew[index].conduct))) reads a row that breaks \(rules(world.broken))"
        }
    }

    private func title(_ place: UInt16) -> String {
        let step =
            place >= turned
            ? program.wayBack[Int(place - turned)].step.step : program.steps[Int(place)].step
        return "[\(step.id)] \(step.title)"
    }

    private func word(_ conduct: UseInstance.Conduct) -> String {
        switch conduct {
        case .before: "the release before"
        case .either: "the release that bears either"
        case .careful: "the release that bears either and writes as before"
        case .after: "the release behind the gate"
        }
    }

    private func writes(_ rule: UInt16) -> String {
        rule == 0 ? "writes a row that nothing refuses" : "writes a row that breaks \(rules(rule))"
    }

    private func rules(_ bits: UInt16) -> String {
        program.rules.enumerated().filter { bits & (UInt16(1) << $0.offset) != 0 }
            .map { "'\($0.element.key)'" }.joined(separator: ", ")
    }

    private func obstacle(_ world: World) -> String {
        guard world.broken == 0 else { return "a row that was written breaks \(rules(world.broken))" }
        let gone = program.things.enumerated().filter { world.things & (UInt32(1) << $0.offset) == 0 }
        if gone.isEmpty { return "there is no shadow" }
        return "there is no \(gone.map { $0.element.description }.joined(separator: ", "))"
    }

    private func missing(_ index: Int, _ world: World) -> String {
        let used = world.crew[index].conduct == .before ? program.usedBefore : program.usedAfter
        return program.things.enumerated()
            .filter { used & ~world.things & (UInt32(1) << $0.offset) != 0 }
            .map { $0.element.description }.joined(separator: ", ")
    }
}

extension UseProgram.Thing: CustomStringConvertible {
    var description: String {
        switch self {
        case .column(let place): "column '\(place.column)' of '\(place.table)'"
        case .table(let table): "table '\(table)'"
        case .type(let type): "type '\(type)'"
        case .fallback(let place): "the default of '\(place.column)' of '\(place.table)'"
        }
    }
}
