internal import DoubleWrite
internal import Foundation
internal import MigrationCore

/// Runs plans against one database: keeps the state, holds the lease, watches the gates.
///
/// Synchronous and not Sendable: it is used from one plain thread, never from a task. A command makes one,
/// calls one verb and lets it go.
///
/// ```swift
/// let engine = try Engine(.sqlite(path: "shelter.db"), settings: Settings(), observer: SilentObserver())
/// let report = try engine.apply(sources, names: [], through: .transition)
/// ```
public final class Engine {
    let location: DatabaseLocation
    let settings: Settings
    let observer: any EngineObserver
    var runners = Runners()
    var tally = Tally()
    var database: any TargetDatabase

    /// How this engine opens its database, as the runner that it is now.
    var opening: DatabaseOpening { Self.opening(location, settings, runners.token) }

    /// Connects. Nothing is written yet: a SQLite file that is not there is made by the first verb that
    /// writes.
    ///
    /// - Throws: ``EngineError`` with exit code 1 where the database cannot be opened.
    public init(_ location: DatabaseLocation, settings: Settings, observer: any EngineObserver)
        throws(EngineError)
    {
        self.location = location
        self.settings = settings
        self.observer = observer
        let opening = Self.opening(location, settings, runners.token)
        database = try Self.wording("opening the database", location) {
            try Self.connect(opening, settings, observer)
        }
    }

    /// A connection like the first one.
    func connect() throws -> any TargetDatabase { try Self.connect(opening, settings, observer) }

    private static func connect(
        _ opening: DatabaseOpening, _ settings: Settings, _ observer: any EngineObserver
    ) throws -> any TargetDatabase {
        let database = try opening.openForReading()
        database.patience = LockPatience(settings, observer)
        // SQLite looks at the file only when it is asked something.
        _ = try database.hasState()
        return database
    }

    private static func opening(
        _ location: DatabaseLocation, _ settings: Settings, _ token: String
    ) -> DatabaseOpening {
        DatabaseOpening(
            location: location, direct: settings.directDatabase, token: token,
            busyTimeout: settings.lockTimeout, silenceLimit: settings.silenceLimit,
            pageLimit: settings.faults.pageLimit)
    }

    /// Closes the connections. Calling anything afterwards fails.
    public func close() { database.close() }

    var store: StateStore { StateStore(database: database) }

    var runner: Runner {
        Runner(database: database, settings: settings, observer: observer, token: runners.token, tally: tally)
    }

    /// Runs `body`, and words whatever it throws as an error of the engine.
    static func wording<Result>(_ doing: String, _ location: DatabaseLocation, _ body: () throws -> Result)
        throws(EngineError) -> Result
    {
        do {
            return try body()
        } catch let error as EngineError {
            throw error
        } catch let failure as DatabaseFailure {
            throw failure.engineError(doing: doing, location: location.description)
        } catch let problems as PlanningProblems {
            throw EngineError(.planning(problems.problems))
        } catch {
            throw EngineError(.state(message: "\(error)"))
        }
    }

    /// ``wording(_:_:_:)`` for this engine's database.
    func wording<Result>(_ doing: String, _ body: () throws -> Result) throws(EngineError) -> Result {
        try Self.wording(doing, location, body)
    }

    /// Makes sure that there is a database and a state in it to write to.
    func prepareToWrite() throws {
        if case .sqlite = location {
            database.close()
            database = try opening.openForWriting()
            database.patience = LockPatience(settings, observer)
        }
        try patiently { try store.ensure() }
    }

    /// Runs `body` again, with pauses, while somebody else holds the lock that it needs.
    func patiently<Result>(_ body: () throws -> Result) throws -> Result {
        try database.patience.trying(database.lockedObject(nil), of: nil, in: database, body)
    }

    /// Runs `body` while this process holds the lease.
    func leased<Result>(_ body: () throws -> Result) throws -> Result {
        let claim = LeaseClaim(
            token: runners.token, host: settings.host, user: settings.user,
            processID: settings.faults.processID ?? ProcessTable.ownID,
            duration: settings.lease)
        let lease = try Lease(
            claim, store: store, opening: opening, observer: observer, replacing: runners.asking(),
            connectsAnew: settings.reconnectTimeout > .zero)
        runners.note(isHeld: true)
        do {
            let result = try body()
            lease.end()
            runners.note(isHeld: false)
            return result
        } catch {
            throw lease.end(with: error)
        }
    }
}
