import CLibpq
import DoubleWrite

/// A result of libpq and its one owner.
struct ServerResult: ~Copyable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    /// A field of an error or notice. libpq's header defines them as characters, which Swift does not see.
    enum Field: UInt8 {
        case severity = 0x56  // 'V', never localised
        case sqlState = 0x43  // 'C'
        case message = 0x4D  // 'M'
        case detail = 0x44  // 'D'
        case hint = 0x48  // 'H'
        case position = 0x50  // 'P'
        case schemaName = 0x73  // 's'
        case tableName = 0x74  // 't'
        case columnName = 0x63  // 'c'
        case constraintName = 0x6E  // 'n'
    }

    static func field(_ field: Field, of pointer: OpaquePointer) -> String? {
        PQresultErrorField(pointer, Int32(field.rawValue)).map { String(cString: $0) }
    }

    var status: ExecStatusType { PQresultStatus(pointer) }

    /// `INSERT 0 1`, `COMMIT`: what the server says it did.
    var commandTag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

    /// The error this result is, as the server says it.
    func error() -> PostgresError {
        let pointer = pointer
        let field = { (field: Field) in Self.field(field, of: pointer) }
        let whole = PQresultErrorMessage(pointer).map { String(cString: $0).trimmed } ?? ""
        var error = PostgresError(
            sqlState: field(.sqlState), message: field(.message) ?? whole, detail: field(.detail),
            hint: field(.hint), severity: field(.severity) ?? "ERROR")
        error.schemaName = field(.schemaName)
        error.tableName = field(.tableName)
        error.columnName = field(.columnName)
        error.constraintName = field(.constraintName)
        error.position = field(.position).flatMap { Int($0) }
        return error
    }

    /// The rows, decoded by the types' numbers.
    func resultSet() -> ResultSet {
        let width = PQnfields(pointer)
        let count = PQntuples(pointer)
        let columns = (0..<width).map { PQfname(pointer, $0).map { String(cString: $0) } ?? "" }
        let types = (0..<width).map { ValueType(rawValue: PQftype(pointer, $0)) }
        var rows: [[SQLValue]] = []
        rows.reserveCapacity(Int(count))
        for row in 0..<count {
            rows.append((0..<width).map { value(row, $0, types[Int($0)]) })
        }
        let affected = PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) }
        return ResultSet(columns: columns, rows: rows, affectedRows: affected ?? rows.count)
    }

    /// By bytes and count: an empty text is not NULL.
    private func value(_ row: Int32, _ column: Int32, _ type: ValueType?) -> SQLValue {
        guard PQgetisnull(pointer, row, column) == 0, let start = PQgetvalue(pointer, row, column) else {
            return .null
        }
        if type == .bytea { return Self.bytes(start) }
        let count = Int(PQgetlength(pointer, row, column))
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        return Self.decode(String(decoding: bytes, as: UTF8.self), type)
    }

    private static func decode(_ text: String, _ type: ValueType?) -> SQLValue {
        switch type {
        case .bool: .boolean(text == "t")
        case .int2, .int4, .int8, .oid: Int64(text).map { .integer($0) } ?? .text(text)
        case .float4, .float8: Double(text).map { .real($0) } ?? .text(text)
        case .bytea, nil: .text(text)
        }
    }

    /// libpq reads both forms of `bytea_output`.
    private static func bytes(_ text: UnsafePointer<CChar>) -> SQLValue {
        var count = 0
        let raw = UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
        guard let bytes = PQunescapeBytea(raw, &count) else { return .null }
        defer { PQfreemem(bytes) }
        return .blob(Array(UnsafeBufferPointer(start: bytes, count: count)))
    }
}

/// The built-in types that are not decoded as text, by their fixed numbers in `pg_type`.
private enum ValueType: UInt32 {
    case bool = 16
    case bytea = 17
    case int8 = 20
    case int2 = 21
    case int4 = 23
    case oid = 26
    case float4 = 700
    case float8 = 701
}

extension String {
    /// Without the white space at either end.
    var trimmed: String {
        var rest = self[...]
        while rest.last?.isWhitespace == true { rest.removeLast() }
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        return String(rest)
    }
}
