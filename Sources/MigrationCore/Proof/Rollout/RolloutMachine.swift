/// A written order with two instances and one row.
struct RolloutMachine {
    struct World: Hashable {
        var step = 0
        var releases: [Rollout.Release]
        var hasOld = true
        var hasNew = false
        var old: Int? = 0
        var new: Int?
        var truth = 0
        var isTriggered = false
    }

    enum Move: Hashable {
        case read(Int)
        case write(Int, Int)
        case release(Int, Rollout.Release)
        case attest
        case step
        case end
    }

    let rollout: Rollout

    init(_ rollout: Rollout) { self.rollout = rollout }

    var start: World { World(releases: [rollout.first, rollout.first]) }
}

extension RolloutMachine: StateMachine {
    func branches(from world: World, into found: inout Branches<RolloutMachine>) {
        for index in world.releases.indices {
            read(index, world, &found)
            write(index, world, &found)
            release(index, world, &found)
        }
        guard world.step < rollout.steps.count else {
            let isKept = world.hasOld && world.old == world.truth || world.hasNew && world.new == world.truth
            if !isKept { found.fault(.lostWrite, .end) }
            return
        }
        advance(rollout.steps[world.step], world, &found)
    }

    private func read(_ index: Int, _ world: World, _ found: inout Branches<RolloutMachine>) {
        let release = world.releases[index]
        let other: Rollout.Column = release.reads == .old ? .new : .old
        let column =
            !world.has(release.reads) && release.tolerates.contains(release.reads) ? other : release.reads
        guard world.has(column) else { return found.fault(.missing, .read(index)) }
        if world.value(column) != world.truth { found.fault(.staleRead, .read(index)) }
    }

    private func write(_ index: Int, _ world: World, _ found: inout Branches<RolloutMachine>) {
        let release = world.releases[index]
        guard !release.writes.isEmpty else { return }
        let value = 1 - world.truth
        // What double-writes before there is anything to write to bears that.
        let written = release.writes.filter { world.has($0) || !release.tolerates.contains($0) }
        guard !written.isEmpty, written.allSatisfy(world.has) else {
            return found.fault(.missing, .write(index, value))
        }
        var next = world
        next.truth = value
        if written.contains(.old) || world.isTriggered { next.old = value }
        if written.contains(.new) || world.isTriggered { next.new = value }
        found.add(.write(index, value), next)
    }

    private func release(_ index: Int, _ world: World, _ found: inout Branches<RolloutMachine>) {
        let isGoingOut: Bool
        if world.step < rollout.steps.count, case .release = rollout.steps[world.step] {
            isGoingOut = true
        } else {
            isGoingOut = false
        }
        let out = rollout.steps.prefix(world.step + 1).compactMap(\.release)
        let all = [rollout.first] + out
        let last = all[all.count - 1]
        let isAnyTime = rollout.goingBack == .always
        guard isGoingOut || isAnyTime else { return }
        var next = world
        if world.releases[index] != last {
            next.releases[index] = last
        } else if all.count > 1, isAnyTime || rollout.goingBack == .whileGoingOut {
            next.releases[index] = all[all.count - 2]
        } else {
            return
        }
        found.add(.release(index, next.releases[index]), next)
    }

    private func advance(_ step: Rollout.Step, _ world: World, _ found: inout Branches<RolloutMachine>) {
        guard canRun(step, in: world) else { return found.fault(.failingStep, .step) }
        var next = world
        next.step += 1
        switch step {
        case .release(let release):
            if world.releases.allSatisfy({ $0 == release }) { found.add(.attest, next) }
            return
        case .expand: next.hasNew = true
        case .backfill: next.new = world.old
        case .backfillWhereNull: next.new = world.new ?? world.old
        case .trigger(let isOn): next.isTriggered = isOn
        case .verify: guard world.old == world.new else { return }
        case .contract:
            next.hasOld = false
            next.old = nil
        }
        found.add(.step, next)
    }

    /// Whether every column is there that the step is about.
    private func canRun(_ step: Rollout.Step, in world: World) -> Bool {
        switch step {
        case .release: true
        case .expand: !world.hasNew
        case .backfill, .backfillWhereNull, .verify, .trigger(true): world.hasOld && world.hasNew
        case .trigger(false): world.isTriggered
        case .contract: world.hasOld && !world.isTriggered
        }
    }
}

extension RolloutMachine.World {
    fileprivate func has(_ column: Rollout.Column) -> Bool { column == .old ? hasOld : hasNew }

    fileprivate func value(_ column: Rollout.Column) -> Int? { column == .old ? old : new }
}

// MARK: - Words

extension RolloutMachine {
    func sentence(_ move: Move, in world: World) -> String {
        func name(_ index: Int) -> String {
            "instance \(index + 1) (of the release '\(world.releases[index].name)')"
        }
        switch move {
        case .read(let index):
            return "\(name(index)) reads: what was last written is \(world.truth), and \(state(world))"
        case .write(let index, let value):
            let release = world.releases[index]
            let isMissing = release.writes.contains { !world.has($0) && !release.tolerates.contains($0) }
            return "\(name(index)) writes \(value)" + (isMissing ? ": \(state(world))" : "")
        case .release(let index, let release):
            return "instance \(index + 1) becomes one of the release '\(release.name)'"
        case .attest: return "\(words(rollout.steps[world.step])) is out everywhere"
        case .step:
            let step = rollout.steps[world.step]
            return words(step) + (canRun(step, in: world) ? "" : ": it fails, for \(state(world))")
        case .end: return "at the end what was last written is \(world.truth), and \(state(world))"
        }
    }

    private var old: String { rollout.oldName.map { "'\($0)'" } ?? "the old column" }
    private var new: String { rollout.newName.map { "'\($0)'" } ?? "the new column" }

    private func state(_ world: World) -> String {
        func word(_ value: Int?, _ isThere: Bool) -> String {
            isThere ? "holds \(value.map(String.init) ?? "NULL")" : "is not there"
        }
        let other = rollout.newName.map { "'\($0)'" } ?? "the new one"
        return "\(old) \(word(world.old, world.hasOld)), \(other) \(word(world.new, world.hasNew))"
    }

    /// The step in words.
    private func words(_ step: Rollout.Step) -> String {
        switch step {
        case .release(let release): "the release '\(release.name)'"
        case .expand: "\(new) appears"
        case .backfill:
            "the backfill makes \(new) \(rollout.oldName.map { "what '\($0)' is" } ?? "the old one's value")"
        case .backfillWhereNull: "the backfill fills \(new) where it is NULL"
        case .trigger(true): "a trigger begins to keep the two in step"
        case .trigger(false): "the trigger goes"
        case .verify: "the count finds no row in which the two differ"
        case .contract: "\(old) goes"
        }
    }
}

extension Rollout.Step {
    fileprivate var release: Rollout.Release? {
        if case .release(let release) = self { release } else { nil }
    }
}
