import Foundation

/// A program that runs beside this one. Killed when the last reference goes.
public final class ChildProcess: @unchecked Sendable {
    /// What a program left behind.
    public struct Outcome: Sendable, Hashable {
        /// Its exit code; `nil` where a signal ended it.
        public let status: Int32?
        /// The signal that ended it.
        public let signal: Int32?
        /// What it wrote.
        public let standardOutput: String
        /// What it wrote to the other one.
        public let standardError: String
    }

    // `Process` is used under its own lock only; the folder and the semaphore are safe from any thread.
    private let process = Process()
    private let folder: TemporaryFolder
    private let ended = DispatchSemaphore(value: 0)

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - program: Its path.
    ///   - arguments: Its arguments.
    ///   - environment: What to set beside this process's own environment; `nil` takes a variable away.
    ///   - input: What it reads; nothing by default.
    ///   - currentFolder: The folder it starts in.
    /// - Throws: ``ScratchError`` where it cannot be started.
    public init(
        _ program: String, _ arguments: [String] = [], environment: [String: String?] = [:],
        input: String = "", currentFolder: String? = nil
    ) throws {
        folder = try TemporaryFolder()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            environment.compactMapValues(\.self)
        ) { $1 }.filter { environment[$0.key] != .some(nil) }
        if let currentFolder { process.currentDirectoryURL = URL(fileURLWithPath: currentFolder) }
        // Files instead of pipes: nothing blocks when they are full, and a grandchild does not hold them open.
        let files = [
            FileHandle(forReadingAtPath: try folder.write(input, to: "input")),
            FileHandle(forWritingAtPath: try folder.write("", to: "output")),
            FileHandle(forWritingAtPath: try folder.write("", to: "error")),
        ]
        // The child has its own. Left to the last reference they stay open, and with some 1,400 open files Foundation
        // reads past the end of their list (https://github.com/swiftlang/swift-corelibs-foundation/pull/5472).
        defer { for file in files { try? file?.close() } }
        (process.standardInput, process.standardOutput, process.standardError) = (
            files[0], files[1], files[2]
        )
        process.terminationHandler = { [ended] _ in ended.signal() }
        do {
            try process.run()
        } catch {
            throw ScratchError("cannot start '\(program)': \(error)")
        }
    }

    deinit {
        if process.isRunning { _ = kill(process.processIdentifier, SIGKILL) }
    }

    /// The process's number.
    public var processIdentifier: Int32 { process.processIdentifier }

    /// Whether it has not ended yet.
    public var isRunning: Bool { process.isRunning }

    /// What it has written so far.
    public var standardOutput: String { (try? folder.read("output")) ?? "" }

    /// What it has written to standard error so far.
    public var standardError: String { (try? folder.read("error")) ?? "" }

    /// Waits for it to end.
    ///
    /// - Parameter limit: After this it is killed.
    /// - Throws: ``ScratchError`` when the limit has passed, with what the program had written.
    public func wait(limit: Duration = .seconds(60)) throws -> Outcome {
        let (seconds, fraction) = limit.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(fraction / 1_000_000_000)
        guard ended.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success else {
            send(SIGKILL)
            throw ScratchError(
                "'\(process.executableURL?.path ?? "")' still ran after \(limit) and was killed; it wrote: "
                    + standardOutput + standardError)
        }
        ended.signal()  // for whoever waits next
        let isSignal = process.terminationReason == .uncaughtSignal
        return Outcome(
            status: isSignal ? nil : process.terminationStatus,
            signal: isSignal ? process.terminationStatus : nil,
            standardOutput: standardOutput, standardError: standardError)
    }

    /// Sends it a signal, as `SIGTERM` or `SIGKILL`.
    public func send(_ signal: Int32) {
        guard process.isRunning else { return }
        _ = kill(process.processIdentifier, signal)
    }

    /// Stops it where it is (`SIGSTOP`).
    public func pause() { send(SIGSTOP) }

    /// Lets it go on (`SIGCONT`).
    public func resume() { send(SIGCONT) }

    /// Runs a program to its end.
    public static func run(
        _ program: String, _ arguments: [String] = [], environment: [String: String?] = [:],
        input: String = "", currentFolder: String? = nil, limit: Duration = .seconds(60)
    ) throws -> Outcome {
        try ChildProcess(
            program, arguments, environment: environment, input: input, currentFolder: currentFolder
        ).wait(limit: limit)
    }
}
