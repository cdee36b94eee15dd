import DoubleWrite

/// Prepared statements by their text; the least recently used one goes when there are too many.
struct StatementCache {
    /// How many statements are kept.
    let capacity: Int
    private var statements: [ExactText: (statement: Statement, lastUse: UInt64)] = [:]
    private var uses: UInt64 = 0

    /// Texts longer than this, in bytes, are not kept.
    static let longestText = 16 * 1024

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { statements.count }

    /// The kept statement of this text.
    mutating func statement(_ sql: String) -> Statement? {
        let key = ExactText(sql)
        guard let statement = statements[key]?.statement else { return nil }
        uses += 1
        statements[key]?.lastUse = uses
        return statement
    }

    /// Keeps the statement of this text, if it is one that may be run again from its prepared form.
    mutating func keep(_ statement: Statement, as sql: String) {
        guard capacity > 0, statement.isReusable, sql.utf8.count <= Self.longestText else { return }
        if statements.count >= capacity,
            let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            statements[oldest.key] = nil
        }
        uses += 1
        statements[ExactText(sql)] = (statement, uses)
    }

    mutating func removeAll() { statements.removeAll() }
}
