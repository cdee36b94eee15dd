internal import Synchronization

/// Asks a run to end at the next moment at which nothing is half done: behind the batch or step that runs.
///
/// Whatever was done by then is recorded; the same command goes on from there.
public final class StopSwitch: Sendable {
    private let code = Mutex<Int32?>(nil)

    /// A switch that is off.
    public init() {}

    /// Asks for the end, from any thread.
    ///
    /// - Parameter exitCode: What the run's error is to say as ``EngineError/exitCode``.
    public func stop(exitCode: Int32) { code.withLock { $0 = $0 ?? exitCode } }

    /// Whether the end was asked for.
    public var isOn: Bool { exitCode != nil }

    /// What whoever asked for the end wants the exit code to be; `nil` where nobody has.
    public var exitCode: Int32? { code.withLock { $0 } }

    /// - Throws: ``EngineError/Reason/stopped(exitCode:)`` where the end was asked for.
    func check() throws {
        if let code = exitCode { throw EngineError(.stopped(exitCode: code)) }
    }
}
