import DoubleWrite

/// What instances do: read and write, each as it knows how, at once or in a transaction that stays open; go on to a
/// release, and back.
extension ShapeMachine {
    typealias Found = Branches<ShapeMachine>

    /// How an instance writes a statement that it begins now; `nil` where the helper cannot tell, and raises.
    func acting(_ conduct: Instance.Conduct, in world: ShapeWorld) -> Instance.Acting? {
        switch conduct {
        case .before: return .unaware
        case .helper: return stageActing(world)
        case .both: return isSynchronized ? .either : world.new.isThere ? .both : .old
        case .bothReadNew: return .bothReadNew
        case .new: return isSynchronized || facts.keepsName && world.stage == .done ? .done : .new
        }
    }

    private func stageActing(_ world: ShapeWorld) -> Instance.Acting? {
        switch world.stage {
        case nil: facts.keepsName ? nil : .old
        case .old: .old
        case .both: world.new.isThere ? .both : .old
        case .bothReadNew: .bothReadNew
        case .new: .new
        case .done: .done
        }
    }

    /// Reads and writes of its own, each a statement by itself.
    func act(_ index: Int, in world: ShapeWorld, _ found: inout Found) {
        guard let acting = acting(world.crew[index].conduct, in: world) else {
            found.fault(.missing, .read(index, .old, inTransaction: false))
            return
        }
        statement(index, acting, in: world, inTransaction: false, &found)
    }

    /// One that is open may do what it was begun for, or end without it. One may begin at any time.
    func moveTransaction(_ index: Int, in world: ShapeWorld, _ found: inout Found) {
        guard hasOldSnapshots else { return }
        let instance = world.crew[index]
        if let acting = instance.transaction {
            statement(index, acting, in: world, inTransaction: true, &found)
            var ended = world
            ended.crew[index].transaction = nil
            ended.crew[index].isOverdue = false
            found.add(.abandon(index), ended)
        } else if let acting = acting(instance.conduct, in: world) {
            var begun = world
            begun.crew[index].transaction = acting
            found.add(.begin(index, acting), begun)
        }
    }

    private func statement(
        _ index: Int, _ acting: Instance.Acting, in world: ShapeWorld, inTransaction: Bool,
        _ found: inout Found
    ) {
        guard finds(acting, in: world) else {
            found.fault(.missing, .read(index, acting, inTransaction: inTransaction))
            return
        }
        if !readsRight(acting, in: world) {
            found.fault(.staleRead, .read(index, acting, inTransaction: inTransaction))
        }
        for value in values(acting, in: world) {
            for inserts in [false, true] {
                let move = Move.write(
                    index, acting, value, inserts: inserts, inTransaction: inTransaction)
                switch written(value, acting, inserts: inserts, in: world) {
                case .success(var world):
                    if inTransaction {
                        world.crew[index].transaction = nil
                        world.crew[index].isOverdue = false
                    }
                    found.add(move, world)
                case .failure(let fault): found.fault(fault.kind, move)
                }
            }
        }
    }
}

// MARK: - Reads

extension ShapeMachine {
    /// Whether every column is there that a statement names, and is of the shape that it takes it for.
    private func finds(_ acting: Instance.Acting, in world: ShapeWorld) -> Bool {
        let isOld = world.old.name == oldName
        if acting != .unaware, acting != .old, hasLookup, !world.lookup.contains(.isThere) { return false }
        switch acting {
        case .unaware, .old: return isOld
        case .both, .bothReadNew: return isOld && world.new.name == newName
        case .new: return world.new.name == newName
        case .done: return world.new.name == finalName
        case .either: return isOld || world.new.name == finalName
        }
    }

    private func readsRight(_ acting: Instance.Acting, in world: ShapeWorld) -> Bool {
        switch acting {
        case .unaware: return isRight(old: world.old.value, world)
        case .old, .both:
            // Without a lookup: it reads the value itself.
            return isRight(old: world.old.value, world)
                && (hasLookup || isRight(new: world.old.value.converted, world))
        case .bothReadNew:
            return isRight(new: world.new.value, world) && isRight(old: world.new.value.converted, world)
        case .new, .done: return isRight(new: world.new.value, world)
        case .either:
            return world.old.name == oldName
                ? isRight(old: world.old.value, world) : isRight(new: world.new.value, world)
        }
    }
}

// MARK: - Writes

extension ShapeMachine {
    /// Why a write does not happen that should.
    struct Refusal: Error {
        var kind: Fault.Kind
    }

    private static let survivors = [ShapeValue.first, .second]
    private static let everyValue = [ShapeValue.first, .second, .misfit]

    /// The values that a release may write; the ones that the helper refuses are no writes.
    private func values(_ acting: Instance.Acting, in world: ShapeWorld) -> [ShapeValue] {
        let (both, all) = (Self.survivors, Self.everyValue)
        guard !facts.isIdentity else { return both }
        switch acting {
        case .unaware: return facts.isLossyDown || !world.triggers.isEmpty ? both : all
        case .old, .both, .bothReadNew: return facts.isLossyDown ? all : both
        case .new, .done: return world.triggers.isEmpty || facts.isLossyDown ? all : both
        case .either: return both
        }
    }

    private func written(
        _ value: ShapeValue, _ acting: Instance.Acting, inserts: Bool, in world: ShapeWorld
    ) -> Result<ShapeWorld, Refusal> {
        var (old, new): (ShapeValue?, ShapeValue?)
        switch acting {
        case .unaware: old = value
        case .old: old = value.converted
        case .both: (old, new) = (value.converted, value.converted)
        case .bothReadNew: (old, new) = (value.converted, value)
        case .new, .done: new = value
        case .either: if world.old.name == oldName { old = value } else { new = value }
        }
        if isSynchronized { trigger(&old, &new, inserts, world) }
        var next = world
        if let fault = store(old, isNew: false, inserts, &next) ?? store(new, isNew: true, inserts, &next) {
            return .failure(Refusal(kind: fault))
        }
        // The value has its row in the lookup table before the reference points at it.
        if hasLookup, new != nil { next.lookup.insert(.row(value)) }
        let isOnlyOld = acting == .unaware && value == .misfit
        next.truth = ShapeWorld.Truth(value: value, isOld: isOnlyOld)
        return .success(next)
    }

    /// - Returns: Why the database refuses it.
    private func store(
        _ value: ShapeValue?, isNew: Bool, _ inserts: Bool, _ world: inout ShapeWorld
    ) -> Fault.Kind? {
        let slot = isNew ? world.new : world.old
        guard slot.isThere else { return nil }
        let stored = value ?? (inserts ? fallback(slot) : slot.value)
        let isLeftOut = value == nil && inserts
        let lacks = isLeftOut && slot.required & ~(slot.constant | slot.varying) != 0
        let isNeeded = slot.required != 0 || notNulls.holds(world, onNew: isNew)
        if lacks || isNeeded && stored.isNull { return .notNull }
        // It may speak of other columns as well, which the statement changes.
        if value == nil, checks.holds(world, onNew: isNew) { return .constraint }
        if isLeftOut, slot.constant != 0, uniques.holds(world, onNew: isNew) { return .constraint }
        if isNew { world.new.value = stored } else { world.old.value = stored }
        return nil
    }

    /// What a slot holds in a row that is inserted without it. One that is another each time is none that was written.
    private func fallback(_ slot: ShapeWorld.Slot) -> ShapeValue {
        slot.constant != 0 ? .first : slot.varying != 0 ? .second : .null
    }

    /// What triggers write along with the shape that the statement writes.
    private func trigger(
        _ old: inout ShapeValue?, _ new: inout ShapeValue?, _ inserts: Bool, _ world: ShapeWorld
    ) {
        if let value = old, new == nil, world.new.isThere,
            world.triggers.contains(inserts ? .insertOld : .updateOld)
        {
            new = value.converted
        } else if let value = new, old == nil, world.old.isThere,
            world.triggers.contains(inserts ? .insertNew : .updateNew)
        {
            old = value.converted
        }
    }

    /// The database follows a row that is referred to: it writes the columns that have the key, and no others.
    func followKey(_ world: ShapeWorld, _ found: inout Found) {
        guard facts.isIdentity else { return }
        let reachesOld = world.old.isThere && keys.holds(world, onNew: false)
        let reachesNew =
            world.new.isThere
            && (keys.holds(world, onNew: true) || reachesOld && world.triggers.contains(.updateOld))
        guard reachesOld || reachesNew else { return }
        for value in [ShapeValue.first, .second] {
            var next = world
            if reachesOld { next.old.value = value }
            if reachesNew { next.new.value = value }
            next.truth = ShapeWorld.Truth(value: value)
            found.add(.follow(value), next)
        }
    }
}

// MARK: - The lookup table

extension ShapeMachine {
    /// Others insert values there at any time, and delete those that nothing points at.
    func editLookup(_ world: ShapeWorld, _ found: inout Found) {
        guard hasLookup, world.lookup.contains(.isThere) else { return }
        for value in Self.survivors {
            var next = world
            if world.lookup.isSuperset(of: .row(value)) {
                let isHeld = world.new.isThere && world.new.value == value
                if isHeld, references.holds(world, onNew: true) { continue }
                next.lookup.remove(.row(value))
                found.add(.note(value, false), next)
            } else {
                next.lookup.insert(.row(value))
                found.add(.note(value, true), next)
            }
        }
    }
}

// MARK: - Releases

extension ShapeMachine {
    /// While a gate is open, instances go on to what it asks for, and back to the release before; when nothing is in
    /// flight, back to the release before the change.
    func release(_ index: Int, in world: ShapeWorld, _ found: inout Found) {
        let kind = crew[index]
        let now = world.crew[index].conduct
        var choices: [Instance.Conduct] = []
        switch place(world) {
        case .forth(let step):
            let floor = floor(before: step, kind)
            if step < forth.count, case .gate(let release) = forth[step].action {
                choices = [conduct(for: release, kind), floor]
            }
            if step == 0 { choices.append(.before) }
            if !premises.staysBehindAttested, let before = conduct(before: now, kind) {
                choices += [before, floor]
            }
        case .back(let place):
            guard case .gate(let release) = back[place].action else { return }
            choices = [conduct(for: release, kind)]
            if case .gate(let forth) = forth[program.wayBack[place].of].action {
                choices.append(conduct(for: forth, kind))
            }
        }
        for conduct in choices where conduct != now {
            var next = world
            next.crew[index].conduct = conduct
            found.add(.release(index, conduct), next)
        }
    }

    /// The release before one.
    private func conduct(before conduct: Instance.Conduct, _ kind: Kind) -> Instance.Conduct? {
        switch conduct {
        case .before: nil
        case .helper, .both: .before
        case .bothReadNew: .both
        case .new: isSynchronized ? .before : .bothReadNew
        }
    }
}
