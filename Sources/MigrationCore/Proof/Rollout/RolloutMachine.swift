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
            if world.new != world.truth { found.fault(.lostWrite, .end) }
            return
        }
        advance(rollout.steps[world.step], world, &found)
    }

    private func read(_ index: Int, _ world: World, _ found: inout Branches<RolloutMachine>) {
        let readsOld = world.releases[index] == .old || world.releases[index] == .both
        guard readsOld ? world.hasOld : world.hasNew else { return found.fault(.missing, .read(index)) }
        if (readsOld ? world.old : world.new) != world.truth { found.fault(.staleRead, .read(index)) }
    }

    private func write(_ index: Int, _ world: World, _ found: inout Branches<RolloutMachine>) {
        let value = 1 - world.truth
        var next = world
        next.truth = value
        let release = world.releases[index]
        let writesOld = release != .new
        // What double-writes before there is anything to write to bears that.
        let writesNew = release != .old && (world.hasNew || release != .both)
        guard (!writesOld || world.hasOld) && (!writesNew || world.hasNew) else {
            return found.fault(.missing, .write(index, value))
        }
        if writesOld { next.old = value }
        if writesNew { next.new = value }
        if world.isTriggered, writesOld != writesNew {
            next.old = value
            next.new = value
        }
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
}

// MARK: - Words

extension RolloutMachine {
    func sentence(_ move: Move, in world: World) -> String {
        func name(_ index: Int) -> String {
            "instance \(index + 1) (of the release '\(world.releases[index].rawValue)')"
        }
        switch move {
        case .read(let index):
            return "\(name(index)) reads: what was last written is \(world.truth), and \(state(world))"
        case .write(let index, let value): return "\(name(index)) writes \(value)"
        case .release(let index, let release):
            return "instance \(index + 1) becomes one of the release '\(release.rawValue)'"
        case .attest: return "\(rollout.steps[world.step].words) is out everywhere"
        case .step: return rollout.steps[world.step].words
        case .end: return "at the end what was last written is \(world.truth), and \(state(world))"
        }
    }

    private func state(_ world: World) -> String {
        func word(_ value: Int?, _ isThere: Bool) -> String {
            isThere ? "holds \(value.map(String.init) ?? "NULL")" : "is not there"
        }
        return "the old column \(word(world.old, world.hasOld)), the new one \(word(world.new, world.hasNew))"
    }
}

extension Rollout.Step {
    fileprivate var release: Rollout.Release? {
        if case .release(let release) = self { release } else { nil }
    }

    /// The step in words.
    fileprivate var words: String {
        switch self {
        case .release(let release): "the release '\(release.rawValue)'"
        case .expand: "the new column appears"
        case .backfill: "the backfill makes the new column the old one's value"
        case .backfillWhereNull: "the backfill fills the new column where it is NULL"
        case .trigger(true): "a trigger begins to keep the two in step"
        case .trigger(false): "the trigger goes"
        case .verify: "the count finds no row in which the two differ"
        case .contract: "the old column goes"
        }
    }
}
