package import DoubleWrite

/// A request whose statement is built now and sent later, as by a process that was stopped in between.
package struct Paused {
    private let database: any ContractDatabase
    private var conversation: Conversation
    private var action: Conversation.Action

    /// How many statements and look-ups have been sent.
    package private(set) var messages = 0

    /// Begins, with what an earlier conversation has learnt, and stops before the first statement.
    package init(
        _ request: Request, _ database: any ContractDatabase, memory: Memory = Memory(),
        transaction: Int? = nil
    ) {
        self.database = database
        conversation = Conversation(
            request, dialect: database.dialect, memory: memory, transaction: transaction)
        action = conversation.start()
        while case .lookUp(let sql) = action { action = conversation.receive(database.lookUp(sql)) }
    }

    package var memory: Memory { conversation.memory }

    /// The statement that is held back.
    package var statement: Conversation.Statement? {
        if case .send(let statement) = action { statement } else { nil }
    }

    /// Sends the statement that is held back, and stops before the next one.
    package mutating func step() throws {
        guard case .send(let statement) = action else { return }
        messages += 1
        action = conversation.receive(database.send(statement))
    }

    /// Goes on to the end.
    package mutating func resume() throws -> ResultSet {
        while true {
            messages += 1
            switch action {
            case .send(let statement): action = conversation.receive(database.send(statement))
            case .lookUp(let sql): action = conversation.receive(database.lookUp(sql))
            case .finish(let answer): return answer
            case .fail(let reason): throw DoubleWriteError(reason, table: nil)
            case .rethrow(let failure): throw DoubleWriteError(.database(failure), table: nil)
            }
        }
    }
}
