extension [Plan.PhaseSteps] {
    /// The same, where steps of several operations that would be called alike say what theirs is about: a title is what
    /// people go by while a plan runs, there and back.
    ///
    /// - Parameter subjects: What each operation is about, by its number in the file: `animals.owner`.
    func telling(_ subjects: [Int: String]) -> [Plan.PhaseSteps] {
        var owners: [String: Set<Int>] = [:]
        for step in flatMap(\.steps).flatMap({ [$0] + $0.undo }) where !step.isGate {
            if let operation = step.operation { owners[step.title, default: []].insert(operation) }
        }
        return map { phase in
            var phase = phase
            for index in phase.steps.indices { phase.steps[index].tell(subjects, owners) }
            return phase
        }
    }
}

extension Step {
    /// The number of its operation, which its id begins with.
    fileprivate var operation: Int? {
        id.split(separator: ".").first { $0 != "undo" }.flatMap { Int($0) }
    }

    fileprivate mutating func tell(_ subjects: [Int: String], _ owners: [String: Set<Int>]) {
        if !isGate, owners[title]?.count ?? 0 > 1, let subject = operation.flatMap({ subjects[$0] }) {
            title += " (\(subject))"
        }
        for index in undo.indices { undo[index].tell(subjects, owners) }
    }
}
