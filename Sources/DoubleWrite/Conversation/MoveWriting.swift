/// A write of a table into which a column moves, while both tables may be written: one transaction of several statements.
///
/// Everybody locks in one order: both tables, so that their shape and with it the state stays as it was seen; then the
/// rows of the source, then those of the target. So each statement sees rows that nobody else can change, and what is
/// written of one row to the two tables cannot come apart.
struct MoveWriting: Sendable {
    let request: Request
    let dialect: Dialect
    /// Whether the caller's own transaction is written in; else this begins one and ends it.
    let isInside: Bool
    private(set) var memory: Memory

    typealias Action = Conversation.Action
    typealias Statement = Conversation.Statement

    /// What a statement's answer is for.
    enum Task: Sendable {
        /// Nothing comes of it.
        case run(Statement)
        /// It gives the rows that are meant, each by its key: what is to be done with them follows.
        case find(Statement)
        /// It says how many of the rows to insert have their row in the source.
        case countSources(Statement)
        /// It writes a value into so many rows of the source.
        case writeSources(Statement, rows: Int)
        /// It inserts rows and gives their keys.
        case insert(Statement)
        /// It gives rows of the answer, each with its key in front.
        case read(Statement)
        /// It is the whole write, since the target alone is written by now.
        case plain(Statement)
    }

    private enum Phase: Sendable {
        case idle
        case beginning
        case locking
        case looking(LookUp)
        case working(Task)
        case committing
        /// Taking everything back; then this.
        case undoing(Ending)
        case releasing(Ending)
    }

    /// How it goes on when everything is taken back.
    private enum Ending: Sendable {
        case again
        case end(Action)
    }

    private var phase = Phase.idle
    private var rounds = 0
    private var isUnclear = false
    private var tasks: [Task] = []
    private var answer = ResultSet()
    private var keys: [[SQLValue]] = []
    private var found: [ExactKey: [SQLValue]] = [:]
    /// Whether a value is to be written to a row that is not there.
    private var hasNoSource = false

    init(_ request: Request, dialect: Dialect, memory: Memory, isInside: Bool) {
        self.request = request
        self.dialect = dialect
        self.memory = memory
        self.isInside = isInside
    }

    private static let savepoint = "bellows_move"
}

// MARK: - Events

extension MoveWriting {
    /// Begins, in a state that the caller's transaction cannot lose, or else with a transaction of its own.
    mutating func start(frozen knowledge: TableKnowledge?) -> Action {
        if isInside, let knowledge { return work(knowledge) }
        rounds += 1
        tasks = []
        answer = ResultSet()
        found = [:]
        keys = []
        hasNoSource = false
        switch dialect {
        case .postgres: return look("BEGIN; \(lock); ")
        case .sqlite:
            phase = .beginning
            return send("SAVEPOINT \(Self.savepoint)")
        }
    }

    mutating func receive(_ outcome: Conversation.Outcome) -> Action {
        let phase = self.phase
        self.phase = .idle
        switch (phase, outcome) {
        case (.idle, _): preconditionFailure("an outcome of nothing that was asked for")
        case (.beginning, .answered):
            self.phase = .locking
            // Whoever writes first in a transaction has the lock on the file, or knows that its snapshot is old.
            let table = dialect.quote(request.table.name)
            return send("DELETE FROM \(table) WHERE false")
        case (.locking, .answered): return look("")
        case (.looking(let look), .answered(let answer)): return seen(answer, look)
        case (.working(let task), .answered(let answer)): return done(task, answer)
        case (.committing, .answered): return .finish(answer)
        case (.beginning, .failed(let failure)): return .rethrow(failure)
        case (.looking(let look), .failed(.missingObject)) where look.readsStages && !isInside:
            // The table of recorded stages may be gone: ask without it.
            memory.hasStageTable = false
            return undo(rounds < Conversation.limit ? .again : .end(.rethrow(.missingObject)))
        case (.locking, .failed(let failure)), (.looking, .failed(let failure)),
            (.working, .failed(let failure)),
            (.committing, .failed(let failure)):
            return refused(failure)
        case (.undoing(let ending), _):
            guard dialect == .sqlite else { return end(ending) }
            self.phase = .releasing(ending)
            return send("RELEASE \(Self.savepoint)")
        case (.releasing(let ending), _): return end(ending)
        }
    }

    /// Looks at the state, which the locks keep as it is from here.
    private mutating func look(_ before: String) -> Action {
        let look = LookUp(table: request.table, dialect: dialect, readsStages: memory.hasStageTable)
        phase = .looking(look)
        return .lookUp(before + look.sql)
    }

    private var lock: String {
        let tables = request.table.lockedTables.map { "ONLY \(dialect.quote($0))" }.joined(separator: ", ")
        return "LOCK TABLE \(tables) IN ROW EXCLUSIVE MODE"
    }

    private mutating func seen(_ answer: ResultSet, _ look: LookUp) -> Action {
        guard let knowledge = look.knowledge(from: answer) else {
            return undo(.end(.fail(.unreadableLookUp)))
        }
        if knowledge.hasStageTable, !look.readsStages {
            memory.hasStageTable = true
            return self.look("")
        }
        memory.learn(knowledge, of: request.table, frozenIn: nil)
        guard knowledge.changes.first?.state != nil else {
            // A second look, in another snapshot, may explain it.
            memory.forget(request.table)
            defer { isUnclear = true }
            return undo(isUnclear ? .end(.fail(.unclearState)) : .again)
        }
        return work(knowledge)
    }

    private mutating func work(_ knowledge: TableKnowledge) -> Action {
        let shape = TableShape(table: request.table, dialect: dialect, knowledge: knowledge)
        do throws(RequestProblem) {
            tasks = try MoveStatements(shape: shape, request: request).tasks()
            return next()
        } catch {
            return undo(.end(.fail(.badRequest(error.words(in: request.table)))))
        }
    }

    private mutating func next() -> Action {
        guard !tasks.isEmpty else {
            guard !hasNoSource else {
                return undo(.end(.fail(.badRequest(RequestProblem.noSourceRow.words(in: request.table)))))
            }
            finishAnswer()
            guard !isInside else { return .finish(answer) }
            phase = .committing
            switch dialect {
            case .postgres: return .lookUp("COMMIT")
            case .sqlite: return send("RELEASE \(Self.savepoint)")
            }
        }
        let task = tasks.removeFirst()
        phase = .working(task)
        switch task {
        case .run(let statement), .find(let statement), .countSources(let statement), .insert(let statement),
            .writeSources(let statement, _), .read(let statement), .plain(let statement):
            return .send(statement)
        }
    }

    private mutating func done(_ task: Task, _ result: ResultSet) -> Action {
        switch task {
        case .run: break
        case .plain: answer = result
        case .countSources(let statement):
            let rows = statement.parameters.count / max(1, request.table.moved?.join.count ?? 1)
            if result.rows.count < rows { hasNoSource = true }
        case .writeSources(_, let rows): if result.affectedRows < rows { hasNoSource = true }
        case .find, .insert:
            answer.affectedRows = result.rows.count
            keys = result.rows
            let knowledge = memory.knowledge(of: request.table)
            let shape = TableShape(table: request.table, dialect: dialect, knowledge: knowledge)
            do throws(RequestProblem) {
                tasks += try MoveStatements(shape: shape, request: request).tasks(for: result.rows)
            } catch {
                return undo(.end(.fail(.badRequest(error.words(in: request.table)))))
            }
        case .read:
            let width = request.table.moved?.join.count ?? 0
            answer.columns = Array(result.columns.dropFirst(width))
            for row in result.rows { found[ExactKey(row.prefix(width))] = Array(row.dropFirst(width)) }
        }
        return next()
    }

    /// Puts the rows that were read into the order in which their keys came.
    private mutating func finishAnswer() {
        guard !found.isEmpty else { return }
        answer.rows = keys.compactMap { found[ExactKey($0[...])] }
    }
}

// MARK: - Failures

extension MoveWriting {
    private mutating func refused(_ failure: Conversation.Failure) -> Action {
        memory.forget(request.table)
        let mayRepeat = failure == .conflict && dialect == .postgres || failure == .stalePlan
        if isInside { return failure == .stalePlan ? .fail(.retryTransaction) : .rethrow(failure) }
        return undo(mayRepeat && rounds < Conversation.limit ? .again : .end(.rethrow(failure)))
    }

    /// Takes everything back, where the transaction is one of its own, and goes on.
    private mutating func undo(_ ending: Ending) -> Action {
        guard !isInside else {
            if case .end(let action) = ending { return action }
            return .fail(.retryTransaction)
        }
        phase = .undoing(ending)
        switch dialect {
        case .postgres: return .lookUp("ROLLBACK")
        case .sqlite: return send("ROLLBACK TO \(Self.savepoint)")
        }
    }

    private mutating func end(_ ending: Ending) -> Action {
        switch ending {
        case .again: return start(frozen: nil)
        case .end(let action): return action
        }
    }

    private func send(_ sql: String) -> Action { .send(Statement(sql: sql, parameters: [])) }
}

/// A row's key as the database gave it; texts differ by their bytes.
struct ExactKey: Hashable {
    private let values: [SQLValue]
    private let texts: [ExactText?]

    init(_ values: ArraySlice<SQLValue>) {
        self.values = Array(values)
        texts = values.map { $0.text.map { ExactText($0) } }
    }

    static func == (left: ExactKey, right: ExactKey) -> Bool {
        left.texts == right.texts && left.values == right.values
    }

    func hash(into hasher: inout Hasher) {
        for (value, text) in zip(values, texts) {
            if let text { hasher.combine(text) } else { hasher.combine(value) }
        }
    }
}
