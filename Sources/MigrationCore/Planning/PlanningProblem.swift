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
