/// Compares what the instances were told with what the database holds. Pure: it reads no file and asks no database.
enum Judge {
    /// The verdict.
    ///
    /// - Parameters:
    ///   - journals: one for each instance.
    ///   - found: every animal that the database holds at the end.
    ///   - initial: what an animal was before any instance; `nil` where there was none.
    static func verdict(
        _ journals: [Journal], found: [Animal], initial: (Int64) -> Animal? = { _ in nil }
    ) -> Verdict {
        let histories = Histories(journals)
        let database = Dictionary(found.map { ($0.id, $0.cells) }, uniquingKeysWith: { first, _ in first })
        var verdict = Verdict(
            writes: histories.acknowledgedWrites, reads: histories.reads,
            uncertain: histories.uncertainWrites, refused: histories.refusedWrites)
        verdict.violations = histories.errors.map(Violation.error)
        if database.count < found.count {
            verdict.violations.append(.error("the database holds two animals with one number"))
        }
        var numbers = Set(histories.animals.keys).union(database.keys)
        if histories.seeded > 0 { numbers.formUnion(1...histories.seeded) }
        for id in numbers.sorted() {
            let start = id >= 1 && id <= histories.seeded ? initial(id) : nil
            verdict.add(
                judged(
                    id, histories.animals[id] ?? History(), initial: start?.cells ?? Animal.gone,
                    final: database[id] ?? Animal.gone))
        }
        return verdict
    }

    /// What is wrong with one animal.
    private static func judged(
        _ id: Int64, _ history: History, initial: [Animal.Column: Cell], final: [Animal.Column: Cell]
    ) -> (lost: [Violation], stale: [Int: Violation]) {
        var lost: [Violation] = []
        var stale: [Int: Violation] = [:]
        for column in Animal.Column.allCases {
            let register = history.register(column, initial: initial[column] ?? .gone)
            var sights = history.reads.enumerated().compactMap { number, read in
                read.cells[column].map {
                    Register.Sight(cell: $0, start: read.start, end: read.end, number: number)
                }
            }
            // The end is a read like the others, after everything.
            sights.append(
                Register.Sight(cell: final[column] ?? .gone, start: .end, end: .end, number: sights.count + 1)
            )
            for (sight, fault) in register.faults(sights) {
                let violation = Violation.wrong(
                    WrongValue(
                        animal: id, column: column, found: sight.cell,
                        during: sight.start == .end ? nil : (sight.start, sight.end), fault: fault,
                        expected: expected(register, sight, fault)))
                if sight.start == .end {
                    lost.append(violation)
                } else if stale[sight.number] == nil {
                    stale[sight.number] = violation
                }
            }
        }
        return (lost, stale)
    }

    /// The newest value that had to be there.
    private static func expected(
        _ register: Register, _ sight: Register.Sight, _ fault: Register.Fault
    ) -> Register.Value {
        switch fault {
        case .stale(let number): register.values[number]
        case .invented, .refused: register.values[register.newestAcknowledged(before: sight.end)]
        }
    }
}
