import DoubleWrite
import Foundation
import TestSupport

/// The built `bellows` on a project with one migration, as a user runs it.
struct Tool {
    let folder: TemporaryFolder
    let location: String

    /// - Parameter operation: The one operation of the migration, as YAML.
    init(_ location: String, operation: String) throws {
        folder = try TemporaryFolder()
        self.location = location
        try folder.write("operations:\n  - \(operation)\n", to: "migrations/0001_change.yaml")
    }

    static func program() throws -> String { try builtProduct(named: "bellows") }

    /// Runs `apply` to its end.
    func apply(_ options: [String]) throws { try end(start(options), options) }

    /// Runs `apply` to its end, and looks now and then how much memory it has.
    ///
    /// - Returns: The most, in MiB; `nil` where the system does not tell.
    func applyMeasuringMemory(_ options: [String]) throws -> Double? {
        let process = try start(options)
        var memory: Double?
        while process.isRunning {
            memory = Self.memory(of: process.processIdentifier) ?? memory
            Thread.sleep(forTimeInterval: 0.02)
        }
        try end(process, options)
        return memory
    }

    private func start(_ options: [String]) throws -> ChildProcess {
        try ChildProcess(
            try Self.program(), ["apply", "--database", location, "--no-writers"] + options,
            currentFolder: folder.path)
    }

    private func end(_ process: ChildProcess, _ options: [String]) throws {
        let outcome = try process.wait(limit: .seconds(600))
        guard outcome.status == 0 else {
            throw TestSupportError("bellows \(options): \(outcome.standardError)\(outcome.standardOutput)")
        }
    }

    /// Linux tells the peak as long as the process is there.
    private static func memory(of process: Int32) -> Double? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else {
            return nil
        }
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Double($0) }.map { $0 / 1024 }
    }
}
