internal import Foundation

/// What `bellows.yaml` and the command line say of how a run goes.
public struct Settings: Sendable {
    /// The applications that must be attested before a phase that depends on them.
    public var applications: [String] = ["app"]
    /// After how long a silent runner may be replaced.
    public var lease: Duration = .seconds(30)
    /// How long a retired column waits before it is dropped.
    public var soak: Duration = .seconds(24 * 3600)
    /// How long one attempt to get a lock may hold up the writers behind it.
    public var lockTimeout: Duration = .milliseconds(500)
    /// How often a lock is tried for, with growing pauses, before the run ends with exit code 5.
    public var lockAttempts: Int = 30
    /// How long a run waits for transactions that were open at a flip, before it ends with exit code 3.
    public var settleTimeout: Duration = .seconds(5)
    /// How long a run tries to connect again when its connection was lost; not at all where it is zero.
    public var reconnectTimeout: Duration = .seconds(60)
    /// PostgreSQL: for how long nothing may be heard of the server before it is asked over another connection whether it still
    /// works on the statement. A statement that it works on is waited for, however long it takes; else the connection is
    /// lost. A transaction of ours that hears nothing of us for as long is ended by the server.
    public var silenceLimit: Duration = .seconds(60)
    /// Whether nothing else writes to the database now: releases, settling and soaks are passed over.
    public var noWriters = false
    /// How backfills make way for whoever else uses the database.
    public var pacing = Pacing()
    /// What asks the run to end early; `nil` where nobody does.
    public var stop: StopSwitch?
    /// PostgreSQL: the address of the server itself, where the database is reached by way of a pooler: what needs a session
    /// of its own (`CONCURRENTLY`) goes there.
    public var directDatabase: String?
    /// The machine's name, for the lease.
    public var host: String
    /// Who runs this, for the lease.
    public var user: String
    /// Where the tests and the rehearsal stop a run.
    package var faults = FaultInjection()

    /// The defaults, this machine and its user.
    public init() {
        host = ProcessInfo.processInfo.hostName
        user = ProcessInfo.processInfo.environment["USER"] ?? NSUserName()
    }
}
