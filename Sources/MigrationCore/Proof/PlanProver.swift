import DoubleWrite

/// Looks at a plan in every order in which its steps, the instances of the applications and their statements can follow
/// each other.
///
/// Operations that have to do with each other are looked at together, and each such part for itself: no step of the one
/// changes what the other one reads or writes.
struct PlanProver {
    let plan: Plan
    let migration: Migration
    /// The schema before the migration.
    let schema: Schema
    var premises = Premises()
    /// At how many states a part is given up.
    var limit = 1_000_000
    /// Whether the first fault is enough.
    var stopsAtFault = false

    init(_ plan: Plan, of migration: Migration, from schema: Schema, premises: Premises = Premises()) {
        self.plan = plan
        self.migration = migration
        self.schema = schema
        self.premises = premises
    }

    /// The proof of all parts.
    func prove() -> PlanProof {
        var proof = PlanProof(parts: [])
        var schema = schema
        var rest: [Int] = []
        for (index, operation) in migration.operations.enumerated() {
            let number = index + 1
            if let facts = ShapeFacts(operation, in: schema) {
                add(prove(facts, number), number, to: &proof)
            } else if case .sql(let statements) = operation, statements.isDeclared {
                proof.gaps.append("operation \(number) (sql) is taken at its word")
                rest.append(number)
            } else if case .sql = operation {
                proof.parts.append(.init(operations: [number], states: nil))
                proof.gaps.append("operation \(number) (sql) is declared and not proven")
            } else if plan.steps.contains(where: { $0.step.serves(number) && $0.step.flip?.generation != nil }
            ) {
                // A second shape that the facts know nothing of.
                proof.parts.append(.init(operations: [number], states: nil))
                proof.gaps.append("operation \(number) (\(operation.keyword)) is not proven")
            } else {
                rest.append(number)
            }
            schema.apply(operation)
        }
        for operations in connected(rest) {
            let result = prove(operations)
            proof.parts.append(
                .init(operations: operations.sorted(), states: result.states, faults: result.faults))
            proof.gaps += result.gaps
        }
        proof.parts.sort { ($0.operations.first ?? 0) < ($1.operations.first ?? 0) }
        return proof
    }

    /// Operations without a second shape, those together that are about the same table, unless each of them only brings
    /// or takes rules, and others.
    private func connected(_ numbers: [Int]) -> [Set<Int>] {
        var parts: [Part] = []
        for number in numbers {
            let program = UseProgram(plan, operations: [number], schema: schema, declared: declared([number]))
            var part = Part(
                numbers: [number], tables: tables(number), rules: Set(program.rules.map(\.key)),
                hasNames: !program.things.isEmpty || !program.riddles.isEmpty)
            for other in parts where part.touches(other) { part.add(other) }
            parts.removeAll { !$0.numbers.isDisjoint(with: part.numbers) }
            parts.append(part)
        }
        return parts.map(\.numbers)
    }

    /// Operations that are looked at together.
    private struct Part {
        var numbers: Set<Int>
        var tables: Set<TableName>
        /// The rules that they bring or take, by name.
        var rules: Set<String>
        /// Whether they bring or take names as well.
        var hasNames: Bool

        func touches(_ other: Part) -> Bool {
            guard !tables.isDisjoint(with: other.tables) else { return false }
            return hasNames || other.hasNames || !rules.isDisjoint(with: other.rules)
        }

        mutating func add(_ other: Part) {
            numbers.formUnion(other.numbers)
            tables.formUnion(other.tables)
            rules.formUnion(other.rules)
            hasNames = hasNames || other.hasNames
        }
    }

    private func tables(_ number: Int) -> Set<TableName> {
        let operation = migration.operations[number - 1]
        guard case .sql(let statements) = operation else {
            return operation.table.map { [plan.dialect.normalized($0)] } ?? []
        }
        return Set(statements.tables.map(plan.dialect.normalized))
    }

    /// The statements of one's own among some operations.
    private func declared(_ operations: Set<Int>) -> [Int: RawSQL] {
        operations.reduce(into: [:]) { declared, number in
            if case .sql(let statements) = migration.operations[number - 1] { declared[number] = statements }
        }
    }

    private func prove(_ operations: Set<Int>) -> (states: Int, faults: [Fault], gaps: [String]) {
        let program = UseProgram(
            plan, operations: operations, schema: schema, declared: declared(operations))
        let machine = UseMachine(program, dialect: plan.dialect, premises: premises)
        let exploration = Exploration(machine, limit: limit, stopsAtFault: stopsAtFault)
        let numbers = operations.sorted().map(String.init).joined(separator: ", ")
        var gaps = program.riddles.map { "operation \(numbers): '\($0)' was not understood" }
        if !exploration.isComplete { gaps.append("operation \(numbers) has more than \(limit) states") }
        return (exploration.count, exploration.faults, gaps)
    }

    private func add(
        _ result: (states: Int, faults: [Fault], gaps: [String]), _ number: Int, to proof: inout PlanProof
    ) {
        proof.parts.append(.init(operations: [number], states: result.states, faults: result.faults))
        proof.gaps += result.gaps
    }

    /// A change of shape, with two instances of an application with the helper, two of one with code of its own, and one
    /// of each.
    private func prove(_ facts: ShapeFacts, _ number: Int) -> (Int, [Fault], [String]) {
        let program = ShapeProgram(plan, operation: number, facts: facts)
        let crews: [[ShapeMachine.Kind]] =
            switch facts.sync {
            case .doubleWrite:
                [[.helper, .helper], [.own, .own], [.helper, .own]]
            case .trigger: [[.own, .own]]
            }
        var states = 0
        var faults: [Fault] = []
        var gaps = program.riddles.map { "operation \(number): '\($0)' was not understood" }
        for crew in crews where !(stopsAtFault && !faults.isEmpty) {
            let machine = ShapeMachine(program, crew: crew, premises: premises)
            let exploration = Exploration(machine, limit: limit, stopsAtFault: stopsAtFault)
            states += exploration.count
            for fault in exploration.faults where !faults.contains(where: { $0.kind == fault.kind }) {
                faults.append(fault)
            }
            if !exploration.isComplete { gaps.append("operation \(number) has more than \(limit) states") }
        }
        return (states, faults, gaps)
    }
}
