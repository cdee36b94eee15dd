import ArgumentParser
import MigrationEngine

/// What a run does when it loses its connection.
struct ReconnectOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to try to connect again when the connection is lost (default: 1m; 0s: not at all).",
            valueName: "duration"))
    var reconnectTimeout: DurationArgument?

    @Option(
        help: ArgumentHelp(
            """
            After how long without a word of the server to ask over another connection whether it still works on the \
            statement (PostgreSQL; default: 1m). Where it does it is waited for, else the connection is lost.
            """, valueName: "duration"))
    var silenceLimit: DurationArgument?

    func validate() throws {
        if let silenceLimit, silenceLimit.duration < .milliseconds(100) {
            throw ValidationError("--silence-limit must be at least 100ms")
        }
    }

    /// The settings with what the options say.
    func applied(to settings: Settings) -> Settings {
        var settings = settings
        if let timeout = reconnectTimeout { settings.reconnectTimeout = timeout.duration }
        if let limit = silenceLimit { settings.silenceLimit = limit.duration }
        return settings
    }
}
