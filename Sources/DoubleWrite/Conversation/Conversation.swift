/// The dialogue with a database that carries out one request: it says what to send next, and is told the outcome.
///
/// Nothing in it waits, locks or touches a socket, so any driver can carry it on in a dozen lines:
///
///     var conversation = Conversation(
///         request, dialect: .postgres, memory: memory,
///         transaction: connection.isInTransaction ? connection.transactionNumber : nil)
///     var action = conversation.start()
///     while true {
///         switch action {
///         case .send(let statement):
///             action = conversation.receive(await outcome { try await connection.query(statement) })
///         case .lookUp(let sql):
///             action = conversation.receive(await outcome { try await connection.query(sql) })
///         case .finish(let answer):
///             memory = conversation.memory
///             return answer
///         case .fail(let reason):
///             memory = conversation.memory
///             throw DoubleWriteError(reason, table: request.table)
///         case .rethrow:
///             memory = conversation.memory
///             throw lastError
///         }
///     }
///
/// One ``Memory`` belongs to one connection, which carries on one conversation at a time.
public struct Conversation: Sendable {
    /// What the connection knows after this conversation; give it to the connection's next one.
    public private(set) var memory: Memory

    private let request: Request
    private let dialect: Dialect
    private let transaction: Int?
    /// The number of the open transaction, in both databases.
    private let stillness: Int?
    private var touched: [Int] = []

    /// How often a statement may be found to be the wrong one before the helper gives up.
    public static let limit = 16

    private var rounds = 0
    private var hasReplanned = false
    private var phase = Phase.idle

    /// The write of two tables that this has become.
    private var moving: MoveWriting?

    private enum Phase {
        case idle
        case lookingUp(LookUp, Cause)
        case sending(Sent)
        /// Sending what has to be there before; so many of it are done.
        case preparing(Sent, Int)
        /// Asking for values that the write could not see yet.
        case completing(ReturnedValues)
    }

    /// How often rows of a lookup table have vanished before a write.
    private var lookupRounds = 0

    /// A conversation that has not begun.
    ///
    /// - Parameters:
    ///   - memory: What this connection has learnt so far.
    ///   - transaction: A number that differs between any two transactions of this connection; `nil` outside a transaction.
    ///     In PostgreSQL it advances on `ROLLBACK TO SAVEPOINT` as well, which gives locks back. In SQLite it advances with
    ///     whatever else but a conversation changes anything on this connection.
    public init(_ request: Request, dialect: Dialect, memory: Memory, transaction: Int?) {
        self.request = request
        self.dialect = dialect
        self.memory = memory
        stillness = transaction
        // A statement of SQLite's is exact in a transaction too, and an error does not end one.
        switch dialect {
        case .postgres: self.transaction = transaction
        case .sqlite: self.transaction = nil
        }
    }

    /// Begins.
    public mutating func start() -> Action {
        if let action = repeated() { return action }
        touched = request.touchedChanges
        do throws(RequestProblem) {
            if try request.isEmpty(for: dialect) { return .finish(ResultSet()) }
        } catch {
            return .fail(.badRequest(error.words(in: request.table)))
        }
        guard !touched.isEmpty else { return send(nil, guards: []) }
        guard let knowledge = memory.knowledge(of: request.table) else {
            return request.writesTwoTables && transaction == nil ? move(frozen: nil) : lookUp(.ignorance)
        }
        let isFenceEnough = isFenceEnough(knowledge) && !request.writesTwoTables
        if transaction != nil, !isFrozen, !isFenceEnough { return lookUp(.ignorance) }
        return build(knowledge, seenBefore: nil)
    }

    /// Goes on with the outcome of what the last action asked for.
    ///
    /// - Precondition: The last action was ``Action/send(_:)`` or ``Action/lookUp(_:)``.
    public mutating func receive(_ outcome: Outcome) -> Action {
        if moving != nil { return move(outcome) }
        let phase = self.phase
        self.phase = .idle
        switch (phase, outcome) {
        case (.idle, _): preconditionFailure("an outcome of nothing that was asked for")
        case (.lookingUp(let look, let cause), .answered(let answer)): return seen(answer, look, cause)
        case (.lookingUp(let look, let cause), .failed(let failure)): return blind(failure, look, cause)
        case (.sending(let sent), .answered(let answer)): return done(answer, sent)
        case (.preparing(let sent, let done), .answered): return send(sent, prepared: done + 1)
        case (.completing(let returned), .answered(let found)): return complete(returned, found)
        case (.completing(let returned), .failed(let failure)):
            // Outside a transaction the write is done, and nothing may say that it failed.
            return transaction == nil ? .finish(returned.known) : .rethrow(failure)
        case (.sending(let sent), .failed(let failure)), (.preparing(let sent, _), .failed(let failure)):
            return refused(failure, sent)
        }
    }
}

// Writing two tables.
extension Conversation {
    /// Becomes a write of two tables, in the caller's transaction where the state is known and cannot change there.
    private mutating func move(frozen knowledge: TableKnowledge?) -> Action {
        var moving = MoveWriting(
            request, dialect: dialect, memory: memory, isInside: transaction != nil)
        let action = moving.start(frozen: knowledge)
        self.moving = moving
        return action
    }

    private mutating func move(_ outcome: Outcome) -> Action {
        guard var moving else { preconditionFailure("nothing moves") }
        let action = moving.receive(outcome)
        self.moving = moving
        memory = moving.memory
        return action
    }
}

// Looking.
extension Conversation {
    private var isFrozen: Bool { memory.isFrozen(request.table, in: stillness) }

    /// Whether a statement's own fence makes it exact in a transaction: it is, while the new columns are missing.
    private func isFenceEnough(_ knowledge: TableKnowledge) -> Bool {
        touched.allSatisfy { knowledge.changes[$0].state == .missing }
    }

    private mutating func lookUp(_ cause: Cause) -> Action {
        rounds += 1
        guard rounds <= Self.limit else { return .fail(.unsettled(attempts: Self.limit)) }
        let look = LookUp(table: request.table, dialect: dialect, readsStages: memory.hasStageTable)
        phase = .lookingUp(look, cause)
        guard transaction != nil || takesLock(cause) else { return .lookUp(look.sql) }
        // The lock keeps the shape as it is until the transaction ends, so what is seen now stays true. Reading
        // takes the weaker one, which a role that may only read can take.
        let mode = request.isRead ? "ACCESS SHARE" : "ROW EXCLUSIVE"
        let tables = request.table.lockedTables.map { "ONLY \(dialect.quote($0))" }.joined(separator: ", ")
        return .lookUp("LOCK TABLE \(tables) IN \(mode) MODE; \(look.sql)")
    }

    /// Whether the second look waits for whoever changes the table, also outside a transaction: PostgreSQL shows what a
    /// transaction recorded a moment before other sessions hear that the columns are others, and lets go of the table's
    /// lock only afterwards.
    private func takesLock(_ cause: Cause) -> Bool {
        guard case .unclear = cause else { return false }
        return switch dialect {
        case .postgres: true
        case .sqlite: false
        }
    }

    private mutating func seen(_ answer: ResultSet, _ look: LookUp, _ cause: Cause) -> Action {
        guard let knowledge = look.knowledge(from: answer) else { return .fail(.unreadableLookUp) }
        if knowledge.hasStageTable, !look.readsStages {
            memory.hasStageTable = true
            return lookUp(cause)
        }
        memory.learn(knowledge, of: request.table, frozenIn: transaction)
        switch cause {
        case .nothingDone(let answer, let before) where before == knowledge: return .finish(answer)
        case .missingObject(let before) where before == knowledge: return .rethrow(.missingObject)
        case .valueRefused(let before) where before == knowledge:
            return .fail(.doesNotSurvive(checked(knowledge).map(\.id)))
        case .unclear(let before): return build(knowledge, seenBefore: before)
        case .ignorance, .nothingDone, .missingObject, .valueRefused: return build(knowledge, seenBefore: nil)
        }
    }

    private mutating func blind(_ failure: Failure, _ look: LookUp, _ cause: Cause) -> Action {
        memory.forget(request.table)
        guard failure == .missingObject, look.readsStages else { return .rethrow(failure) }
        // The table of recorded stages may be gone: ask without it.
        memory.hasStageTable = false
        return transaction == nil ? lookUp(cause) : .fail(.retryTransaction)
    }
}

// Sending.
extension Conversation {
    /// Sends the statement that follows from what is known, or looks again where nothing follows.
    private mutating func build(_ knowledge: TableKnowledge, seenBefore: TableKnowledge?) -> Action {
        if request.writesTwoTables, let state = knowledge.changes.first?.state, state != .new {
            return move(frozen: transaction == nil ? nil : knowledge)
        }
        let guards = guards(knowledge)
        let needsGuard = !isFrozen
        let isClear = touched.allSatisfy { knowledge.changes[$0].state != nil }
        guard isClear, !needsGuard || guards.allSatisfy({ $0 != nil }) else {
            guard knowledge == seenBefore else { return lookUp(.unclear(knowledge)) }
            memory.forget(request.table)
            let isStale = transaction != nil && touched.contains { knowledge.changes[$0].row != nil }
            return .fail(isStale ? .retryTransaction : .unclearState)
        }
        return send(knowledge, guards: needsGuard ? guards.compactMap { $0 } : [])
    }

    private func guards(_ knowledge: TableKnowledge) -> [Guard?] {
        touched.map { knowledge.guard(of: $0, id: request.table.followed[$0].id) }
    }

    /// Sends what was composed for a request of the same form before, where that is still right.
    private mutating func repeated() -> Action? {
        guard let (composition, isFrozen) = memory.composition(of: request, in: stillness),
            let statement = composition.statement(for: request.operation)
        else { return nil }
        touched = composition.touched
        let isExact = isFrozen || transaction == nil || touched.isEmpty || composition.isFenceEnough
        guard isExact else { return lookUp(.ignorance) }
        assert(
            composition.agrees(
                with: statement, request, dialect,
                guards: isFrozen ? [] : composition.knowledge.map(guards)?.compactMap { $0 } ?? []))
        return send(composition, statement)
    }

    private mutating func send(_ knowledge: TableKnowledge?, guards: [Guard]) -> Action {
        do throws(RequestProblem) {
            let isFenceEnough = knowledge.map { self.isFenceEnough($0) && !request.writesTwoTables } ?? false
            let composition = try Composition(
                request, dialect: dialect, knowledge: knowledge, touched: touched,
                isFenceEnough: isFenceEnough,
                guards: guards)
            memory.keep(composition, for: request, in: stillness)
            guard let statement = composition.statement(for: request.operation) else { throw .rowsDiffer }
            assert(composition.agrees(with: statement, request, dialect, guards: guards))
            return send(composition, statement)
        } catch {
            return .fail(.badRequest(error.words(in: request.table)))
        }
    }

    private mutating func send(_ composition: Composition, _ statement: Statement) -> Action {
        do throws(RequestProblem) {
            let lookups = try composition.lookups(for: request, dialect)
            return send(Sent(statement: statement, composition: composition, lookups: lookups), prepared: 0)
        } catch {
            return .fail(.badRequest(error.words(in: request.table)))
        }
    }

    private mutating func send(_ sent: Sent, prepared: Int) -> Action {
        guard prepared < sent.lookups.count else {
            phase = .sending(sent)
            return .send(sent.statement)
        }
        phase = .preparing(sent, prepared)
        return .send(sent.lookups[prepared])
    }

    /// The changes whose values a statement that follows from this knowledge checks.
    private func checked(_ knowledge: TableKnowledge) -> [DeclaredChange] {
        switch request.operation {
        case .select, .count, .read, .write, .delete: return []
        case .insert, .update: break
        }
        let shape = TableShape(table: request.table, dialect: dialect, knowledge: knowledge)
        // A column that moves is none of the table's own changes, and always the same value.
        let changes = touched.filter(shape.changes.indices.contains).map { shape.changes[$0] }
        return changes.filter(\.isRoundTripChecked).map(\.change)
    }

    private mutating func done(_ answer: ResultSet, _ sent: Sent) -> Action {
        let composition = sent.composition
        guard composition.isGuarded, let knowledge = composition.knowledge else {
            return finish(answer, sent)
        }
        let (result, isRight) = request.unguarded(answer)
        guard isRight else {
            let isRefused = request.isRead && !result.rows.isEmpty
            var returned = composition.returned
            let nothing = returned.take(result) ?? result
            return lookUp(isRefused ? .ignorance : .nothingDone(nothing, knowledge))
        }
        // Its guard covered every change, and it holds the table's lock now (PostgreSQL), or the file as it saw it (SQLite):
        // a transaction there sees no other one's changes from its first statement on.
        if let stillness, touched.count == request.table.followed.count {
            memory.freeze(request.table, in: stillness)
        }
        return finish(result, sent)
    }

    private mutating func finish(_ answer: ResultSet, _ sent: Sent) -> Action {
        var returned = sent.composition.returned
        if let answer = returned.take(answer) { return .finish(answer) }
        return ask(for: returned)
    }

    private mutating func complete(_ returned: ReturnedValues, _ found: ResultSet) -> Action {
        var returned = returned
        if let answer = returned.complete(found) { return .finish(answer) }
        return ask(for: returned)
    }

    private mutating func ask(for returned: ReturnedValues) -> Action {
        phase = .completing(returned)
        return .send(Statement(sql: returned.query, parameters: []))
    }

    private mutating func refused(_ failure: Failure, _ sent: Sent) -> Action {
        if failure == .stalePlan { return replan(sent) }
        guard let knowledge = sent.composition.knowledge else {
            return .rethrow(failure == .valueRefused ? .other : failure)
        }
        switch failure {
        case .missingObject:
            if transaction == nil { return lookUp(.missingObject(knowledge)) }
            return isFrozen ? .rethrow(failure) : retryTransaction()
        case .duplicateKey:
            guard isArbiterWrittenTwice(knowledge) else { return .rethrow(failure) }
            guard transaction == nil else { return retryTransaction() }
            rounds += 1
            return rounds <= Self.limit ? resend(sent) : .rethrow(failure)
        case .valueRefused:
            let checked = checked(knowledge)
            guard !checked.isEmpty else { return .rethrow(.other) }
            if !sent.lookups.isEmpty, let action = prepareAgain(sent, checked) { return action }
            // The guard held, or no row would have been computed; but a look at what holds now costs little here.
            return transaction == nil
                ? lookUp(.valueRefused(knowledge)) : .fail(.doesNotSurvive(checked.map(\.id)))
        case .brokenReference where !sent.lookups.isEmpty:
            guard transaction == nil else {
                let followed = touched.map { request.table.followed[$0] }
                return .fail(.brokenReference(followed.filter { $0.lookup != nil }.map(\.id)))
            }
            lookupRounds += 1
            return lookupRounds < Self.limit ? resend(sent) : .rethrow(failure)
        case .brokenReference, .conflict, .other, .stalePlan:
            return .rethrow(failure)
        }
    }

    /// Sends once more what was prepared for another schema. Its guard says whether it is still right.
    private mutating func replan(_ sent: Sent) -> Action {
        guard !hasReplanned else { return .rethrow(.stalePlan) }
        guard transaction == nil else { return retryTransaction() }
        hasReplanned = true
        return resend(sent)
    }

    private mutating func resend(_ sent: Sent) -> Action { send(sent, prepared: 0) }

    /// Goes on where a row of a lookup table may have been deleted before the write, or gives up.
    private mutating func prepareAgain(_ sent: Sent, _ checked: [DeclaredChange]) -> Action? {
        let isLookup = checked.allSatisfy { $0.lookup != nil }
        // The error has ended the transaction.
        if transaction != nil { return isLookup ? retryTransaction() : nil }
        lookupRounds += 1
        if lookupRounds < Self.limit { return resend(sent) }
        return isLookup ? .fail(.valueVanished(checked.map(\.id))) : nil
    }

    private mutating func retryTransaction() -> Action {
        memory.forget(request.table)
        return .fail(.retryTransaction)
    }

    /// Whether an upsert's conflict is decided on one of two columns that are both unique: under contention, the
    /// other one's index may meet the conflict first, and a repetition finds the row.
    private func isArbiterWrittenTwice(_ knowledge: TableKnowledge) -> Bool {
        guard case .insert(let insertion) = request.operation, let conflict = insertion.conflict else {
            return false
        }
        return touched.contains { position in
            request.table.followed[position].spokenColumns.contains { conflict.columns.contains($0.name) }
                && knowledge.changes[position].state?.isWrittenTwice == true
        }
    }
}
