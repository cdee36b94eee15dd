import DoubleWrite

/// What the runner does: the step that it stands before, a batch at a time, whenever it comes to it; and at any moment the
/// way back.
///
/// A runner that dies and is begun again is one that rests: a step happens as a whole with its record, or is begun anew.
extension ShapeMachine {
    func advance(_ world: ShapeWorld, _ found: inout Found) {
        guard let (step, place) = line(at: world.place) else {
            // Finished: the new shape has every value.
            if !isRight(new: world.new.value, world) { found.fault(.lostWrite, .look) }
            return
        }
        guard hasSettled(world, for: step), !isKeptOut(step, in: world) else { return }
        var next = world
        next.place = place
        switch step.action {
        case .pass: arrive(next, from: world, .done, &found)
        case .gate(let release):
            let isMet = crew.indices.allSatisfy {
                world.crew[$0].conduct == conduct(for: release, crew[$0])
            }
            guard isMet else { return }
            makeOverdue(&next)
            arrive(next, from: world, .opens, &found)
        case .change(let effects): change(effects, awaited: step.awaited, next, from: world, &found)
        case .backfill(let backfill): fill(backfill, next, from: world, &found)
        case .verify(let conditions, let countsLosses):
            count(conditions, countsLosses: countsLosses, next, from: world, &found)
        }
    }

    /// Notes that a step is done. At the end of the way back the old shape has every value.
    private func arrive(
        _ next: ShapeWorld, from world: ShapeWorld, _ happening: Happening, _ found: inout Found
    ) {
        let move = Move.step(place: world.place, happening)
        found.add(move, next)
        if world.place >= Self.turned, next.place == 0, !isRight(old: next.old.value, next) {
            found.fault(.lostWrite, move)
        }
    }

    private func hasSettled(_ world: ShapeWorld, for step: Line) -> Bool {
        guard step.settles, premises.flipsSettle else { return true }
        return !crew.indices.contains { world.crew[$0].isOverdue }
    }

    /// A change of a table waits for everybody who has a lock on it. A transaction has one from its first statement on,
    /// and with the fence that looks at the present that is when it saw what it acts on.
    private func isKeptOut(_ step: Line, in world: ShapeWorld) -> Bool {
        guard !step.excludes.isEmpty else { return false }
        return crew.indices.contains { index in
            guard let acting = world.crew[index].transaction else { return false }
            let isBehind =
                !premises.fenceSeesEveryCommit && world.crew[index].conduct == .helper && acting == .old
            return !isBehind && !step.excludes.isDisjoint(with: tables(acting))
        }
    }

    private func tables(_ acting: Instance.Acting) -> ShapeSides {
        guard facts.source != facts.target else { return [.old, .new] }
        switch acting {
        case .unaware, .old: return .old
        case .both, .bothReadNew, .either: return [.old, .new]
        case .new, .done: return .new
        }
    }

    private func makeOverdue(_ world: inout ShapeWorld) {
        for index in crew.indices where world.crew[index].transaction != nil {
            world.crew[index].isOverdue = true
        }
    }
}

// MARK: - Changes

extension ShapeMachine {
    private func change(
        _ effects: [ShapeEffect], awaited: [ShapeCondition]?, _ next: ShapeWorld, from world: ShapeWorld,
        _ found: inout Found
    ) {
        let row = row(world)
        if awaited?.contains(where: { $0.isTrue(of: row) == true }) ?? false { return }
        var next = next
        for effect in effects {
            switch apply(effect, to: &next) {
            case .done: continue
            case .refusedByRow where awaited != nil: return
            case .refusedByRow, .fails: return found.fault(.failingStep, .step(place: world.place, .fails))
            }
        }
        let isGone =
            world.old.isThere && !next.old.isThere && !isRight(new: next.new.value, next)
            || world.new.isThere && !next.new.isThere && !isRight(old: next.old.value, next)
        if isGone { found.fault(.lostWrite, .step(place: world.place, .done)) }
        arrive(next, from: world, .done, &found)
    }

    private enum Outcome {
        case done, fails
        /// The row is not as the statement demands.
        case refusedByRow
    }

    private func apply(_ effect: ShapeEffect, to world: inout ShapeWorld) -> Outcome {
        switch effect {
        case .appear(let name, let value):
            guard !world.new.isThere, world.old.name != name else { return .fails }
            world.new = ShapeWorld.Slot(name: name, value: value)
        case .vanish(let name): return vanish(name, &world)
        case .rename(let name, let new):
            guard let isNew = side(named: name, in: world), side(named: new, in: world) == nil else {
                return .fails
            }
            if isNew { world.new.name = new } else { world.old.name = new }
        case .require(let columns, let bits, let isNeeded):
            return edit(columns, &world) { slot in
                if isNeeded { slot.required |= bits } else { slot.required &= ~bits }
                return isNeeded && slot.value.isNull ? .refusedByRow : .done
            }
        case .relax(let columns, let bits):
            return edit(columns, &world) { slot in
                guard slot.required & bits == bits else { return .fails }
                slot.required &= ~bits
                return .done
            }
        case .fall(let columns, let bits, let fallback):
            return edit(columns, &world) { slot in
                slot.constant = fallback == .constant ? slot.constant | bits : slot.constant & ~bits
                slot.varying = fallback == .varying ? slot.varying | bits : slot.varying & ~bits
                return .done
            }
        case .demand(let bit, let holds):
            if holds { world.demands |= bit } else { world.demands &= ~bit }
        case .take(let bit):
            guard world.demands & bit != 0 else { return .fails }
            world.demands &= ~bit
        case .misses: return .fails
        case .trigger(let triggers, let isThere):
            if isThere { world.triggers.formUnion(triggers) } else { world.triggers.subtract(triggers) }
        case .flip(let stage):
            world.stage = stage
            makeOverdue(&world)
        case .lookup(let isThere): return lookup(isThere, &world)
        case .fill(let backfill):
            guard world.new.isThere, world.old.isThere else { return .fails }
            if backfill.condition.isTrue(of: row(world)) == true { world = filled(backfill, world) }
        }
        return .done
    }

    private func vanish(_ name: ShapeName, _ world: inout ShapeWorld) -> Outcome {
        guard let isNew = side(named: name, in: world) else { return .fails }
        for (index, demand) in program.demands.enumerated() where demand.isOnNew == isNew {
            let bit = UInt16(1) << index
            if demand.holdsColumn, world.demands & bit != 0 { return .fails }
            world.demands &= ~bit
        }
        if isNew { world.new = ShapeWorld.Slot() } else { world.old = ShapeWorld.Slot() }
        return .done
    }

    private func lookup(_ isThere: Bool, _ world: inout ShapeWorld) -> Outcome {
        guard world.lookup.contains(.isThere) != isThere else { return .fails }
        // What a foreign key points at is not dropped.
        let isHeld = world.new.isThere && references.holds(world, onNew: true)
        guard isThere || !isHeld else { return .fails }
        world.lookup = isThere ? .isThere : []
        return .done
    }

    private func side(named name: ShapeName, in world: ShapeWorld) -> Bool? {
        world.new.name == name ? true : world.old.name == name ? false : nil
    }

    private func edit(
        _ columns: ShapeColumns, _ world: inout ShapeWorld, _ body: (inout ShapeWorld.Slot) -> Outcome
    ) -> Outcome {
        let isNew: Bool
        switch columns {
        case .side(let side): isNew = side
        case .named(let name):
            guard let side = side(named: name, in: world) else { return .fails }
            isNew = side
        }
        guard isNew ? world.new.isThere : world.old.isThere else { return .fails }
        return isNew ? body(&world.new) : body(&world.old)
    }
}

// MARK: - Batches and counts

extension ShapeMachine {
    /// A row is filled by one batch or another, or by none, until one count finds no row that needs it.
    private func fill(
        _ backfill: ShapeBackfill, _ next: ShapeWorld, from world: ShapeWorld, _ found: inout Found
    ) {
        guard world.new.isThere, world.old.isThere else {
            found.fault(.failingStep, .step(place: world.place, .fails))
            return
        }
        let need = backfill.condition.isTrue(of: row(world))
        if need != false {
            let filled = filled(backfill, world)
            // One that leaves the row as it was never ends.
            if need == true, backfill.condition.isTrue(of: row(filled)) == true {
                found.fault(.failingStep, .step(place: world.place, .fails))
            }
            if filled != world { found.add(.step(place: world.place, .batch), filled) }
        }
        if need != true || !premises.countsAreOneSnapshot { arrive(next, from: world, .countsZero, &found) }
    }

    private func filled(_ backfill: ShapeBackfill, _ world: ShapeWorld) -> ShapeWorld {
        var world = world
        if backfill.fillsNew {
            if backfill.notesValues { world.lookup.insert(.row(world.old.value)) }
            world.new.value = backfill.empties ? .null : converted(world.old.value, world)
        } else {
            world.old.value = backfill.empties ? .null : converted(world.new.value, world)
        }
        return world
    }

    private func count(
        _ conditions: [ShapeCondition], countsLosses: Bool, _ next: ShapeWorld, from world: ShapeWorld,
        _ found: inout Found
    ) {
        let isReadable = conditions.allSatisfy {
            (!$0.readsNew || world.new.isThere) && (!$0.readsOld || world.old.isThere)
        }
        guard isReadable else {
            found.fault(.failingStep, .step(place: world.place, .fails))
            return
        }
        let row = row(world)
        let finds = conditions.contains { $0.isTrue(of: row) == true }
        // Whoever goes on with --discard-data has seen what is lost.
        if countsLosses { return arrive(next, from: world, .discards, &found) }
        if !finds || !premises.countsAreOneSnapshot { arrive(next, from: world, .countsZero, &found) }
        // A value that cannot survive stops a migration, as it should.
        if finds, world.truth.value != .misfit {
            found.fault(.brokenInvariant, .step(place: world.place, .finds))
        }
    }
}

// MARK: - The way back

extension ShapeMachine {
    /// A rollback, at any moment before the first step that cannot be taken back.
    func turn(_ world: ShapeWorld, _ found: inout Found) {
        guard case .forth(let index) = place(world), index > 0, index <= reversible else { return }
        if index < forth.count, case .gate = forth[index].action, premises.gateIsClearedBeforeRollback {
            let isClear = crew.indices.allSatisfy {
                world.crew[$0].conduct == floor(before: index, crew[$0])
            }
            guard isClear else { return }
        }
        var entries = [self.entries[index]]
        // One that is no single transaction may have begun.
        if index < forth.count, forth[index].mayBeHalfDone { entries.append(self.entries[index + 1]) }
        for entry in entries {
            var next = world
            next.place = Int(entry) < back.count ? Self.turned + entry : 0
            makeOverdue(&next)
            found.add(.turn, next)
            if next.place == 0, !isRight(old: next.old.value, next) { found.fault(.lostWrite, .turn) }
        }
    }

    /// Where nothing stops a runner that was replaced, it may end a batch at any time.
    func writeLate(_ world: ShapeWorld, _ found: inout Found) {
        guard !premises.replacedRunnersAreStopped, case .forth(let index) = place(world),
            world.new.isThere, world.old.isThere
        else { return }
        for step in forth[..<index] {
            guard case .backfill(let backfill) = step.action,
                backfill.condition.isTrue(of: row(world)) != false
            else { continue }
            found.add(.lateBatch(index), filled(backfill, world))
        }
    }
}
