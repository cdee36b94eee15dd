/// Prepared statements by their text; the least recently used one goes when there are too many.
struct StatementCache {
    /// How many statements are kept.
    let capacity: Int
    private var statements: [Text: Statement] = [:]
    private var uses: UInt64 = 0

    /// Texts longer than this, in bytes, are not kept.
    static let longestText = 16 * 1024

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { statements.count }

    /// The kept statement of this text.
    mutating func statement(_ sql: String) -> Statement? {
        guard let statement = statements[Text(sql: sql)] else { return nil }
        uses += 1
        statement.lastUse = uses
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
        statement.lastUse = uses
        statements[Text(sql: sql)] = statement
    }

    mutating func removeAll() { statements.removeAll() }
}

/// A text that equals another only if its bytes do. The one that comes again is the very same in memory.
private struct Text: Hashable {
    let sql: String

    static func == (left: Text, right: Text) -> Bool {
        var (left, right) = (left.sql, right.sql)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                left.count == right.count
                    && (left.baseAddress == right.baseAddress || left.elementsEqual(right))
            }
        }
    }

    func hash(into hasher: inout Hasher) {
        var sql = sql
        sql.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
