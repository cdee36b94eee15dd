import Foundation
import PostgresDriver

extension ThrowAwayPostgres {
    /// Ends the server at once, as `pg_ctl stop -m immediate` does: without a checkpoint, as in a crash.
    ///
    /// - Throws: ``ScratchError`` where it does not end.
    public func stop() throws {
        try write("", to: "halted")
        try write("", to: "restarts")
        guard let process = processIdentifier else { throw ScratchError("the server does not run") }
        _ = kill(process, SIGQUIT)
        let limit = ContinuousClock.now + .seconds(30)
        // A process that has ended stays known until the watchdog has seen it; its file does not.
        while kill(process, 0) == 0, processIdentifier == process {
            guard ContinuousClock.now < limit else { throw ScratchError("the server does not stop") }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    /// Starts the server that ``stop()`` has ended, and waits until it has recovered.
    ///
    /// - Parameter fileLimit: How long a file may become, in blocks of 512 bytes; as long as it likes by default. A server
    ///   that meets the limit takes the disk for full.
    public func start(fileLimit: Int? = nil) throws {
        try write(fileLimit.map(String.init) ?? "", to: "limit")
        try FileManager.default.removeItem(atPath: folder + "/halted")
        try waitUntilReady("SELECT 1")
    }

    /// `pg_ctl restart -m immediate`.
    public func restart() throws {
        try stop()
        try start()
    }

    /// The first line of the file that the server keeps while it runs.
    private var processIdentifier: Int32? {
        let file = try? String(contentsOfFile: folder + "/data/postmaster.pid", encoding: .utf8)
        return file?.split(separator: "\n").first.flatMap { Int32($0) }
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    }
}
