internal import DoubleWrite

/// Ends what a server still does for a run that is about to end, from any thread.
public struct RunAbort: Sendable {
    let opening: DatabaseOpening
    /// The run's token now: it has another one behind each connection that it lost.
    let current: CurrentToken

    /// Ends the run's connections to a server, which rolls back what they have open. A file needs nothing.
    public func callAsFunction() {
        var opening = opening
        let token = current.value
        // Another name than the run's own, or it would end this connection, too.
        opening.token = ""
        guard case .postgres = opening.location, let database = try? opening.open() else { return }
        defer { database.close() }
        try? database.terminate(holder: token)
    }
}

extension Engine {
    /// What ends this engine's connections from elsewhere.
    public var abort: RunAbort { RunAbort(opening: opening, current: runners.tokens) }
}
