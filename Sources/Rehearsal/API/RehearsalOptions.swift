public import DoubleWrite
public import MigrationEngine

/// What a rehearsal is to be like.
public struct RehearsalOptions: Sendable {
    /// The database that the migration is rehearsed on.
    public var dialect: Dialect
    /// What all schedules follow from.
    public var seed: UInt64
    /// How many schedules are played.
    public var schedules: Int
    /// The one schedule to play, from 1; `nil` for all.
    public var only: Int?
    /// How many rows each table has at the beginning.
    public var rows: Int
    /// The applications that are attested, as `bellows.yaml` lists them.
    public var applications: [String]
    /// SQL of the schema before the first migration that is rehearsed; `nil` where the files before it make it.
    public var schema: String?
    /// The address of a PostgreSQL server for the scratch databases; without one a server is started.
    public var server: String?
    /// Whether one run more is made beside writers on threads of their own, to measure what they wait for.
    public var isTimed = true
    /// Where a sample of rows is copied from.
    public var copyFrom: DatabaseLocation?
    /// Ends the rehearsal behind the schedule that is played.
    public var stop: StopSwitch?

    /// A rehearsal of a few schedules.
    public init(
        dialect: Dialect, seed: UInt64 = 1, schedules: Int = 20, only: Int? = nil, rows: Int = 6,
        applications: [String] = ["app"], schema: String? = nil, server: String? = nil,
        copyFrom: DatabaseLocation? = nil
    ) {
        self.dialect = dialect
        self.seed = seed
        self.schedules = schedules
        self.only = only
        self.rows = rows
        self.applications = applications
        self.schema = schema
        self.server = server
        self.copyFrom = copyFrom
    }
}
