public import DoubleWrite

/// PostgreSQL: the sequence that an identity column or a serial takes its numbers from, or that a default calls.
public struct ColumnSequence: Sendable, Hashable, Codable {
    /// The sequence's name.
    public var name: TableName
    /// `smallint`, `integer` or `bigint`: how far it can count at most.
    public var type: String
    /// START: where it began, and begins again.
    public var start: Int64
    /// INCREMENT: negative where it counts downwards.
    public var increment: Int64
    /// MINVALUE.
    public var minimum: Int64
    /// MAXVALUE.
    public var maximum: Int64
    /// CACHE: how many numbers a session takes at once.
    public var cache: Int64
    /// CYCLE: whether it begins again behind its last number.
    public var cycles: Bool
    /// The comment on it.
    public var comment: String?
    /// What others than its owner may do with it.
    public var grants: [TableGrant]

    /// A sequence of its parts.
    public init(
        name: TableName, type: String, start: Int64, increment: Int64, minimum: Int64, maximum: Int64,
        cache: Int64, cycles: Bool, comment: String? = nil, grants: [TableGrant] = []
    ) {
        self.name = name
        self.type = type
        self.start = start
        self.increment = increment
        self.minimum = minimum
        self.maximum = maximum
        self.cache = cache
        self.cycles = cycles
        self.comment = comment
        self.grants = grants
    }
}

extension ColumnSequence {
    /// A sequence of which nothing was said but the type of its column.
    init(name: TableName, type: String) {
        let most = Self.limits(of: type)?.upperBound ?? Int64.max
        self.init(
            name: name, type: type, start: 1, increment: 1, minimum: 1, maximum: most, cache: 1, cycles: false
        )
    }

    /// The numbers that a type of whole numbers holds; `nil` for every other type, which no sequence can have.
    static func limits(of type: String) -> ClosedRange<Int64>? {
        switch type {
        case "smallint": Int64(Int16.min)...Int64(Int16.max)
        case "integer": Int64(Int32.min)...Int64(Int32.max)
        case "bigint": Int64.min...Int64.max
        default: nil
        }
    }

    /// The same for another type, as the server makes it of `AS`: a limit that was the type's own becomes the other's, any
    /// other stays (<https://www.postgresql.org/docs/current/sql-altersequence.html>).
    func retyped(as type: String) -> ColumnSequence {
        guard let old = Self.limits(of: self.type), let new = Self.limits(of: type) else { return self }
        var sequence = self
        sequence.type = type
        if minimum == old.lowerBound { sequence.minimum = new.lowerBound }
        if maximum == old.upperBound { sequence.maximum = new.upperBound }
        return sequence
    }

    /// The limits, or the start, that its type does not hold.
    var strays: [Int64] {
        guard let limits = Self.limits(of: type) else { return [] }
        return [start, minimum, maximum].filter { !limits.contains($0) }
    }

    /// Its options as SQL, those left out that it would have anyway.
    var options: [String] {
        let limits = Self.limits(of: type) ?? Int64.min...Int64.max
        let (least, most) = increment > 0 ? (1, limits.upperBound) : (limits.lowerBound, -1)
        var options: [String] = []
        if start != (increment > 0 ? minimum : maximum) { options.append("START WITH \(start)") }
        if increment != 1 { options.append("INCREMENT BY \(increment)") }
        if minimum != least { options.append("MINVALUE \(minimum)") }
        if maximum != most { options.append("MAXVALUE \(maximum)") }
        if cache != 1 { options.append("CACHE \(cache)") }
        if cycles { options.append("CYCLE") }
        return options
    }

    /// The statements that give it its comment and its grants.
    var extras: [String] {
        let dialect = Dialect.postgres
        let quoted = dialect.quote(name)
        let grants = grants.map { grant in
            let role = grant.grantee.map(dialect.quote) ?? "PUBLIC"
            let option = grant.isGrantable ? " WITH GRANT OPTION" : ""
            return "GRANT \(grant.privilege) ON SEQUENCE \(quoted) TO \(role)\(option)"
        }
        let comment = comment.map { ["COMMENT ON SEQUENCE \(quoted) IS \(dialect.literal($0))"] } ?? []
        return grants + comment
    }
}
