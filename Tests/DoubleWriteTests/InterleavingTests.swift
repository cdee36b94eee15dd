import Testing

@testable import DoubleWrite

/// Every conversation against every way in which the engine can come between its messages.
@Suite struct InterleavingTests {
    /// What is being explored: a conversation, the database it talks to, and how often the engine may still move.
    struct Course {
        var conversation: Conversation
        var database: ModelDatabase
        var budget: Int
        var effects: [(columns: Set<String>, database: ModelDatabase)] = []
        var messages = 0
        var trace: [String] = []
    }

    let hasRow: Bool
    let isRead: Bool

    init() {
        hasRow = true
        isRead = false
    }

    init(hasRow: Bool, isRead: Bool) {
        self.hasRow = hasRow
        self.isRead = isRead
    }

    /// All states that the engine can bring about in some moves.
    static func states(_ change: ModelChange, _ dialect: Dialect) -> [ModelDatabase] {
        var found: [ModelDatabase] = [ModelDatabase(change: change, dialect: dialect)]
        var fresh = found
        for _ in 0..<8 {
            fresh = fresh.flatMap { state in
                state.moves.map { move in
                    var next = state
                    next.make(move)
                    return next
                }
            }
            fresh = fresh.filter { state in !found.contains { $0.isLike(state) } }
            found += fresh
        }
        // Before its stage is recorded, a change that keeps a name is refused.
        return found.filter { !change.keepsAName || $0.stage != nil }
    }

    @Test(
        .serialized, arguments: ModelChange.allCases.flatMap { [($0, false), ($0, true)] }, Dialect.allCases)
    func noWriteIsLostNorReadStale(_ work: (change: ModelChange, isRead: Bool), _ dialect: Dialect) {
        let (change, isRead) = work
        var courses = 0
        for hasRow in [true, false] {
            let explorer = InterleavingTests(hasRow: hasRow, isRead: isRead)
            for state in Self.states(change, dialect) {
                for memory in [Memory(), explorer.learnt(state)] {
                    let conversation = Conversation(
                        isRead ? change.select : change.update, dialect: dialect, memory: memory,
                        transaction: nil
                    )
                    let course = Course(conversation: conversation, database: state, budget: 2)
                    courses += explorer.begin(course)
                }
            }
        }
        #expect(courses > 1_000)
    }

    /// What a connection knows that has talked to the database in this state.
    func learnt(_ state: ModelDatabase) -> Memory {
        var course = Course(
            conversation: Conversation(
                state.change.select, dialect: state.dialect, memory: Memory(), transaction: nil),
            database: state, budget: 0)
        var action = course.conversation.start()
        while true {
            switch action {
            case .lookUp(let sql):
                let answer = state.lookUp(sql, snapshot: state, markers: state)
                action = course.conversation.receive(answer.map { .answered($0) } ?? .failed(.missingObject))
            case .send, .finish, .fail, .rethrow: return course.conversation.memory
            }
        }
    }

    private func begin(_ course: Course) -> Int {
        var count = 0
        for var course in moved(course) {
            let action = course.conversation.start()
            count += follow(action, course)
        }
        return count
    }

    /// The course, and what it becomes when the engine makes some moves now.
    private func moved(_ course: Course) -> [Course] {
        var all = [course]
        guard course.budget > 0 else { return all }
        for move in course.database.moves {
            var next = course
            next.database.make(move)
            next.budget -= 1
            next.trace.append("\(move)")
            all += moved(next)
        }
        return all
    }

    private func follow(_ action: Conversation.Action, _ course: Course) -> Int {
        var course = course
        course.messages += 1
        guard course.messages < 40 else {
            Issue.record("no end: \(course.trace)")
            return 1
        }
        switch action {
        case .lookUp(let sql): return lookUp(sql, course)
        case .send(let statement): return send(statement.sql, course)
        case .finish(let answer):
            judge(answer, course)
            return 1
        case .fail, .rethrow:
            Issue.record("\(action) after \(course.trace)")
            return 1
        }
    }

    /// In PostgreSQL the engine may come between what a look-up sees first and last; SQLite sees all at once.
    private func lookUp(_ sql: String, _ course: Course) -> Int {
        var count = 0
        for first in moved(course) {
            for second in first.database.dialect == .postgres ? moved(first) : [first] {
                for var third in second.database.dialect == .postgres ? moved(second) : [second] {
                    let answer = third.database.lookUp(
                        sql, snapshot: first.database, markers: second.database)
                    third.trace.append("look-up")
                    let action = third.conversation.receive(
                        answer.map { .answered($0) } ?? .failed(.missingObject))
                    count += follow(action, third)
                }
            }
        }
        return count
    }

    private func send(_ sql: String, _ course: Course) -> Int {
        var count = 0
        for var course in moved(course) {
            course.trace.append(sql)
            let outcome: Conversation.Outcome
            switch course.database.run(sql, snapshot: course.database) {
            case .failed: outcome = .failed(.missingObject)
            case .refused: outcome = .answered(answer(isRight: false))
            case .did(let columns):
                course.effects.append((columns, course.database))
                outcome = .answered(answer(isRight: true))
            }
            let action = course.conversation.receive(outcome)
            count += follow(action, course)
        }
        return count
    }

    private func answer(isRight: Bool) -> ResultSet {
        if isRead {
            let rows: [[SQLValue]] = hasRow ? [["dog", .boolean(isRight)]] : []
            return ResultSet(columns: ["species", "bellows_guard"], rows: rows, affectedRows: rows.count)
        }
        return ResultSet(affectedRows: hasRow && isRight ? 1 : 0)
    }

    private func judge(_ answer: ResultSet, _ course: Course) {
        let expected = hasRow ? 1 : 0
        if answer.affectedRows != expected {
            Issue.record("reported \(answer.affectedRows) rows, not \(expected), after \(course.trace)")
        }
        // A statement that found no row did no harm; one that found it must have been the last and the right one.
        guard hasRow else { return }
        if course.effects.count != 1 { Issue.record("did it \(course.effects.count) times: \(course.trace)") }
        for effect in course.effects {
            let right = isRead ? effect.database.read : effect.database.written
            if effect.columns != right { Issue.record("\(effect.columns), not \(right): \(course.trace)") }
        }
    }
}
