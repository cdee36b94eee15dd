/// Where in a request of one form a parameter of its statement is found.
enum Place: Sendable, Hashable {
    /// A column of a row to insert, or (in row 0) a column that an update sets.
    case column(String, row: Int)

    /// The value of this number in the condition.
    case condition(Int)
}

/// The values of a request, each replaced by the number of its place: what a statement composed of those binds says which
/// values it will bind.
struct NumberedRequest {
    private(set) var operation: Request.Operation
    private(set) var places: [Place] = []

    init(_ request: Request) {
        operation = request.operation
        switch request.operation {
        case .insert(var insertion):
            insertion.rows = insertion.rows.enumerated().map { row, values in number(values, row: row) }
            operation = .insert(insertion)
        case .update(let set, let condition, let returning):
            let numbers = number(set, row: 0)
            operation = .update(set: numbers, condition: number(condition), returning: returning)
        case .delete(let condition, let returning):
            operation = .delete(condition: number(condition), returning: returning)
        case .select(var selection):
            selection.condition = number(selection.condition)
            operation = .select(selection)
        case .count(let condition): operation = .count(condition: number(condition))
        case .write(var form):
            form.parameters = []
            operation = .write(form)
        case .read(var form):
            form.parameters = []
            operation = .read(form)
        }
    }

    /// The place that a bound number stands for.
    func place(of number: SQLValue) -> Place? {
        (number.integer.map { Int($0) } ?? number.text.flatMap { Int($0) }).map { places[$0] }
    }

    private mutating func add(_ place: Place) -> Int {
        places.append(place)
        return places.count - 1
    }

    private mutating func number(_ values: [String: SQLValue], row: Int) -> [String: SQLValue] {
        var numbers = values
        for name in values.keys { numbers[name] = .integer(Int64(add(.column(name, row: row)))) }
        return numbers
    }

    private mutating func number(_ condition: Condition?) -> Condition? {
        guard let condition else { return nil }
        var count = 0
        return number(condition, &count)
    }

    private mutating func next(_ count: inout Int) -> Int {
        defer { count += 1 }
        return add(.condition(count))
    }

    private mutating func number(_ condition: Condition, _ count: inout Int) -> Condition {
        switch condition {
        case .compare(let column, let comparison, let value):
            guard !comparison.isPresence(of: value) else { return condition }
            return .compare(column, comparison, .integer(Int64(next(&count))))
        case .isOne(let column, let values):
            return .isOne(column, of: values.map { $0.isNull ? $0 : .integer(Int64(next(&count))) })
        case .like(let column, _): return .like(column, String(next(&count)))
        case .all(let conditions): return .all(conditions.map { number($0, &count) })
        case .any(let conditions): return .any(conditions.map { number($0, &count) })
        case .not(let condition): return .not(number(condition, &count))
        }
    }
}

extension Condition {
    /// Adds the values that become parameters, in the order in which they are numbered.
    func addValues(to values: inout [SQLValue]) {
        switch self {
        case .compare(_, let comparison, let value):
            if !comparison.isPresence(of: value) { values.append(value) }
        case .isOne(_, let list): values += list.lazy.filter { !$0.isNull }
        case .like(_, let pattern): values.append(.text(pattern))
        case .all(let conditions), .any(let conditions):
            for condition in conditions { condition.addValues(to: &values) }
        case .not(let condition): condition.addValues(to: &values)
        }
    }
}
