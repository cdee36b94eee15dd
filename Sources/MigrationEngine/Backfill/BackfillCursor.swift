internal import DoubleWrite

/// How far a backfill is; recorded with each batch, so that the next run goes on from here.
struct BackfillCursor: Sendable, Hashable, Codable {
    /// From 1.
    var pass = 1
    /// Rows written in this pass and in all.
    var rowsInPass: Int64 = 0
    var rows: Int64 = 0
    /// Whether rows were passed over in this pass because somebody held them.
    var hasSkipped = false
    /// Pages (PostgreSQL) or keys (SQLite) in a batch.
    var size: Int

    /// PostgreSQL: which of the tables that hold the rows; those with smaller ids are done.
    var table: Int64?
    /// PostgreSQL: the next page, and where the pass ends.
    var page: Int64 = 0
    var endPage: Int64?
    /// PostgreSQL: what before the next page is not done yet.
    var open: [PageRange]?
    /// PostgreSQL: the file that holds the table. Another one: the pages mean something else.
    var file: Int64?

    /// SQLite: the last key that was looked at, and how many were.
    var key: [StoredValue]?
    var keysSeen: Int64 = 0
    var keysTotal: Int64?
    /// SQLite: whether a batch of so many keys held about as many rows.
    var isDense: Bool?

    init(size: Int) { self.size = size }

    /// The beginning of the next pass.
    mutating func startPass() {
        pass += 1
        restart()
    }

    /// The beginning of one of the tables that hold the rows.
    mutating func enter(_ table: Int64, file: Int64, endPage: Int64) {
        self.table = table
        self.file = file
        self.endPage = endPage
        page = 0
        open = nil
    }

    /// The beginning of the same pass.
    mutating func restart() {
        rowsInPass = 0
        hasSkipped = false
        table = nil
        page = 0
        endPage = nil
        open = nil
        file = nil
        key = nil
        keysSeen = 0
        keysTotal = nil
        isDense = nil
    }
}

/// A value of a key as JSON keeps it: exactly.
enum StoredValue: Sendable, Hashable, Codable {
    case null
    case integer(Int64)
    /// The bits of the number: a decimal text might round.
    case real(UInt64)
    case text(String)
    case blob([UInt8])

    init(_ value: SQLValue) {
        switch value {
        case .null: self = .null
        case .boolean(let boolean): self = .integer(boolean ? 1 : 0)
        case .integer(let integer): self = .integer(integer)
        case .real(let real): self = .real(real.bitPattern)
        case .text(let text): self = .text(text)
        case .blob(let bytes): self = .blob(bytes)
        }
    }

    var value: SQLValue {
        switch self {
        case .null: .null
        case .integer(let integer): .integer(integer)
        case .real(let bits): .real(Double(bitPattern: bits))
        case .text(let text): .text(text)
        case .blob(let bytes): .blob(bytes)
        }
    }
}
