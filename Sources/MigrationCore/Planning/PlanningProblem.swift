/// Something that keeps a migration from being planned: what, where in its file, what to do.
public struct PlanningProblem: Error, Sendable, Hashable {
    /// The migration's name.
    public var migration: String
    /// Where in the file: `operations[0].rename_column.table`; `nil` for the file as a whole.
    public var path: String?
    /// What is wrong and what to do, in one or two sentences.
    public var message: String

    /// A problem and its place.
    public init(migration: String, path: String?, message: String) {
        self.migration = migration
        self.path = path
        self.message = message
    }
}

extension PlanningProblem: CustomStringConvertible {
    /// The migration, the place in its file, and what is wrong.
    public var description: String {
        "\(migration)\(path.map { " (\($0))" } ?? ""): \(message)"
    }
}

/// Everything that keeps one or several migrations from being planned, all at once, in the files' order.
public struct PlanningProblems: Error, Sendable, Hashable {
    /// At least one problem.
    public var problems: [PlanningProblem]

    /// Problems, at least one.
    public init(_ problems: [PlanningProblem]) {
        precondition(!problems.isEmpty, "no problem is no error")
        self.problems = problems
    }
}

extension PlanningProblems: CustomStringConvertible {
    /// All of them, a line each.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
