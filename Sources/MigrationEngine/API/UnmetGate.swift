public import MigrationCore

/// A condition that does not hold yet, and what would meet it.
public struct UnmetGate: Sendable, Hashable {
    /// What is waited for.
    public enum Condition: Sendable, Hashable {
        /// Applications whose attestation is missing or says something else.
        case release([MissingAttestation])
        /// The configured time since the column was retired.
        case soak(until: Moment, remaining: Duration)
        /// Transactions that were open at the last flip or attestation.
        case transactions([Blocker])
        /// Rows in which old and new disagree although every writer should write both.
        case violations(VerificationReport)
        /// A backfill that is paused, or was held up for too long because others needed the database more.
        case held([HoldReason])
        /// Earlier migrations that it builds on and that are not finished.
        case migrations([String])
    }

    /// The migration's name.
    public var migration: String
    /// The id of the step that cannot run.
    public var step: String
    /// The step's title.
    public var title: String
    /// What is waited for.
    public var condition: Condition
    /// For a release: the writes of the old shape alone that a guard has counted since the attestations.
    public var strays: [StrayWrites]

    /// Made of these facts.
    public init(
        migration: String, step: String, title: String, condition: Condition, strays: [StrayWrites] = []
    ) {
        self.strays = strays
        self.migration = migration
        self.step = step
        self.title = title
        self.condition = condition
    }
}

/// An application that must be attested.
public struct MissingAttestation: Sendable, Hashable {
    /// The application, as `bellows.yaml` lists it.
    public var application: String
    /// What every running instance must do.
    public var needs: Release.Conduct
    /// Whether writing through the helper will do as well.
    public var acceptsHelper: Bool
    /// What was attested last, where anything was.
    public var attested: Release.Conduct?
    /// Whether it was attested only for another content of the migration's file, which does not count.
    public var isAttestedForOtherFile: Bool

    /// Made of these facts.
    public init(
        application: String, needs: Release.Conduct, acceptsHelper: Bool, attested: Release.Conduct?,
        isAttestedForOtherFile: Bool = false
    ) {
        self.application = application
        self.needs = needs
        self.acceptsHelper = acceptsHelper
        self.attested = attested
        self.isAttestedForOtherFile = isAttestedForOtherFile
    }
}

extension MissingAttestation {
    /// What the command that attests it must name after `--as`; `nil` where the helper, which follows by itself, will
    /// do. An application that was attested to do it by its own code goes on that way.
    public var conductToName: Release.Conduct? {
        let followsByItself = acceptsHelper && (attested == nil || attested == .helper)
        return followsByItself ? nil : needs
    }
}
