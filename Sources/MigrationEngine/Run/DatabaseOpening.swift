internal import Foundation
internal import SQLiteDriver

/// How to open the target database, on whichever thread.
struct DatabaseOpening: Sendable {
    var location: DatabaseLocation
    /// PostgreSQL: the address of the server itself, where ``location`` is a pooler's.
    var direct: String?
    /// The runner's token, which its connections bear.
    var token: String
    /// How long one attempt for SQLite's lock waits.
    var busyTimeout: Duration
    /// PostgreSQL: see ``Settings/silenceLimit``.
    var silenceLimit = Duration.seconds(60)
    /// Where the tests make a disk small; see ``FaultInjection/pageLimit``.
    var pageLimit: Int?

    /// Opens the database. A SQLite file must exist.
    func open() throws -> any TargetDatabase {
        switch location {
        case .postgres(let address):
            try PostgresDatabase(address, runner: token, direct: direct, silenceLimit: silenceLimit)
        case .sqlite(let path):
            try SQLiteDatabase(path: path, mode: .readWrite, busyTimeout: busyTimeout, pageLimit: pageLimit)
        }
    }

    /// Opens the database to look at it: a SQLite file that is not there is an empty database.
    func openForReading() throws -> any TargetDatabase {
        guard case .sqlite(let path) = location, !FileManager.default.fileExists(atPath: path) else {
            return try open()
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard FileManager.default.fileExists(atPath: folder) else {
            throw EngineError(
                .connection(
                    location: location.description, code: nil, message: "there is no folder '\(folder)'"))
        }
        return try SQLiteDatabase(path: ":memory:", mode: .create, busyTimeout: busyTimeout)
    }

    /// Opens the database to write to it: a SQLite file that is not there is made.
    func openForWriting() throws -> any TargetDatabase {
        guard case .sqlite(let path) = location else { return try open() }
        return try SQLiteDatabase(
            path: path, mode: .create, busyTimeout: busyTimeout, pageLimit: pageLimit)
    }
}
