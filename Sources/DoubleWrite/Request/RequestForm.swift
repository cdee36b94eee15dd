/// What of a request decides over the text of its statement: everything but the values.
///
/// Requests of one form become the same text in one state of the database, with their values in the same places, so a
/// form that was composed once need not be composed again. Names are compared by their bytes, as databases do.
struct RequestForm: Sendable {
    let operation: Request.Operation

    init(_ operation: Request.Operation) { self.operation = operation }
}

extension RequestForm: Hashable {
    static func == (left: RequestForm, right: RequestForm) -> Bool {
        switch (left.operation, right.operation) {
        case (.insert(let left), .insert(let right)): isSame(left, right)
        case (.update(let left, let condition, let returning), .update(let right, let other, let returned)):
            isSame(left, right) && isSame(condition, other) && isSame(returning, returned)
        case (.delete(let condition, let returning), .delete(let other, let returned)):
            isSame(condition, other) && isSame(returning, returned)
        case (.select(let left), .select(let right)): isSame(left, right)
        case (.count(let condition), .count(let other)): isSame(condition, other)
        case (.write(let left), .write(let right)), (.read(let left), .read(let right)): isSame(left, right)
        case (.insert, _), (.update, _), (.delete, _), (.select, _), (.count, _), (.write, _), (.read, _):
            false
        }
    }

    /// By a part of it, so that it costs little: what is left out is compared.
    func hash(into hasher: inout Hasher) {
        switch operation {
        case .insert(let insertion):
            hasher.combine(0)
            hasher.combine(insertion.rows.count)
            hasher.combine(Self.mixed(insertion.rows.first ?? [:]))
        case .update(let set, let condition, _):
            hasher.combine(1)
            hasher.combine(Self.mixed(set))
            hasher.combine(Self.mixed(condition))
        case .delete(let condition, _):
            hasher.combine(2)
            hasher.combine(Self.mixed(condition))
        case .select(let selection):
            hasher.combine(3)
            hasher.combine(selection.columns.count)
            hasher.combine(Self.mixed(selection.condition))
        case .count(let condition):
            hasher.combine(4)
            hasher.combine(Self.mixed(condition))
        case .write(let form), .read(let form):
            hasher.combine(5)
            hasher.combine(form.preferred)
        }
    }

    /// The same whatever the order of the columns.
    private static func mixed(_ values: [String: SQLValue]) -> UInt64 {
        values.keys.reduce(0) { $0 &+ fnv1a($1) }
    }

    private static func mixed(_ condition: Condition?) -> UInt64 {
        switch condition {
        case nil: 0
        case .compare(let column, _, _): fnv1a(column.name)
        case .isOne(let column, let values): fnv1a(column.name) &+ UInt64(values.count)
        case .like(let column, _): fnv1a(column.name) &+ 1
        case .all(let conditions), .any(let conditions): conditions.reduce(2) { $0 &* 31 &+ mixed($1) }
        case .not(let condition): mixed(condition) &+ 3
        }
    }
}

extension RequestForm {
    private typealias Insertion = Request.Insertion

    private static func isSame(_ left: Insertion, _ right: Insertion) -> Bool {
        left.rows.count == right.rows.count && isSame(left.rows.first ?? [:], right.rows.first ?? [:])
            && isSame(left.returning, right.returning)
            && isSame(left.conflict?.columns, right.conflict?.columns)
            && isSame(left.conflict?.update, right.conflict?.update)
    }

    private static func isSame(_ left: Request.Selection, _ right: Request.Selection) -> Bool {
        left.limit == right.limit && left.offset == right.offset && isSame(left.columns, right.columns)
            && isSame(left.condition, right.condition) && left.ordering.count == right.ordering.count
            && zip(left.ordering, right.ordering).allSatisfy {
                $0.isDescending == $1.isDescending && isSame($0.column, $1.column)
            }
    }

    private static func isSame(_ left: Request.BareForm, _ right: Request.BareForm) -> Bool {
        isSame(left.preferred, right.preferred) && isSame(left.fallback, right.fallback)
            && isSame(left.contracted.map { [$0] }, right.contracted.map { [$0] })
    }

    private static func isSame(_ left: Condition?, _ right: Condition?) -> Bool {
        switch (left, right) {
        case (nil, nil): true
        case (.compare(let column, let comparison, let value), .compare(let other, let operation, let given)):
            comparison == operation && isSame(column.name, other.name)
                && comparison.isPresence(of: value) == operation.isPresence(of: given)
        case (.isOne(let column, let values), .isOne(let other, let given)):
            isSame(column.name, other.name) && values.count == given.count
                && zip(values, given).allSatisfy { $0.isNull == $1.isNull }
        case (.like(let column, _), .like(let other, _)): isSame(column.name, other.name)
        case (.all(let left), .all(let right)), (.any(let left), .any(let right)):
            left.count == right.count && zip(left, right).allSatisfy { isSame($0, $1) }
        case (.not(let left), .not(let right)): isSame(left, right)
        case (nil, _), (.compare, _), (.isOne, _), (.like, _), (.all, _), (.any, _), (.not, _): false
        }
    }

    /// Whether the same columns are given.
    private static func isSame(_ left: [String: SQLValue], _ right: [String: SQLValue]) -> Bool {
        left.count == right.count
            && left.keys.allSatisfy { name in
                right.index(forKey: name).map { isSame(right.keys[$0], name) } ?? false
            }
    }

    private static func isSame(_ left: [String]?, _ right: [String]?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.count == right.count && zip(left, right).allSatisfy { isSame($0, $1) }
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }
}

extension Condition.Comparison {
    /// Whether a comparison with this value asks whether there is one: then the value is no parameter.
    func isPresence(of value: SQLValue) -> Bool {
        switch self {
        case .equal, .notEqual: value.isNull
        case .less, .lessOrEqual, .greater, .greaterOrEqual: false
        }
    }
}
