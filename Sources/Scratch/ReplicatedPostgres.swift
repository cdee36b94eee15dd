import DoubleWrite
import Foundation
import PostgresDriver

/// A server with one that follows it, both for one test alone.
public final class ReplicatedPostgres: Sendable {
    /// The server that is written to.
    public let primary: ThrowAwayPostgres
    private let standby: ChildProcess
    private let folder: String

    /// Starts both.
    ///
    /// - Throws: ``ScratchError`` where one does not start.
    public init() throws {
        primary = try ThrowAwayPostgres()
        // In the primary's folder: gone with it, and a server whose folder is gone ends.
        folder = primary.folder + "/standby"
        let programs = primary.programs
        func run(_ name: String, _ arguments: [String]) throws -> ChildProcess {
            let words = try ServerUser.prefix() + ["\(programs)/\(name)"] + arguments
            return try ChildProcess(words[0], Array(words.dropFirst()), currentFolder: "/")
        }
        let copied = try run(
            "pg_basebackup",
            [
                "-D", folder, "-d", "host=\(primary.folder) user=postgres application_name=standby", "-R",
                "-X", "stream", "-c", "fast", "--no-sync",
            ]
        ).wait()
        guard copied.status == 0 else { throw ScratchError("pg_basebackup: \(copied.standardError)") }
        standby = try run("postgres", ["-D", folder, "-c", "unix_socket_directories=\(folder)"])
        for _ in 0..<1000 where (try? connect()) == nil { Thread.sleep(forTimeInterval: 0.02) }
        _ = try connect()
    }

    private func connect() throws -> PostgresConnection {
        try PostgresConnection("host=\(folder) user=postgres dbname=postgres")
    }

    /// Lets the standby take in what comes without replaying it, or replay it.
    public func holdReplay(_ isHeld: Bool) throws {
        _ = try connect().execute("SELECT pg_wal_replay_\(isHeld ? "pause" : "resume")()")
    }

    /// Stops the standby where it is, or lets it go on: as a machine that hangs.
    public func freeze(_ isFrozen: Bool) {
        if isFrozen { standby.pause() } else { standby.resume() }
    }

    /// Ends the standby.
    public func endStandby() throws {
        standby.send(SIGINT)
        _ = try standby.wait()
    }
}
