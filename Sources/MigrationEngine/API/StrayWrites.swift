public import DoubleWrite

/// Writes that knew the old shape only, which a guard (`guard: true`) healed and counted: those of one writer at one stage
/// of one change.
public struct StrayWrites: Sendable, Hashable {
    /// The change.
    public var change: ChangeID
    /// The stage that was recorded when they were written.
    public var stage: Stage?
    /// Rows that were written.
    public var writes: Int64
    /// The last of them, by the database's clock.
    public var last: Moment
    /// Who logged in; `nil` where the database does not know.
    public var role: String?
    /// What the writer's connection calls itself; `nil` where the database does not know.
    public var application: String?

    /// Made of these facts.
    public init(
        change: ChangeID, stage: Stage?, writes: Int64, last: Moment, role: String? = nil,
        application: String? = nil
    ) {
        self.change = change
        self.stage = stage
        self.writes = writes
        self.last = last
        self.role = role
        self.application = application
    }
}

extension StrayWrites: CustomStringConvertible {
    /// `3 writes at 'both', the last 2026-11-25 10:00:00Z, by 'cron' (application 'nightly')`.
    public var description: String {
        var text = "\(writes) write\(writes == 1 ? "" : "s")"
        if let stage { text += " at '\(stage.rawValue)'" }
        text += ", the last \(last)"
        if let role { text += ", by '\(role)'" }
        if let application, !application.isEmpty { text += " (application '\(application)')" }
        return text
    }
}
