import Testing

@testable import DoubleWrite

/// The helper's core against every sequence of outcomes: a write that happens, one that finds no row, a column or a table
/// that is missing, a lost connection, a serialisation failure, and whatever a look-up may show.
///
/// Up to a depth every sequence is gone through; from there on each is brought to its end by outcomes that never get
/// better. An outcome need not make sense: what is asked is that the caller is never misled.
@Suite struct OutcomeTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var request: Request
        /// How many outcomes are tried in every combination.
        var depth = 4

        var testDescription: String { name }
    }

    private static let breeds = TableDeclaration(
        "animals", columns: ["id": "bigint", "breed": "text"], key: ["id"],
        changes: [.extractTable(of: "breed", into: "breeds", value: "name")])
    private static let chips = TableDeclaration(
        "chips", columns: ["animal_id": "bigint", "code": "text"], key: ["animal_id"],
        moved: .init("code", from: "animals", column: "chip", join: ["id": "animal_id"]))

    static let cases: [Case] = [
        Case(name: "update", request: .update(animals, set: ["species": "dog"], where: animals["id"] == 1)),
        Case(name: "insert", request: .insert(into: animals, rows: [["id": 1, "species": "dog"]])),
        Case(
            name: "upsert",
            request: .upsert(
                into: animals, rows: [["species": "dog"]], conflict: ["species"], update: ["species"])),
        Case(name: "delete", request: .delete(from: animals, where: animals["species"] == "dog")),
        Case(name: "select", request: .select(from: animals)),
        Case(
            name: "statements of one's own",
            request: .write(to: animals, preferred: "a {fence}", fallback: "b {fence}")),
        Case(name: "split", request: .update(people, set: ["given": "a", "family": "b"], where: nil)),
        Case(name: "kept name", request: .update(ages, set: ["age": "7"], where: nil)),
        Case(name: "lookup table", request: .update(breeds, set: ["breed": "pug"], where: nil)),
        Case(
            name: "two tables", request: .update(chips, set: ["code": "x"], where: chips["animal_id"] == 1),
            depth: 6),
        Case(
            name: "insert into two tables",
            request: .insert(into: chips, rows: [["animal_id": 1, "code": "x"]]), depth: 6),
        Case(
            name: "delete from two tables", request: .delete(from: chips, where: chips["animal_id"] == 1),
            depth: 6),
    ]

    @Test(arguments: cases, Dialect.allCases)
    func noSequenceMisleadsTheCaller(example: Case, dialect: Dialect) {
        for transaction in [nil, 1] {
            var walk = OutcomeWalk(example.request, dialect, isInside: transaction != nil)
            let conversation = Conversation(
                example.request, dialect: dialect, memory: Memory(), transaction: transaction)
            walk.follow(conversation, depth: example.depth)
            #expect(walk.ends > 100, "\(walk.ends)")
            #expect(walk.objections == [])
        }
    }

    /// The ledger finds what it is there for.
    @Test func theLedgerObjects() {
        let statement = Conversation.Statement(sql: "UPDATE", parameters: [])
        let one = ResultSet(affectedRows: 1)
        var ledger = OutcomeLedger(.postgres, isInside: true)
        #expect(ledger.objection(to: .finish(one)) != nil)
        ledger.note(.answered(ResultSet(affectedRows: 0)), of: .send(statement))
        #expect(ledger.objection(to: .finish(ResultSet())) == nil)
        #expect(ledger.objection(to: .finish(one)) == "it reports a write that did not happen")
        ledger.note(.failed(.conflict), of: .send(statement))
        #expect(ledger.objection(to: .send(statement)) != nil && ledger.objection(to: .lookUp("x")) != nil)
        #expect(ledger.objection(to: .fail(.retryTransaction)) == nil)
        var own = OutcomeLedger(.postgres, isInside: false)
        own.note(.answered(ResultSet()), of: .lookUp("BEGIN; x"))
        own.note(.answered(one), of: .send(statement))
        #expect(own.objection(to: .finish(one)) == "it reports success and leaves its own transaction open")
        #expect(own.objection(to: .rethrow(.other)) == "it gives up and leaves its own transaction open")
        own.note(.failed(.conflict), of: .send(statement))
        #expect(own.objection(to: .send(statement)) != nil && own.objection(to: .lookUp("ROLLBACK")) == nil)
        own.note(.answered(ResultSet()), of: .lookUp("ROLLBACK"))
        #expect(own.objection(to: .finish(one)) != nil && own.objection(to: .rethrow(.conflict)) == nil)
    }
}

/// Every sequence of outcomes of one conversation.
private struct OutcomeWalk {
    let request: Request
    let dialect: Dialect
    let isInside: Bool
    let lookUps: [Conversation.Outcome]
    private(set) var ends = 0
    private(set) var objections: Set<String> = []

    private static let answers: [Conversation.Outcome] = [
        .answered(ResultSet(columns: ["a", "g"], rows: [[1, true]], affectedRows: 1)),
        .answered(ResultSet(affectedRows: 0)),
        .answered(ResultSet(columns: ["a", "g"], rows: [[1, false]], affectedRows: 0)),
    ]

    init(_ request: Request, _ dialect: Dialect, isInside: Bool) {
        self.request = request
        self.dialect = dialect
        self.isInside = isInside
        lookUps = Self.lookUps(request.table, dialect)
    }

    /// What a look-up may show: each stage, and answers that make no sense.
    private static func lookUps(_ table: TableDeclaration, _ dialect: Dialect) -> [Conversation.Outcome] {
        let states: [(old: Bool, new: Bool, stage: SQLValue)] = [
            (true, false, nil), (true, true, "both"), (true, true, "both-read-new"), (true, true, "new"),
            (false, true, "done"), (false, false, nil), (true, true, nil),
        ]
        let rows = states.enumerated().map { number, state -> Conversation.Outcome in
            var row: [SQLValue] = [
                .boolean(state.stage != nil), dialect == .sqlite ? .integer(Int64(number)) : nil,
            ]
            for change in table.followed {
                let count = change.old.count + change.new.count
                row +=
                    change.old.map { _ in .boolean(state.old) } + change.new.map { _ in .boolean(state.new) }
                row += [dialect == .postgres ? 2 : nil, state.stage]
                row += state.stage.isNull ? [nil, nil] : [.integer(Int64(number)), 1]
                row += (0..<(change.isIdentity ? count : 2 * count)).map { _ in nil }
            }
            return .answered(ResultSet(columns: row.map { _ in "c" }, rows: [row]))
        }
        return rows + [.answered(ResultSet())]
    }

    /// What may come of an action.
    private func outcomes(_ action: Conversation.Action, _ ledger: OutcomeLedger) -> [Conversation.Outcome] {
        switch action {
        case .finish, .fail, .rethrow: return []
        case .send, .lookUp: if ledger.isLost { return [.failed(.other)] }
        }
        if ledger.isSure(action) { return [.answered(ResultSet()), .failed(.other)] }
        let failures = Conversation.Failure.allCases.map(Conversation.Outcome.failed)
        switch action {
        case .send: return Self.answers + failures
        case .lookUp("COMMIT"): return [.answered(ResultSet()), .failed(.conflict), .failed(.other)]
        case .lookUp: return lookUps + [.failed(.missingObject), .failed(.conflict), .failed(.other)]
        case .finish, .fail, .rethrow: return []
        }
    }

    mutating func follow(_ conversation: Conversation, depth: Int) {
        var conversation = conversation
        let action = conversation.start()
        let ledger = OutcomeLedger(dialect, isInside: isInside, locksRows: request.writesTwoTables)
        follow(action, conversation, ledger, depth: depth)
    }

    private mutating func follow(
        _ action: Conversation.Action, _ conversation: Conversation, _ ledger: OutcomeLedger, depth: Int
    ) {
        if let objection = ledger.objection(to: action) { objections.insert(objection) }
        let outcomes = outcomes(action, ledger)
        guard !outcomes.isEmpty else {
            ends += 1
            return
        }
        guard depth > 0 else { return bringToAnEnd(action, conversation, ledger) }
        for outcome in outcomes {
            var (next, ledger) = (conversation, ledger)
            ledger.note(outcome, of: action)
            let action = next.receive(outcome)
            follow(action, next, ledger, depth: depth - 1)
        }
    }

    /// Goes on with the same kind of outcome for ever, or with two by turns.
    private mutating func bringToAnEnd(
        _ action: Conversation.Action, _ conversation: Conversation, _ ledger: OutcomeLedger
    ) {
        for choice in 0..<3 {
            var (action, conversation, ledger) = (action, conversation, ledger)
            var steps = 0
            while true {
                if let objection = ledger.objection(to: action) { objections.insert(objection) }
                let outcomes = outcomes(action, ledger)
                guard !outcomes.isEmpty else {
                    ends += 1
                    break
                }
                steps += 1
                guard steps < 400 else {
                    objections.insert("there is no end")
                    break
                }
                let outcome = outcomes[(choice + steps * choice) % outcomes.count]
                ledger.note(outcome, of: action)
                action = conversation.receive(outcome)
            }
        }
    }
}
