/// What all instances together did to one animal and saw of it.
struct History: Sendable {
    struct Step: Sendable {
        var write: Write
        var outcome: Register.Outcome
    }

    /// The writes in their order.
    var steps: [Step] = []
    var reads: [Read] = []
    /// The instances that wrote it; more than one is a mistake of the application.
    var writers: Set<Int> = []

    /// One column of the animal, which was `initial` before the first write.
    func register(_ column: Animal.Column, initial: Cell) -> Register {
        var register = Register(initial: initial)
        for step in steps {
            guard let cell = step.write.cells[column] else { continue }
            register.append(
                Register.Value(cell: cell, begun: step.write.begun, outcome: step.outcome))
        }
        return register
    }
}

/// The journals of all instances, sorted by animal.
struct Histories: Sendable {
    private(set) var animals: [Int64: History] = [:]
    /// The animals 1...`seeded` were there before any instance.
    private(set) var seeded: Int64 = 0
    private(set) var acknowledgedWrites = 0
    private(set) var uncertainWrites = 0
    private(set) var refusedWrites = 0
    private(set) var reads = 0
    /// What should not stand in a journal.
    private(set) var errors: [String] = []

    /// Sorts the journals. An acknowledgement of a write that never began is an error, as is an animal with two
    /// writers, since then nothing could be said about it.
    init(_ journals: [Journal]) {
        for (number, journal) in journals.enumerated() {
            add(journal, number: number)
        }
        for (id, history) in animals where history.writers.count > 1 {
            errors.append("animal \(id) was written by more than one instance")
        }
        errors.sort()
    }

    private mutating func add(_ journal: Journal, number: Int) {
        let outcomes = outcomes(of: journal, number: number)
        for entry in journal.entries {
            switch entry {
            case .start(_, _, let count, _):
                seeded = max(seeded, count)
            case .begin(let write):
                let outcome = outcomes[write.serial] ?? .uncertain
                animals[write.animal, default: History()].steps.append(.init(write: write, outcome: outcome))
                animals[write.animal, default: History()].writers.insert(number)
                count(outcome)
            case .read(let read):
                animals[read.animal, default: History()].reads.append(read)
                reads += 1
            case .error(let moment, let text):
                errors.append("instance \(number) at \(moment): \(text)")
            case .acknowledged, .refused, .stop:
                break
            }
        }
    }

    private mutating func count(_ outcome: Register.Outcome) {
        switch outcome {
        case .acknowledged: acknowledgedWrites += 1
        case .refused: refusedWrites += 1
        case .uncertain: uncertainWrites += 1
        }
    }

    private mutating func outcomes(of journal: Journal, number: Int) -> [Int: Register.Outcome] {
        var begun: Set<Int> = []
        var outcomes: [Int: Register.Outcome] = [:]
        for entry in journal.entries {
            switch entry {
            case .begin(let write):
                if !begun.insert(write.serial).inserted {
                    errors.append("journal \(number): write \(write.serial) began twice")
                }
            case .acknowledged(let serial, let moment):
                record(.acknowledged(moment), serial)
            case .refused(let serial, _, _):
                record(.refused, serial)
            case .start, .read, .error, .stop:
                break
            }
        }
        return outcomes

        func record(_ outcome: Register.Outcome, _ serial: Int) {
            if !begun.contains(serial) {
                errors.append("journal \(number): write \(serial) ended before it began")
            }
            if outcomes.updateValue(outcome, forKey: serial) != nil {
                errors.append("journal \(number): write \(serial) ended twice")
            }
        }
    }
}
