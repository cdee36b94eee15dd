import DoubleWrite

/// The parameters of a statement as libpq takes them: texts that end with a zero byte, in one block of memory.
struct ParameterBlock {
    private var bytes: [CChar] = []
    /// Where each begins in ``bytes``; `nil` for NULL.
    private var offsets: [Int?] = []

    /// - Throws: A text that holds a zero byte, which PostgreSQL cannot store.
    init(_ parameters: [SQLValue]) throws(PostgresError) {
        offsets.reserveCapacity(parameters.count)
        for (index, parameter) in parameters.enumerated() {
            guard let text = parameter.postgresText else {
                offsets.append(nil)
                continue
            }
            guard !text.utf8.contains(0) else { throw PostgresError.zeroByte(in: "parameter $\(index + 1)") }
            offsets.append(bytes.count)
            bytes.append(contentsOf: text.utf8.lazy.map { CChar(bitPattern: $0) })
            bytes.append(0)
        }
    }

    /// Calls `body` with pointers that are valid during the call.
    func withPointers<T>(_ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?) -> T) -> T {
        bytes.withUnsafeBufferPointer { bytes in
            let pointers = offsets.map { offset in
                offset.flatMap { offset in bytes.baseAddress.map { $0 + offset } }
            }
            return pointers.withUnsafeBufferPointer { body(Int32($0.count), $0.baseAddress) }
        }
    }
}

extension PostgresError {
    /// Refused before anything is sent: the text would be cut at the zero byte.
    static func zeroByte(in place: String) -> PostgresError {
        PostgresError(
            message: "\(place) holds a zero byte; PostgreSQL's text cannot; send it as a blob, or without it")
    }
}

extension SQLValue {
    /// The value in PostgreSQL's text format; `nil` for NULL.
    var postgresText: String? {
        switch self {
        case .null: nil
        case .boolean(let value): value ? "t" : "f"
        case .integer(let value): String(value)
        case .real(let value): value.postgresText
        case .text(let value): value
        case .blob(let bytes): hexadecimal(bytes)
        }
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = Array("\\x".utf8)
        text.reserveCapacity(2 + 2 * bytes.count)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension Double {
    fileprivate var postgresText: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Infinity" : "Infinity" }
        return description
    }
}
