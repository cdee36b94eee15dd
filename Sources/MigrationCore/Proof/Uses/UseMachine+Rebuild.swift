/// A table that is rebuilt beside its writers (SQLite): its shadow, and whether that has what was written.
extension UseMachine {
    /// Four shadows at most, a byte each.
    struct Shadows: Hashable {
        private var bits: UInt32 = 0

        subscript(number: Int) -> Shadow {
            get { Shadow(rawValue: UInt8(truncatingIfNeeded: bits >> (8 * UInt32(number)))) }
            set {
                let shift = 8 * UInt32(number)
                bits = bits & ~(UInt32(0xFF) << shift) | UInt32(newValue.rawValue) << shift
            }
        }
    }

    /// After a write, by whomever.
    func written(_ shadows: Shadows) -> Shadows {
        var shadows = shadows
        for number in program.rebuilds.indices { shadows[number] = shadows[number].written }
        return shadows
    }

    /// - Returns: Whether the statement can be run.
    func apply(_ change: ShadowChange, to shadow: inout Shadow) -> Bool {
        switch change {
        case .made: shadow = [.isThere, .isBehind]
        case .dropped: shadow = shadow.intersection(.mirrors)
        case .mirrored(let events): shadow.formUnion(events)
        case .left(let events): shadow.subtract(events)
        case .swapped:
            guard shadow.contains(.isThere) else { return false }
            // The triggers are those of the table that was.
            shadow = []
        }
        return true
    }

    /// The rows are copied in batches, and nothing that was written meanwhile is missed by a shadow that is kept like its table.
    func copy(_ number: Int, _ next: World, from world: World, _ found: inout Branches<UseMachine>) {
        guard world.shadows[number].contains(.isThere) else { return fail(world, &found) }
        var next = next
        next.shadows[number].remove(.isBehind)
        found.add(.step(place: world.place, .done), next)
    }

    /// A comparison that finds a difference stops the plan, which has to be one that makes none.
    func compare(_ number: Int, _ next: World, from world: World, _ found: inout Branches<UseMachine>) {
        guard world.shadows[number].contains(.isThere) else { return fail(world, &found) }
        if world.shadows[number].contains(.isBehind) {
            return found.fault(.brokenInvariant, .step(place: world.place, .isBehind))
        }
        found.add(.step(place: world.place, .done), next)
    }

    func fail(_ world: World, _ found: inout Branches<UseMachine>) {
        found.fault(.failingStep, .step(place: world.place, .fails))
    }
}
