import ArgumentParser
import MigrationEngine

/// What a run does when it loses its connection.
struct ReconnectOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to try to connect again when the connection is lost (default: 1m; 0s: not at all).",
            valueName: "duration"))
    var reconnectTimeout: DurationArgument?

    /// The settings with what the options say.
    func applied(to settings: Settings) -> Settings {
        var settings = settings
        if let timeout = reconnectTimeout { settings.reconnectTimeout = timeout.duration }
        return settings
    }
}
