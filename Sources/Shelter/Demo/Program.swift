import Foundation
import Scratch

/// A program that the demo starts beside itself; killed at the latest when the last reference goes.
final class Program {
    private let process = Process()
    /// The file it writes to; `nil` for the same place as the demo.
    private let file: String?

    /// Starts a program that stands beside this one.
    ///
    /// - Parameters:
    ///   - output: A file for everything it writes; without one it writes where the demo writes.
    init(_ name: String, _ arguments: [String], folder: String, output: String? = nil) throws {
        file = output
        process.executableURL = URL(fileURLWithPath: try builtProduct(named: name))
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ProcessInfo.processInfo.environment.filter { variable in
            !["DATABASE_URL"].contains(variable.key) && !variable.key.hasPrefix("PG")
        }
        process.standardInput = FileHandle.nullDevice
        var written: FileHandle?
        // The program has its own.
        defer { try? written?.close() }
        if let output {
            try Data().write(to: URL(fileURLWithPath: output))
            written = FileHandle(forWritingAtPath: output)
            process.standardOutput = written
            process.standardError = written
        }
        try process.run()
    }

    deinit {
        if process.isRunning { _ = kill(process.processIdentifier, SIGKILL) }
    }

    var isRunning: Bool { process.isRunning }

    /// What it said, where that went to a file.
    var output: String {
        guard let file, let bytes = FileManager.default.contents(atPath: file) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    func send(_ signal: Int32) {
        if process.isRunning { _ = kill(process.processIdentifier, signal) }
    }

    /// Waits for its end.
    ///
    /// - Returns: Its exit code, or the negative number of the signal that ended it.
    func wait(limit: Duration = .seconds(120)) throws -> Int32 {
        let end = ContinuousClock.now + limit
        while process.isRunning {
            guard !StopSignal.isReceived else { throw DemoError.interrupted }
            guard ContinuousClock.now < end else {
                throw DemoError(
                    "'\(process.executableURL?.lastPathComponent ?? "")' still runs after \(limit)")
            }
            usleep(5000)
        }
        // Ctrl-C reaches everybody in the terminal: then this is not its own end.
        guard !StopSignal.isReceived else { throw DemoError.interrupted }
        let isSignal = process.terminationReason == .uncaughtSignal
        return isSignal ? -process.terminationStatus : process.terminationStatus
    }

    /// Ends it as `kill -9` does, and waits until it is gone.
    func die() throws {
        send(SIGKILL)
        guard try wait(limit: .seconds(10)) == -SIGKILL else {
            throw DemoError("a program was to be killed, but had ended by itself")
        }
    }
}
