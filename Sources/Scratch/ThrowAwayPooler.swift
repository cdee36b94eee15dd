import Foundation
import PostgresDriver

/// PgBouncer in front of this process's throw-away server, in transaction mode: each transaction may run on another
/// connection to the server. Gone when this process ends.
///
///     let pooled = try ThrowAwayPooler.location(of: ThrowAwayPostgres.makeDatabase())
public final class ThrowAwayPooler: Sendable {
    private let folder: String
    private let watchdog: Watchdog

    private static let started = Result { try ThrowAwayPooler() }

    /// The same database by way of the pooler.
    ///
    /// - Parameter location: What ``ThrowAwayPostgres/makeDatabase(named:)-type.method`` gave.
    /// - Throws: ``ScratchError`` where there is no PgBouncer, or it does not start.
    public static func location(of location: String) throws -> String {
        let pooler = try started.get()
        let server = try ThrowAwayPostgres.shared.folder
        let encoded = server.replacing("/", with: "%2F")
        let pooled = pooler.folder.replacing("/", with: "%2F")
        precondition(location.contains("host=\(encoded)"), "not a location of the throw-away server")
        return location.replacing("host=\(encoded)", with: "host=\(pooled)") + "&port=\(port)"
    }

    private static let port = 6432

    private init() throws {
        let program = try Self.find()
        folder = try TemporaryFolder.make(in: "/tmp")
        // Consecutive transactions go to different servers, as they do where many clients share few.
        let settings = """
            [databases]
            * = host=\(try ThrowAwayPostgres.shared.folder)
            [pgbouncer]
            unix_socket_dir = \(folder)
            listen_port = \(Self.port)
            auth_type = trust
            auth_file = \(folder)/users
            pool_mode = transaction
            default_pool_size = 20
            min_pool_size = 3
            server_round_robin = 1
            """
        try Data(settings.utf8).write(to: URL(fileURLWithPath: folder + "/pgbouncer.ini"))
        try Data("\"postgres\" \"\"\n".utf8).write(to: URL(fileURLWithPath: folder + "/users"))
        try ServerUser.take(folder)
        watchdog = try Watchdog(
            folder: folder, programs: program, prefix: ServerUser.prefix(), script: Self.script)
        try waitUntilReady()
    }

    private static func find() throws -> String {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let folders = path + ["/usr/sbin", "/opt/homebrew/bin", "/usr/local/bin"]
        for folder in folders where FileManager.default.isExecutableFile(atPath: folder + "/pgbouncer") {
            return folder + "/pgbouncer"
        }
        throw ScratchError(
            "there is no PgBouncer on this machine, and these tests need one; install it (apt-get install pgbouncer, or "
                + "brew install pgbouncer)")
    }

    private func waitUntilReady() throws {
        let limit = ContinuousClock.now + .seconds(30)
        while true {
            do {
                let server = try ThrowAwayPostgres.shared.location(database: "postgres")
                let pooled = server.replacing(
                    "host=" + (try ThrowAwayPostgres.shared.folder).replacing("/", with: "%2F"),
                    with: "host=" + folder.replacing("/", with: "%2F"))
                let connection = try PostgresConnection(pooled + "&port=\(Self.port)")
                _ = try connection.query("SELECT 1")
                return
            } catch {
                guard watchdog.isRunning, ContinuousClock.now < limit else {
                    let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
                    throw ScratchError("PgBouncer does not start: \(error)\n\(log)\(watchdog.complaint)")
                }
                Thread.sleep(forTimeInterval: 0.02)
            }
        }
    }

    private static let script = #"""
        program=$1 folder=$2
        exec 3<&0
        trap '' INT TERM HUP
        "$program" -q "$folder/pgbouncer.ini" >"$folder/log" 2>&1 </dev/null 3<&- &
        server=$!
        (
            while read -r line; do :; done
            for signal in TERM TERM TERM TERM KILL; do
                kill -$signal $server || break
                sleep 0.25
            done
        ) <&3 2>/dev/null &
        wait $server
        echo ended >"$folder/ended"
        while read -r line; do :; done <&3
        rm -rf "$folder"
        """#
}
