internal import DoubleWrite
internal import Foundation
internal import MigrationEngine
internal import PostgresDriver
internal import SQLiteDriver
internal import Scratch
internal import Synchronization

/// Where scratch databases are made, copied and dropped: a folder of SQLite files, or a PostgreSQL server.
///
/// Nothing stays behind: what is not dropped by then is when the last reference goes.
final class ScratchPlace: Sendable {
    private enum Kind: Sendable {
        case folder(TemporaryFolder)
        /// The address of any database of the server.
        case server(String)
    }

    private let kind: Kind
    private let state = Mutex<(count: Int, made: Set<DatabaseLocation>)>((0, []))
    private let isClosed = Mutex(false)
    /// Two rehearsals may use one server.
    private let prefix = "bellows_rehearsal_" + String(UInt32.random(in: 0...UInt32.max), radix: 36)

    /// - Parameter server: The address of a PostgreSQL server's database; without one a server is started.
    /// - Throws: ``Scratch/ScratchError`` where there are no programs to start a server with.
    init(_ dialect: Dialect, server: String?) throws {
        switch dialect {
        case .sqlite: kind = .folder(try TemporaryFolder())
        case .postgres:
            kind = .server(try server ?? ThrowAwayPostgres.shared.location(database: "postgres"))
        }
    }

    deinit { dropAll() }

    /// Drops every database that is still there, from any thread, whoever is connected to it; none is made from then on.
    func dropAll() {
        // One that is being made is waited for.
        isClosed.withLock { $0 = true }
        for location in state.withLock(\.made) { drop(location) }
        if case .folder(let folder) = kind { try? FileManager.default.removeItem(atPath: folder.path) }
    }

    /// An empty database.
    func make() throws -> DatabaseLocation { try make(from: nil) }

    /// A database with everything that the other one holds, which nobody may be connected to.
    func copy(_ location: DatabaseLocation) throws -> DatabaseLocation { try make(from: location) }

    private func make(from template: DatabaseLocation?) throws -> DatabaseLocation {
        let count = state.withLock { state in
            state.count += 1
            return state.count
        }
        let location: DatabaseLocation
        switch (kind, template) {
        case (.folder(let folder), .sqlite(let path)?):
            let file = folder.file("\(count).db")
            try FileManager.default.copyItem(atPath: path, toPath: file)
            location = .sqlite(path: file)
        case (.folder(let folder), _):
            let file = folder.file("\(count).db")
            let connection = try SQLiteConnection(path: file, mode: .create)
            // The file is there once something is in it.
            try connection.execute("PRAGMA user_version = 0; VACUUM")
            connection.close()
            location = .sqlite(path: file)
        case (.server(let address), let template):
            let name = "\(prefix)_\(count)"
            var statement = "CREATE DATABASE \(Dialect.postgres.quote(name))"
            if let template {
                statement += " TEMPLATE \(Dialect.postgres.quote(try Self.name(of: template)))"
            }
            location = .postgres(Self.address(address, database: name))
            try isClosed.withLock { isClosed in
                guard !isClosed else { throw RehearsalError("the rehearsal was stopped") }
                try Self.create(statement, at: address)
                note(location)
            }
            return location
        }
        note(location)
        return location
    }

    private func note(_ location: DatabaseLocation) {
        state.withLock { state in _ = state.made.insert(location) }
    }

    private static func create(_ statement: String, at address: String) throws {
        do {
            try run(statement, at: address)
        } catch let error as PostgresError where error.sqlState == SQLState.insufficientPrivilege {
            throw RehearsalError(
                "cannot make a scratch database: \(error); the role that --scratch names needs CREATEDB")
        } catch let error as PostgresError where error.isConnectionLost {
            throw RehearsalError("cannot make a scratch database: \(error)")
        }
    }

    /// Drops a database, whoever is connected to it. One that cannot be dropped stays: the rehearsal is not about it.
    func drop(_ location: DatabaseLocation) {
        // Known until it is gone: whoever drops all the others meanwhile, and then ends the process, drops it as well.
        defer { state.withLock { state in _ = state.made.remove(location) } }
        switch (kind, location) {
        case (.folder, .sqlite(let path)):
            for suffix in ["", "-wal", "-shm", "-journal"] {
                try? FileManager.default.removeItem(atPath: path + suffix)
            }
        case (.server(let address), .postgres):
            guard let name = try? Self.name(of: location) else { return }
            try? Self.run("DROP DATABASE IF EXISTS \(Dialect.postgres.quote(name)) WITH (FORCE)", at: address)
        case (.folder, .postgres), (.server, .sqlite): break
        }
    }

    private static func run(_ statement: String, at address: String) throws {
        let connection = try PostgresConnection(address)
        defer { connection.close() }
        _ = try connection.execute(statement)
    }

    /// libpq takes what is said last.
    private static func address(_ address: String, database: String) -> String {
        guard address.contains("://") else { return "\(address) dbname=\(database)" }
        return address + (address.contains("?") ? "&" : "?") + "dbname=\(database)"
    }

    private static func name(of location: DatabaseLocation) throws -> String {
        guard case .postgres(let address) = location,
            let start = address.range(of: "dbname=", options: .backwards)
        else { throw ScratchError("'\(location)' is no database of this place") }
        return String(address[start.upperBound...])
    }
}
