/// One of many databases, as a file names it. Whether the location is one is not looked at here.
public struct DatabaseEntry: Sendable, Hashable {
    /// Its name, where the file gives it one.
    public var name: String?
    /// Its location, before its variables are expanded.
    public var location: ConfigurationText
    /// The file that says so.
    public var path: String
    /// Where in the file.
    public var position: SourcePosition

    /// A mistake about it, with its place.
    public func problem(_ message: String) -> FileProblem {
        FileProblem(path: path, position: position, message: message)
    }
}

extension DatabaseEntry {
    init(name: String?, location: String, path: String, position: SourcePosition) {
        self.init(
            name: name, location: ConfigurationText(location, path: path, position: position), path: path,
            position: position)
    }
}

/// A file that names many databases, one a line: a location, or a name, spaces and a location.
///
///     # the shards, in the order in which they are migrated
///     eu  postgres://bellows@eu.example.com/shelter
///     us  postgres://bellows:${US_PASSWORD}@us.example.com/shelter   # the large one
///     sqlite:tenants/acme.db
///
/// Empty lines are passed over, and what stands behind a `#` that begins a line or follows a space.
public enum DatabasesFile {
    /// The databases of a file, in its order.
    ///
    /// - Throws: ``FileProblem`` for a file that cannot be read, or names none.
    public static func read(path: String) throws(FileProblem) -> [DatabaseEntry] {
        let text = try TextFile.text(try TextFile.bytes(at: path), path: path)
        let entries = entries(of: text, path: path)
        guard !entries.isEmpty else {
            throw FileProblem(
                path: path,
                message: "the file names no database; write one a line: 'NAME URL', or the URL alone")
        }
        return entries
    }

    static func entries(of text: String, path: String) -> [DatabaseEntry] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated().compactMap {
            entry(of: $0.element, path: path, line: $0.offset + 1)
        }
    }

    private static func entry(of line: Substring, path: String, line number: Int) -> DatabaseEntry? {
        let content = trimmed(uncommented(line))
        guard !content.isEmpty else { return nil }
        let (name, location) = parted(content)
        let before = line.unicodeScalars.distance(
            from: line.unicodeScalars.startIndex, to: location.startIndex)
        return DatabaseEntry(
            name: name.map(String.init), location: String(location), path: path,
            position: SourcePosition(line: number, column: before + 1))
    }

    /// The first word is a name where it cannot begin a location, and something follows it.
    private static func parted(_ content: Substring) -> (name: Substring?, location: Substring) {
        let word = content.prefix { !$0.isWhitespace }
        let rest = trimmed(content[word.endIndex...])
        guard !rest.isEmpty, !word.contains(where: { $0 == ":" || $0 == "=" }) else { return (nil, content) }
        return (word, rest)
    }

    private static func uncommented(_ line: Substring) -> Substring {
        var isBehindSpace = true
        for index in line.indices {
            if line[index] == "#", isBehindSpace { return line[..<index] }
            isBehindSpace = line[index].isWhitespace
        }
        return line
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
