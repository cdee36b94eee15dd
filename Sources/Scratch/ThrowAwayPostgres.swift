import DoubleWrite
import Foundation
import PostgresDriver
import Synchronization

/// A PostgreSQL server of its own for this process: made when first asked for, on a Unix socket in a temporary
/// folder, gone with everything in it when the process ends, however it ends.
///
///     let location = try ThrowAwayPostgres.makeDatabase()
///     let connection = try PostgresConnection(location)
public final class ThrowAwayPostgres: Sendable {
    /// The user that everything belongs to.
    public static let superuser = "postgres"

    /// The folder with `psql`, `pg_dump` and the server's programs.
    public let programs: String
    /// The folder of the socket: the `host` of a connection.
    public let folder: String
    private let watchdog: Watchdog
    private let count = Mutex(0)

    private static let started = Result { try ThrowAwayPostgres() }

    /// This process's server, started when first asked for.
    ///
    /// - Throws: ``ScratchError`` where there is no PostgreSQL, or it does not start.
    public static var shared: ThrowAwayPostgres {
        get throws { try started.get() }
    }

    /// A fresh database on this process's server; see ``makeDatabase(named:)-method``.
    public static func makeDatabase(named name: String? = nil) throws -> String {
        try shared.makeDatabase(named: name)
    }

    /// Another server, for a test that restarts or fills it; gone when the last reference goes.
    ///
    /// - Parameter segments: The size of a file of the write-ahead log, in MiB.
    public init(segments: Int = 16) throws {
        programs = try PostgresPrograms.find()
        // In memory where there is room: making a database is making three hundred files, and costs a disk ten times more.
        folder = try TemporaryFolder.make()
        try ServerUser.take(folder)
        watchdog = try Watchdog(
            folder: folder, programs: programs, prefix: ServerUser.prefix(), segments: segments)
        try waitUntilReady()
    }

    /// Makes a fresh database.
    ///
    /// - Parameter name: Its name, however hostile; one of its own by default.
    /// - Returns: Its location, for the superuser.
    public func makeDatabase(named name: String? = nil) throws -> String {
        let number = count.withLock { count in
            count += 1
            return count
        }
        let name = name ?? "test_\(number)"
        let connection = try PostgresConnection(location(database: "postgres"))
        defer { connection.close() }
        // Where nothing is synchronised to a disk, copying files is faster than logging their blocks, which is usual from 15 on.
        let strategy = connection.serverVersion < 150_000 ? "" : " STRATEGY FILE_COPY"
        _ = try connection.execute("CREATE DATABASE " + Dialect.postgres.quote(name) + strategy)
        return location(database: name)
    }

    /// Drops a database that ``makeDatabase(named:)`` made on this process's server, as far as it lets itself be
    /// dropped: where a test is over there is nobody to tell.
    public static func dropDatabase(_ location: String) {
        try? shared.dropDatabase(location)
    }

    /// Drops a database that ``makeDatabase(named:)-method`` made, whoever is connected to it.
    public func dropDatabase(_ location: String) throws {
        let encoded = location.dropFirst("postgres:///".count).prefix { $0 != "?" }
        guard let name = String(encoded).removingPercentEncoding else {
            throw ScratchError("'\(location)' is no location of a database that was made here")
        }
        let connection = try PostgresConnection(self.location(database: "postgres"))
        defer { connection.close() }
        _ = try connection.execute("DROP DATABASE " + Dialect.postgres.quote(name) + " WITH (FORCE)")
    }

    /// Makes a role that may log in, and must give its password to do so: all others are trusted.
    public func makeRole(named name: String, password: String) throws {
        let connection = try PostgresConnection(location(database: "postgres"))
        defer { connection.close() }
        let role = Dialect.postgres.quote(name)
        _ = try connection.execute(
            """
            CREATE ROLE \(role) LOGIN PASSWORD \(Dialect.postgres.literal(password)); \
            GRANT password_required TO \(role)
            """)
    }

    /// The location of a database on this server, as a URL.
    public func location(
        database: String, user: String = ThrowAwayPostgres.superuser, password: String? = nil
    ) -> String {
        let secret = password.map { "&password=" + encoded($0) } ?? ""
        return "postgres:///\(encoded(database))?host=\(encoded(folder))&user=\(encoded(user))\(secret)"
    }

    /// How long the server's log is now, for ``log(since:)``.
    public func logMark() -> Int { (try? Data(contentsOf: logFile))?.count ?? 0 }

    /// What the server has written to its log since a mark. Every statement that fails is in it, after `ERROR:`.
    public func log(since mark: Int = 0) throws -> String {
        String(decoding: try Data(contentsOf: logFile).dropFirst(mark), as: UTF8.self)
    }

    private var logFile: URL { URL(fileURLWithPath: folder + "/log") }

    private func encoded(_ text: String) -> String {
        let plain = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? text
    }

    func waitUntilReady(_ statement: String = "CREATE ROLE password_required NOLOGIN") throws {
        let limit = ContinuousClock.now + .seconds(60)
        while true {
            do {
                let connection = try PostgresConnection(location(database: "postgres"))
                _ = try connection.execute(statement)
                return
            } catch {
                guard watchdog.isRunning, ContinuousClock.now < limit else {
                    let log = (try? log()) ?? ""
                    throw ScratchError("PostgreSQL does not start: \(error)\n\(log)\(watchdog.complaint)")
                }
                Thread.sleep(forTimeInterval: 0.02)
            }
        }
    }
}
