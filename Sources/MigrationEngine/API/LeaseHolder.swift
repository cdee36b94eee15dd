/// Who runs migrations on a database now.
public struct LeaseHolder: Sendable, Hashable {
    /// The machine's name.
    public var host: String
    /// The process on that machine.
    public var processID: Int64
    /// Who it belongs to.
    public var user: String
    /// Since when, by the database's clock.
    public var since: Moment
    /// When it may be replaced, unless it renews its lease.
    public var expires: Moment

    /// Made of these facts.
    public init(host: String, processID: Int64, user: String, since: Moment, expires: Moment) {
        self.host = host
        self.processID = processID
        self.user = user
        self.since = since
        self.expires = expires
    }
}

extension LeaseHolder: CustomStringConvertible {
    /// `process 4711 of ann on build-3`.
    public var description: String { "process \(processID) of \(user) on \(host)" }
}
