/// Which rows a statement means, in columns of the new shape.
///
///     animals["species"] == "dog" && !(animals["name"] == nil)
///
/// Comparisons mean what they mean in SQL, with one exception: a comparison with ``SQLValue/null`` by `==` or `!=`
/// becomes `IS NULL` or `IS NOT NULL`. A row whose column is NULL meets no other comparison, nor its negation.
public indirect enum Condition: Sendable, Hashable {
    /// An order between a column and a value.
    public enum Comparison: String, Sendable, Hashable {
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    /// A column compared with a value.
    case compare(ColumnReference, Comparison, SQLValue)

    /// A column that is one of several values; NULL among them means NULL.
    case isOne(ColumnReference, of: [SQLValue])

    /// A column that is like a pattern, as the database understands `LIKE`.
    case like(ColumnReference, String)

    /// All of several conditions; none at all is true.
    case all([Condition])

    /// Any of several conditions; none at all is false.
    case any([Condition])

    /// The negation of a condition.
    case not(Condition)
}

/// A column of the new shape, as a part of a ``Condition``.
public struct ColumnReference: Sendable, Hashable {
    /// The column's name.
    public let name: String

    /// The column of this name.
    public init(_ name: String) { self.name = name }

    /// Whether the column is NULL.
    public var isNull: Condition { .compare(self, .equal, .null) }

    /// Whether the column is one of these values; NULL among them means NULL.
    public func isOne(of values: [SQLValue]) -> Condition { .isOne(self, of: values) }

    /// Whether the column is like a pattern, as the database understands `LIKE`.
    public func isLike(_ pattern: String) -> Condition { .like(self, pattern) }
}

extension ColumnReference {
    /// Equality; with ``SQLValue/null``, whether the column is NULL.
    public static func == (column: ColumnReference, value: SQLValue) -> Condition {
        .compare(column, .equal, value)
    }

    /// Inequality as in SQL; with ``SQLValue/null``, whether the column is not NULL.
    public static func != (column: ColumnReference, value: SQLValue) -> Condition {
        .compare(column, .notEqual, value)
    }

    /// Whether the column is less than the value.
    public static func < (column: ColumnReference, value: SQLValue) -> Condition {
        .compare(column, .less, value)
    }

    /// Whether the column is less than the value or equal to it.
    public static func <= (column: ColumnReference, value: SQLValue) -> Condition {
        .compare(column, .lessOrEqual, value)
    }

    /// Whether the column is greater than the value.
    public static func > (column: ColumnReference, value: SQLValue) -> Condition {
        .compare(column, .greater, value)
    }

    /// Whether the column is greater than the value or equal to it.
    public static func >= (column: ColumnReference, value: SQLValue) -> Condition {
        .compare(column, .greaterOrEqual, value)
    }
}

extension Condition {
    /// Both conditions.
    public static func && (left: Condition, right: Condition) -> Condition { .all([left, right]) }

    /// Either condition.
    public static func || (left: Condition, right: Condition) -> Condition { .any([left, right]) }

    /// The negation of a condition.
    public static prefix func ! (condition: Condition) -> Condition { .not(condition) }

    /// The names of the columns in this condition.
    var columns: [String] {
        switch self {
        case .compare(let column, _, _), .isOne(let column, _), .like(let column, _): [column.name]
        case .all(let conditions), .any(let conditions): conditions.flatMap(\.columns)
        case .not(let condition): condition.columns
        }
    }
}
