import Foundation

/// What an instance did and saw, as entries in their order.
struct Journal: Sendable, Equatable {
    var entries: [JournalEntry]

    /// The journal whose text this is. A last line without its end was torn by the death of the process that wrote
    /// it: it says nothing and is left out.
    init(text: String, path: String? = nil) throws(JournalError) {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        lines.removeLast()
        entries = []
        entries.reserveCapacity(lines.count)
        for (index, line) in lines.enumerated() {
            do {
                entries.append(try JournalEntry(text: String(Substring(line))))
            } catch {
                throw JournalError(problem: error.problem, line: index + 1, path: path)
            }
        }
    }

    /// The journal in a file; an empty one where there is no file.
    init(contentsOf path: String) throws {
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        try self.init(text: String(decoding: bytes, as: UTF8.self), path: path)
    }
}
