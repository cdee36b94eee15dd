import Foundation

/// The environment's variables.
enum ProcessEnvironment {
    /// The value of a variable; `nil` where it is missing or empty.
    static subscript(name: String) -> String? {
        let value = ProcessInfo.processInfo.environment[name] ?? ""
        return value.isEmpty ? nil : value
    }
}
