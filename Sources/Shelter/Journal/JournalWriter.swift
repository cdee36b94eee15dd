import Foundation

/// A journal's file could not be used.
struct JournalFileError: Error, CustomStringConvertible {
    var path: String
    /// The system's error number.
    var code: Int32

    var description: String {
        "cannot write the journal '\(path)' [\(code)]; \(unsafe String(cString: strerror(code)))"
    }
}

/// Appends entries to a journal, each with one `write(2)`: what was written stands there also after `kill -9`.
final class JournalWriter {
    private let path: String
    private let descriptor: Int32

    /// Opens or makes the file. A line that an earlier life left without its end is taken away first.
    init(path: String) throws {
        self.path = path
        descriptor = unsafe open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw JournalFileError(path: path, code: errno) }
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        guard let last = bytes.last, last != UInt8(ascii: "\n") else { return }
        let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        guard ftruncate(descriptor, off_t(whole)) == 0 else {
            throw JournalFileError(path: path, code: errno)
        }
    }

    deinit {
        close(descriptor)
    }

    func append(_ entry: JournalEntry) throws {
        let line = Array((entry.text + "\n").utf8)
        let count = unsafe line.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        guard count == line.count else { throw JournalFileError(path: path, code: errno) }
    }
}
