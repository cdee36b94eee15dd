public import MigrationCore

/// Why a run ended, in facts; ``description`` words them. Holds no password and no bound value.
public struct EngineError: Error, Sendable, Hashable {
    /// What is wrong.
    public enum Reason: Sendable, Hashable {
        /// The database cannot be reached, or is none.
        case connection(location: String, code: String?, message: String)
        /// The connection was lost in mid-run.
        case connectionLost(location: String, code: String?, message: String)
        /// The database refused a statement.
        case database(doing: String, code: String?, message: String, hint: String?)
        /// The database, or the role, does not allow writing.
        case readOnly(location: String, message: String)
        /// No plan can be made.
        case planning([PlanningProblem])
        /// Two migrations change the same column at the same time.
        case conflict(migration: String, with: String, column: String)
        /// Names that no file has, and the nearest one that exists for each.
        case unknownMigrations([String: String?])
        /// An application that is not listed, the ones that are, and the nearest.
        case unknownApplication(String, known: [String], nearest: String?)
        /// Files that were edited after their migration began.
        case editedFiles([String])
        /// Files that were edited after their migration was finished.
        case editedFinishedFiles([String])
        /// Migrations that the state knows, but no file does.
        case missingFiles([String])
        /// Tables that are not as the migrations in flight left them.
        case drift([Drift])
        /// Objects that use a column that the migration takes away, and were not there when it began.
        case newUses(migration: String, [Drift])
        /// A lock could not be had.
        case lockTimeout(object: String, attempts: Int, blockers: [Blocker])
        /// Somebody else runs migrations now.
        case leaseHeld(LeaseHolder)
        /// Somebody else took this run's lease over.
        case leaseLost(by: LeaseHolder?)
        /// A backfill does not come to an end.
        case backfillStuck(step: String, passes: Int, remaining: Int64, samples: [String])
        /// An index could not be built, or one of that name belongs to something else.
        case index(name: String, message: String)
        /// A statement needs a session of its own, and a pooler hands out the server's.
        case pooler(Pooler)
        /// `rollback` came to a step that cannot be taken back.
        case irreversible(migration: String, step: String, why: String)
        /// `rollback` of a migration under a later one that touches the same table.
        case laterMigration(migration: String, later: String, table: String)
        /// `rollback` would drop values that nothing else holds.
        case wouldLoseValues(migration: String, what: String, count: Int64)
        /// The migration is being rolled back: that must end first.
        case rollingBack(migration: String)
        /// Nothing to roll back.
        case nothingToRollBack([String])
        /// Several migrations are in flight: one must be named.
        case severalInFlight([String])
        /// The run was asked to end early, and did, where nothing was half done.
        case stopped(exitCode: Int32)
        /// The state in the database was written by a later version, or makes no sense.
        case state(message: String)
    }

    /// What is missing where a pooler stands in front of the server.
    public enum Pooler: Sendable, Hashable {
        /// Nobody said where the server itself is.
        case noDirectAddress
        /// The address that was given as the server's own is a pooler's as well.
        case directIsPooled
        /// The address that was given as the server's own leads to another database.
        case anotherDatabase
    }

    /// What is wrong, in facts.
    public var reason: Reason
    /// The migration that was running, where one was.
    public var migration: String?
    /// The step that was running, where one was.
    public var step: String?

    /// Made of these facts.
    public init(_ reason: Reason, migration: String? = nil, step: String? = nil) {
        self.reason = reason
        self.migration = migration
        self.step = step
    }

    /// 1 failed, 2 usage, 4 drift or edited files, 5 no lock or lease.
    public var exitCode: Int32 {
        switch reason {
        case .connection, .connectionLost, .database, .readOnly, .planning, .conflict, .backfillStuck, .index,
            .pooler,
            .irreversible, .laterMigration, .wouldLoseValues, .rollingBack, .state:
            1
        case .unknownMigrations, .unknownApplication, .nothingToRollBack, .severalInFlight: 2
        case .editedFiles, .editedFinishedFiles, .missingFiles, .drift, .newUses: 4
        case .lockTimeout, .leaseHeld, .leaseLost: 5
        case .stopped(let exitCode): exitCode
        }
    }
}
