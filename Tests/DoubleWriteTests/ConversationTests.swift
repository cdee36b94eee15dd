import Testing

@testable import DoubleWrite

/// What a conversation says to every short sequence of outcomes, sensible or not.
@Suite struct ConversationTests {
    static let requests: [Request] = [
        .update(animals, set: ["species": "dog"], where: animals["id"] == 1),
        .upsert(into: animals, rows: [["species": "dog"]], conflict: ["species"], update: ["species"]),
        .select(from: animals),
        .read(from: animals, preferred: "a {fence}", fallback: "b {fence}"),
    ]

    /// Every combination of what a look-up can show, of which many make no sense.
    static func lookUps(_ dialect: Dialect) -> [Conversation.Outcome] {
        var answers: [Conversation.Outcome] = [
            .failed(.missingObject), .failed(.conflict), .answered(ResultSet()),
        ]
        let stages: [SQLValue] = [nil, "both", "new", "from the future"]
        for (old, new) in [(true, false), (true, true), (false, true), (false, false)] {
            for stage in stages {
                for number in stage.isNull ? [Int64(1), 2] : [2] {
                    let row: [SQLValue] = [
                        .boolean(stage != nil), dialect == .sqlite ? .integer(number) : nil,
                        .boolean(old), .boolean(new), dialect == .postgres ? .integer(number) : nil,
                        stage, stage.isNull ? nil : .integer(number), stage.isNull ? nil : 1, nil, nil,
                    ]
                    answers.append(.answered(ResultSet(columns: row.map { _ in "c" }, rows: [row])))
                }
            }
        }
        return answers
    }

    static let statements: [Conversation.Outcome] =
        [
            .answered(ResultSet(affectedRows: 0)),
            .answered(ResultSet(affectedRows: 1)),
            .answered(ResultSet(columns: ["a", "g"], rows: [[1, true]], affectedRows: 1)),
            .answered(ResultSet(columns: ["a", "g"], rows: [[1, false]], affectedRows: 1)),
            .answered(ResultSet(columns: ["a", "g"], rows: [[1, nil]], affectedRows: 1)),
        ] + Conversation.Failure.allCases.map { .failed($0) }

    @Test(arguments: Dialect.allCases, [nil, 1])
    func everyShortSequenceEndsInTheTruth(_ dialect: Dialect, _ transaction: Int?) {
        var count = 0
        for request in Self.requests {
            var conversation = Conversation(
                request, dialect: dialect, memory: Memory(), transaction: transaction)
            let action = conversation.start()
            follow(
                action, conversation, request, dialect, isInTransaction: transaction != nil, depth: 3,
                last: nil,
                &count)
        }
        #expect(count > 1000)
    }

    private func follow(
        _ action: Conversation.Action, _ conversation: Conversation, _ request: Request, _ dialect: Dialect,
        isInTransaction: Bool, depth: Int, last: Conversation.Outcome?, _ count: inout Int
    ) {
        let outcomes: [Conversation.Outcome]
        switch action {
        case .finish(let answer):
            count += 1
            // In a transaction whose shape is frozen, the last column is the request's own.
            return judge(answer, request, last, isGuarded: dialect == .sqlite || !isInTransaction)
        case .fail, .rethrow:
            count += 1
            return
        case .send: outcomes = Self.statements
        case .lookUp: outcomes = Self.lookUps(dialect)
        }
        guard depth > 0 else { return bringToAnEnd(action, conversation, dialect) }
        for outcome in outcomes {
            var next = conversation
            let action = next.receive(outcome)
            var last = last
            if outcomes == Self.statements { last = outcome }
            follow(
                action, next, request, dialect, isInTransaction: isInTransaction, depth: depth - 1,
                last: last,
                &count)
        }
    }

    /// What is reported is what the last statement was answered with.
    private func judge(
        _ answer: ResultSet, _ request: Request, _ last: Conversation.Outcome?, isGuarded: Bool
    ) {
        guard case .answered(let sent)? = last else {
            Issue.record("reported without a statement that was answered: \(answer)")
            return
        }
        if answer.affectedRows != sent.affectedRows { Issue.record("reported \(answer), answered \(sent)") }
        if request.isRead, sent.rows.first?.last?.boolean == false, answer.rows != [], request.isBuilt,
            isGuarded
        {
            Issue.record("reported rows that were refused")
        }
    }

    /// However the database goes on changing, there is an end.
    private func bringToAnEnd(_ action: Conversation.Action, _ conversation: Conversation, _ dialect: Dialect)
    {
        var (action, conversation) = (action, conversation)
        let lookUps = Self.lookUps(dialect).dropFirst(3).map(\.self)
        for step in 0..<60 {
            switch action {
            case .finish, .fail, .rethrow: return
            case .send: action = conversation.receive(.answered(ResultSet(affectedRows: 0)))
            case .lookUp: action = conversation.receive(lookUps[(step * 7) % lookUps.count])
            }
        }
        Issue.record("no end")
    }

    @Test func aConversationThatCannotSettleSaysSo() {
        var conversation = Conversation(
            Self.requests[0], dialect: .postgres, memory: Memory(), transaction: nil)
        var action = conversation.start()
        var epoch: Int64 = 0
        while true {
            switch action {
            case .send: action = conversation.receive(.answered(ResultSet(affectedRows: 0)))
            case .lookUp:
                epoch += 1
                let row: [SQLValue] = [true, nil, true, true, 2, "both", .integer(epoch), 1, nil, nil]
                action = conversation.receive(
                    .answered(ResultSet(columns: row.map { _ in "c" }, rows: [row])))
            case .finish, .fail, .rethrow:
                #expect(action == .fail(.unsettled(attempts: Conversation.limit)))
                return
            }
        }
    }
}

extension Request {
    fileprivate var isBuilt: Bool {
        switch operation {
        case .read, .write: false
        case .insert, .update, .delete, .select, .count: true
        }
    }
}
