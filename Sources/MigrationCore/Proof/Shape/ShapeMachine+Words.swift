import DoubleWrite

/// What happens, in words.
extension ShapeMachine {
    func sentence(_ move: Move, in world: ShapeWorld) -> String {
        switch move {
        case .step(let place, let happening): sentence(happening, at: place, in: world)
        case .turn: "the migration is rolled back"
        case .release(let index, let conduct): "\(name(index)) becomes \(release(conduct))"
        case .begin(let index, let acting):
            "\(name(index)) begins a transaction, in which it \(manner(acting))"
        case .abandon(let index): "\(name(index)) ends its transaction without a write"
        case .read(let index, let acting, let inTransaction):
            reading(index, acting, inTransaction: inTransaction, in: world)
        case .write(let index, let acting, let value, let inserts, let inTransaction):
            "\(name(index))\(inTransaction ? ", in its transaction," : "") "
                + "\(inserts ? "inserts a row with" : "writes") \(word(value)) (it \(manner(acting)))"
        case .follow(let value):
            "the database follows a row that is referred to: \(olds) becomes \(word(value))"
        case .note(let value, true): "somebody inserts \(word(value)) into \(lookup)"
        case .note(let value, false): "somebody deletes \(word(value)) from \(lookup)"
        case .lateBatch: "a runner that was replaced ends a batch"
        case .look: "what was last written is \(truth(world)): \(state(world))"
        }
    }

    private func sentence(_ happening: Happening, at place: UInt16, in world: ShapeWorld) -> String {
        let step =
            place < Self.turned
            ? program.steps[Int(place)].step : program.wayBack[Int(place - Self.turned)].step.step
        let name = "[\(step.id)] \(step.title)"
        switch happening {
        case .done: return name
        case .batch: return "\(name): a batch fills the row"
        case .countsZero: return "\(name): it finds none"
        case .discards: return "\(name): what is lost is accepted"
        case .fails: return "\(name): it fails, for \(state(world))"
        case .finds: return "\(name): it finds a row that cannot be there: \(state(world))"
        case .opens: return "\(name): attested"
        }
    }

    private func reading(
        _ index: Int, _ acting: Instance.Acting, inTransaction: Bool, in world: ShapeWorld
    ) -> String {
        "\(name(index))\(inTransaction ? ", in its transaction," : "") reads (it \(manner(acting))): "
            + "what was last written is \(truth(world)), and \(state(world))"
    }

    private func name(_ index: Int) -> String {
        "instance \(index + 1) (\(crew[index] == .helper ? "with the helper" : "with code of its own"))"
    }

    private func release(_ conduct: Instance.Conduct) -> String {
        switch conduct {
        case .before: "the release before the change"
        case .helper: "the release with the helper"
        case .both:
            isSynchronized ? "the release that takes either shape" : "the release that writes both shapes"
        case .bothReadNew: "the release that writes both shapes and reads \(news)"
        case .new: "the release that knows only \(news)"
        }
    }

    private func manner(_ acting: Instance.Acting) -> String {
        switch acting {
        case .unaware: "knows only \(olds)"
        case .old: "writes and reads \(olds), for \(news) is not there yet"
        case .both: "writes both and reads \(olds)"
        case .bothReadNew: "writes both and reads \(news)"
        case .new, .done: "writes and reads \(news)"
        case .either: "takes either shape"
        }
    }

    private var olds: String { list(facts.olds, facts.keepsName ? "the old " : "") }
    private var news: String { list(facts.news, facts.keepsName ? "the new " : "") }

    private func list(_ members: [ShapeFacts.Member], _ prefix: String) -> String {
        prefix + members.map { "'\($0.name)'" }.joined(separator: ", ")
    }

    private func state(_ world: ShapeWorld) -> String {
        let old = world.old.isThere ? "\(olds) holds \(word(world.old.value))" : "\(olds) is not there"
        let new = world.new.isThere ? "\(news) holds \(word(world.new.value))" : "\(news) is not there"
        guard hasLookup, world.lookup.contains(.isThere) else { return "\(old), \(new)" }
        let values = [ShapeValue.first, .second].filter { world.lookup.isSuperset(of: .row($0)) }.map(word)
        return "\(old), \(new), \(lookup) has \(values.isEmpty ? "nothing" : values.joined(separator: ", "))"
    }

    private var lookup: String { "'\(facts.lookup?.description ?? "")'" }

    private func truth(_ world: ShapeWorld) -> String {
        word(world.truth.value) + (world.truth.isOld ? " (of the old shape)" : "")
    }

    private func word(_ value: ShapeValue) -> String {
        switch value {
        case .first: "A"
        case .second: "B"
        case .misfit: "C (which comes back from the other shape as A)"
        default: "NULL"
        }
    }
}
