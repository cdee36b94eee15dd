/// A place in a text file, both numbers from 1; columns count Unicode scalars.
public struct SourcePosition: Sendable, Hashable, Codable {
    /// The line, from 1.
    public var line: Int
    /// The column, from 1.
    public var column: Int

    /// A place in a file.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

extension SourcePosition: Comparable {
    /// Whether the left place comes first.
    public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// One mistake in a file: where, what is wrong, what was expected.
public struct FileProblem: Error, Sendable, Hashable {
    /// The file's path as the user wrote it.
    public var path: String
    /// Where in the file; `nil` for the file as a whole.
    public var position: SourcePosition?
    /// What is wrong, what was expected and, for a misspelt name, the nearest one.
    public var message: String

    /// A mistake at a place of a file.
    public init(path: String, position: SourcePosition? = nil, message: String) {
        self.path = path
        self.position = position
        self.message = message
    }
}

extension FileProblem: CustomStringConvertible {
    /// `file:line:column: what is wrong`, as compilers write it and editors read it.
    public var description: String {
        guard let position else { return "\(path): \(message)" }
        return "\(path):\(position.line):\(position.column): \(message)"
    }
}

/// Every mistake that was found, in the order of files and lines. Never empty.
public struct FileProblems: Error, Sendable, Hashable {
    /// The mistakes.
    public var problems: [FileProblem]

    /// Several mistakes, at least one.
    public init(_ problems: [FileProblem]) {
        precondition(!problems.isEmpty, "problems without a problem")
        self.problems = problems.sorted {
            let (left, right) = ($0.position, $1.position)
            if $0.path != $1.path { return $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
            guard let left else { return right != nil }
            guard let right else { return false }
            return left < right
        }
    }
}

extension FileProblems: CustomStringConvertible {
    /// One problem a line.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
