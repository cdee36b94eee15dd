/// Something that keeps a migration from being planned: what, where in its file, what to do.
public struct PlanningProblem: Error, Sendable, Hashable {
    public var migration: String
    /// Where in the file: `operations[0].rename_column.table`; `nil` for the file as a whole.
    public var path: String?
    /// What is wrong and what to do, in one or two sentences.
    public var message: String

    public init(migration: String, path: String?, message: String) {
        self.migration = migration
        self.path = path
        self.message = message
    }
}

extension PlanningProblem: CustomStringConvertible {
    public var description: String {
        "\(migration)\(path.map { " (\($0))" } ?? ""): \(message)"
    }
}

/// Everything that keeps one or several migrations from being planned, all at once, in the files' order.
public struct PlanningProblems: Error, Sendable, Hashable {
    /// At least one problem.
    public var problems: [PlanningProblem]

    public init(_ problems: [PlanningProblem]) {
        precondition(!problems.isEmpty, "no problem is no error")
        self.problems = problems
    }
}

extension PlanningProblems: CustomStringConvertible {
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
