public import MigrationCore

/// One file of `migrations/`: what it declares, and where in it each thing stands.
public struct MigrationFile: Sendable {
    /// What the file declares.
    public var migration: Migration
    /// The file's path as the user wrote it.
    public var path: String
    /// The file's bytes: what a checksum is computed over.
    public var bytes: [UInt8]
    private var positions: [String: SourcePosition] = [:]

    /// Reads a file's content.
    ///
    /// - Parameters:
    ///   - bytes: The file's content.
    ///   - path: Its path; the stem is the migration's name.
    /// - Throws: every mistake in the file.
    public init(_ bytes: [UInt8], path: String) throws(FileProblems) {
        let document = try Self.document(bytes, path: path)
        guard let root = document.root else {
            throw FileProblems([
                FileProblem(
                    path: path,
                    message: "the file is empty; a migration has 'operations', a list of what changes")
            ])
        }
        var checker = Checker(path: path)
        checker.check(root, .keys(MigrationFormat.file), "a migration")
        var builder = MigrationBuilder(checker: Checker(path: path))
        var operations: [MigrationCore.Operation] = []
        for value in root["operations"]?.values ?? [] {
            var own = Checker(path: path)
            own.check(value, .keys(MigrationFormat.operation), "an operation")
            if own.problems.isEmpty { operations.append(builder.operation(value)) }
        }
        let problems = checker.problems + builder.checker.problems
        guard problems.isEmpty else { throw FileProblems(problems) }
        self.path = path
        self.bytes = bytes
        self.migration = Migration(
            name: Self.name(ofFileAt: path), description: root["description"]?.text, operations: operations)
        note(root, at: root.position, path: "")
    }

    private static func document(_ bytes: [UInt8], path: String) throws(FileProblems) -> Document {
        do {
            return try Document(try TextFile.text(bytes, path: path), path: path)
        } catch {
            throw FileProblems([error])
        }
    }

    /// The name of the migration in a file: the file's name without its extension.
    public static func name(ofFileAt path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        guard let dot = file.lastIndex(of: "."), dot != file.startIndex else { return file }
        return String(file[..<dot])
    }
}

extension MigrationFile {
    /// Where something stands, by the path that a ``MigrationCore/PlanningProblem`` gives:
    /// `operations[0].rename_column.from`. The nearest thing around it where it does not stand in the file
    /// itself.
    public func position(of path: String) -> SourcePosition? {
        var path = path
        while !path.isEmpty {
            if let position = positions[path] { return position }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { break }
            path = String(path[..<end])
        }
        return positions[""]
    }

    /// A problem of the planner as a problem of this file.
    public func problem(_ problem: PlanningProblem) -> FileProblem {
        FileProblem(
            path: path, position: problem.path.flatMap { self.position(of: $0) }, message: problem.message)
    }

    /// Mappings from the names of columns, which have an order for the planner.
    private static let counted = [".create_table.columns", ".split_column.to", ".merge_columns.from"]

    private mutating func note(_ value: Value, at position: SourcePosition, path: String) {
        positions[path] = position
        for (index, element) in value.values.enumerated() {
            note(element, at: element.position, path: "\(path)[\(index)]")
        }
        for (index, entry) in value.entries.enumerated() {
            let place = entry.value.text == nil ? entry.keyPosition : entry.value.position
            note(entry.value, at: place, path: path.isEmpty ? entry.key : "\(path).\(entry.key)")
            // The planner counts such columns, and speaks of the parts of a new column.
            if Self.counted.contains(where: path.hasSuffix) {
                note(entry.value, at: entry.keyPosition, path: "\(path)[\(index)]")
            } else if path.hasSuffix(".add_column"), entry.key != "column" {
                note(entry.value, at: place, path: "\(path).column.\(entry.key)")
            }
        }
    }
}
