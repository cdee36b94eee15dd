import Synchronization

/// The proofs that were made last: databases that have the same plan are looked at once (a fleet).
final class KnownProofs: Sendable {
    /// All that a proof depends on. How large the tables are is no part of it.
    struct Question: Hashable {
        var migration: Migration
        var plan: Plan
        /// The schema before the migration.
        var schema: Schema

        static func == (left: Question, right: Question) -> Bool {
            left.migration == right.migration && left.plan.withoutSizes == right.plan.withoutSizes
                && left.schema.withoutSizes == right.schema.withoutSizes
        }

        /// Schemas may be large, and two that differ seldom have the same migration.
        func hash(into hasher: inout Hasher) { hasher.combine(migration) }

        /// Whether another question that is equal is the same byte for byte. Swift's strings are equal when they look the
        /// same: `é` in one scalar and in two. A database tells them apart.
        fileprivate var isExact: Bool {
            plan.steps.allSatisfy { _, step in
                (step.sql(plan.dialect) + step.undoSQL(plan.dialect)).allSatisfy { text in
                    text.utf8.allSatisfy { $0 < 0x80 }
                }
            }
        }
    }

    private struct State {
        var proofs: [Question: PlanProof] = [:]
        /// The oldest first.
        var order: [Question] = []
    }

    /// Those of this process.
    static let shared = KnownProofs(limit: 64)

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: How many are kept.
    init(limit: Int) { self.limit = limit }

    /// The proof that is known, or the one that is made now.
    func proof(for question: Question, _ prove: (Question) -> PlanProof) -> PlanProof {
        guard question.isExact else { return prove(question) }
        if let known = state.withLock({ $0.proofs[question] }) { return known }
        let proof = prove(question)
        state.withLock { state in
            guard state.proofs.updateValue(proof, forKey: question) == nil else { return }
            state.order.append(question)
            if state.order.count > limit { state.proofs[state.order.removeFirst()] = nil }
        }
        return proof
    }
}

extension Plan {
    fileprivate var withoutSizes: Plan {
        var plan = self
        plan.sizes = nil
        return plan
    }
}

extension Schema {
    fileprivate var withoutSizes: Schema {
        var schema = self
        for index in schema.tables.indices {
            schema.tables[index].estimatedRows = nil
            schema.tables[index].bytes = nil
        }
        return schema
    }
}
