import MigrationCore
import MigrationFiles

/// The migration in a text.
func migration(_ text: String, path: String = "migrations/0001_test.yaml") throws -> Migration {
    try MigrationFile(Array(text.utf8), path: path).migration
}

/// The one operation in a text.
func operation(_ text: String) throws -> MigrationCore.Operation? {
    try migration("operations:\n  - \(text)\n").operations.first
}

/// The mistakes in a text, as they are printed, without the file's name.
func mistakes(_ text: String) -> [String] {
    do throws(FileProblems) {
        _ = try MigrationFile(Array(text.utf8), path: "m.yaml")
        return []
    } catch {
        return error.problems.map { $0.description.replacing("m.yaml:", with: "") }
    }
}
