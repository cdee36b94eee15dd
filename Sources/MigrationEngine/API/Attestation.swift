public import MigrationCore

/// The word that an application's release is out: every running instance of it behaves like this.
public struct Attestation: Sendable, Hashable {
    /// The application, as `bellows.yaml` lists it.
    public var application: String
    /// The migration it is said for; `nil` for all unfinished ones.
    public var migration: String?
    /// What the release is called, for the record.
    public var release: String?
    /// What every running instance does now.
    public var conduct: Release.Conduct

    /// Made of these facts.
    public init(
        application: String, migration: String? = nil, release: String? = nil,
        conduct: Release.Conduct = .helper
    ) {
        self.application = application
        self.migration = migration
        self.release = release
        self.conduct = conduct
    }
}
