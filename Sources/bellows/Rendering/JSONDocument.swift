import Foundation

/// JSON output: one document, keys sorted, so that two runs differ only where what they say differs.
enum JSONDocument {
    /// The document with a line end.
    static func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        guard let data = try? encoder.encode(value) else {
            preconditionFailure("a document of texts and numbers is not encodable")
        }
        // No text in it holds a line end, so what stands between brackets here is an empty list or object.
        let text = String(decoding: data, as: UTF8.self)
            .replacing(/\[\n\s*\]/, with: "[]").replacing(/\{\n\s*\}/, with: "{}")
        return text + "\n"
    }
}

/// A value that is `null` where it is missing, so that a script finds the same keys every time.
struct Nullable<Value: Encodable>: Encodable {
    var value: Value?

    init(_ value: Value?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}
