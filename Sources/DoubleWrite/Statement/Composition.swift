/// What a form of requests becomes in one state of the database: the text, and which values it binds in which order.
///
/// It follows from the declaration, from what is known and from the form alone, so it is right for as long as these are what
/// they were; ``Memory`` keeps it no longer.
final class Composition: Sendable {
    /// What it was composed for; `nil` where no change is touched.
    let knowledge: TableKnowledge?

    /// The positions of the changes that matter to it.
    let touched: [Int]

    /// Whether it is refused by the database once it has become the wrong one.
    var isGuarded: Bool { condition != nil }

    /// Whether that makes it exact in a transaction in which nothing is frozen.
    let isFenceEnough: Bool

    /// The requests that it was composed for; the values are numbers.
    let form: Request.Operation

    /// What it gives back by way of a lookup table.
    let returned: ReturnedValues

    private let template: Conversation.Statement
    private let places: [Place]
    private let condition: String?
    private let writesLookups: Bool

    /// Composes a request.
    ///
    /// - Parameter guards: The conditions under which the statement is right.
    init(
        _ request: Request, dialect: Dialect, knowledge: TableKnowledge?, touched: [Int], isFenceEnough: Bool,
        guards: [Guard]
    ) throws(RequestProblem) {
        condition = Self.condition(guards, dialect)
        self.knowledge = knowledge
        self.touched = touched
        self.isFenceEnough = isFenceEnough
        let shape = TableShape(table: request.table, dialect: dialect, knowledge: knowledge)
        let numbered = NumberedRequest(request)
        form = numbered.operation
        template = try StatementBuilder(shape: shape, guard: condition).statement(for: numbered.operation)
        places = template.parameters.compactMap(numbered.place)
        precondition(
            places.count == template.parameters.count, "a statement binds what the request does not give")
        returned = ReturnedValues(request.returned, shape: shape)
        writesLookups = shape.changes.contains { $0.change.lookup != nil && $0.state != .missing }
    }

    private static func condition(_ guards: [Guard], _ dialect: Dialect) -> String? {
        let conditions = Set(guards.map { $0.sql(dialect) }).sorted()
        return conditions.isEmpty ? nil : conditions.joined(separator: " AND ")
    }

    /// Whether composing the request itself, in the same state, gives this statement.
    func agrees(
        with statement: Conversation.Statement, _ request: Request, _ dialect: Dialect, guards: [Guard]
    ) -> Bool {
        let shape = TableShape(table: request.table, dialect: dialect, knowledge: knowledge)
        let builder = StatementBuilder(shape: shape, guard: Self.condition(guards, dialect))
        guard let fresh = try? builder.statement(for: request.operation) else { return false }
        return ExactText(fresh.sql) == ExactText(statement.sql) && request.touchedChanges == touched
            && fresh.parameters.elementsEqual(statement.parameters, by: Self.isSame)
    }

    /// By their bits and bytes: a number that is none differs from itself, and a text equals one that only looks the same.
    private static func isSame(_ left: SQLValue, _ right: SQLValue) -> Bool {
        switch (left, right) {
        case (.real(let left), .real(let right)): left.bitPattern == right.bitPattern
        case (.text(let left), .text(let right)): ExactText(left) == ExactText(right)
        case (.null, _), (.boolean, _), (.integer, _), (.real, _), (.text, _), (.blob, _): left == right
        }
    }

    /// How long the text is.
    var length: Int { template.sql.utf8.count }

    /// The statement with the values of a request of the same form; `nil` where a row gives other columns than the first.
    func statement(for operation: Request.Operation) -> Conversation.Statement? {
        var statement = template
        switch operation {
        case .insert(let insertion):
            guard insertion.rows.allSatisfy({ $0.count == insertion.rows[0].count }) else { return nil }
            guard let values = values(rows: insertion.rows, condition: nil) else { return nil }
            statement.parameters = values
        case .update(let set, let condition, _):
            guard let values = values(rows: [set], condition: condition) else { return nil }
            statement.parameters = values
        case .delete(let condition, _), .count(let condition):
            statement.parameters = values(rows: [], condition: condition) ?? []
        case .select(let selection):
            statement.parameters = values(rows: [], condition: selection.condition) ?? []
        case .write(let form), .read(let form): statement.parameters = form.parameters
        }
        return statement
    }

    private func values(rows: [[String: SQLValue]], condition: Condition?) -> [SQLValue]? {
        var compared: [SQLValue] = []
        condition?.addValues(to: &compared)
        var values: [SQLValue] = []
        values.reserveCapacity(places.count)
        for place in places {
            switch place {
            case .column(let name, let row):
                guard let value = rows[row][name] else { return nil }
                values.append(value)
            case .condition(let number): values.append(compared[number])
            }
        }
        return values
    }

    /// What has to run before it, so that every value that it writes has its row in the lookup table.
    func lookups(for request: Request, _ dialect: Dialect) throws(RequestProblem) -> [Conversation.Statement]
    {
        guard writesLookups else { return [] }
        let shape = TableShape(table: request.table, dialect: dialect, knowledge: knowledge)
        return try StatementBuilder(shape: shape, guard: condition).lookups(for: request.operation)
    }
}
