public import MigrationCore

/// Runs plans against one database: keeps the state, holds the lease, watches the gates.
///
/// Synchronous and not Sendable: it is used from one plain thread, never from a task. A command makes one, calls one
/// verb and lets it go.
///
/// ```swift
/// let engine = try Engine(.sqlite(path: "shelter.db"), settings: Settings(), observer: SilentObserver())
/// let report = try engine.apply(sources, names: [], through: .transition)
/// ```
public final class Engine {
    let location: DatabaseLocation
    let settings: Settings
    let observer: any EngineObserver

    /// Connects. Nothing is written yet.
    ///
    /// - Throws: ``EngineError`` with exit code 1 where the database cannot be opened.
    public init(_ location: DatabaseLocation, settings: Settings, observer: any EngineObserver)
        throws(EngineError)
    {
        self.location = location
        self.settings = settings
        self.observer = observer
    }

    /// The plans of the named migrations (all unfinished ones without names), in order: the stored plan of one that is
    /// in flight, else one made against the schema that those before leave behind. Writes nothing.
    public func plans(_ sources: [MigrationSource], names: [String] = []) throws(EngineError) -> [Plan] {
        []
    }

    /// Advances each named migration (all without names) as far as its gates and `phase` allow.
    ///
    /// A migration that waits at a gate does not hold up later, independent ones.
    public func apply(_ sources: [MigrationSource], names: [String] = [], through phase: Phase)
        throws(EngineError) -> ApplyReport
    {
        ApplyReport()
    }

    /// Records that an application's release is out.
    ///
    /// - Returns: the migrations that it was recorded for.
    public func attest(_ attestation: Attestation, sources: [MigrationSource]) throws(EngineError) -> [String]
    {
        []
    }

    /// Where every migration stands. Writes nothing.
    public func status(_ sources: [MigrationSource]) throws(EngineError) -> StatusReport {
        StatusReport()
    }

    /// Counts the rows in which old and new disagree now, for the named migrations in flight (all without names).
    /// Writes nothing.
    public func verify(_ sources: [MigrationSource], names: [String] = []) throws(EngineError)
        -> [VerificationReport]
    {
        []
    }

    /// Takes back what the named migrations did (without names the one in flight), with the same gates.
    public func rollback(_ sources: [MigrationSource], names: [String] = []) throws(EngineError)
        -> ApplyReport
    {
        ApplyReport()
    }

    /// Closes the connections.
    public func close() {}
}
