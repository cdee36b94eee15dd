import Foundation

/// Reads small text files whole.
enum TextFile {
    /// No file of ours needs more; a larger one is not what it is taken for.
    static let largest = 4 << 20

    /// A file's content.
    static func bytes(at path: String) throws(FileProblem) -> [UInt8] {
        guard let attributes = attributes(at: path) else {
            throw FileProblem(path: path, message: "there is no such file")
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw FileProblem(path: path, message: "this is not a file")
        }
        guard let size = attributes[.size] as? Int, size <= largest else {
            throw FileProblem(path: path, message: "the file is larger than \(largest >> 20) MiB")
        }
        do {
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw FileProblem(path: path, message: "cannot read the file: \(reason(error))")
        }
    }

    /// What stands at a path, behind any symbolic link.
    static func attributes(at path: String) -> [FileAttributeKey: Any]? {
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return try? FileManager.default.attributesOfItem(atPath: resolved)
    }

    /// The text of bytes that must be UTF-8, without a byte order mark.
    static func text(_ bytes: [UInt8], path: String) throws(FileProblem) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FileProblem(path: path, position: invalidPosition(bytes), message: "this is not UTF-8 text")
        }
        return text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// Where the first byte stands that is not UTF-8.
    private static func invalidPosition(_ bytes: [UInt8]) -> SourcePosition {
        let repaired = String(decoding: bytes, as: UTF8.self)
        var position = SourcePosition(line: 1, column: 1)
        for scalar in repaired.unicodeScalars {
            if scalar == "\u{FFFD}" { break }
            position.column += 1
            if scalar == "\n" { position = SourcePosition(line: position.line + 1, column: 1) }
        }
        return position
    }

    /// An error of the system in its own words.
    static func reason(_ error: any Error) -> String {
        return (error as NSError).localizedDescription
    }
}
