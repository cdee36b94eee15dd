import ArgumentParser
import MigrationEngine

/// How backfills make way for whoever else uses the database.
struct PacingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How many connections fill a table at a time (PostgreSQL; default: half of the machine's cores, at most 4).",
            valueName: "number"))
    var workers: Int?

    @Option(
        help: ArgumentHelp(
            "How long a batch may take, and a writer wait for its rows (default: 100ms in PostgreSQL, 25ms in SQLite).",
            valueName: "duration"))
    var batchTime: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "The pause behind each batch, as a part of the batch's time: 1 is half speed (default: 0 in PostgreSQL).",
            valueName: "ratio"))
    var nice: Double?

    @Option(
        help: ArgumentHelp(
            """
            How far a replica may be behind before a backfill waits for it, or off (default: 5s, where the role may see it).
            """, valueName: "duration"))
    var maxLag: LagArgument?

    @Option(
        help: ArgumentHelp(
            "How many sessions of others may be active before a backfill waits (PostgreSQL; default: any number).",
            valueName: "number"))
    var maxLoad: Int?

    @Option(
        help: ArgumentHelp(
            """
            How long a backfill that is paused or held up, or an index build behind transactions of others, waits before \
            leaving with code 3 (default: 1h).
            """, valueName: "duration"))
    var maxHold: DurationArgument?

    func validate() throws {
        if let workers, !(1...64).contains(workers) {
            throw ValidationError("--workers must be from 1 to 64, not \(workers)")
        }
        if let nice, !(0...100).contains(nice) {
            throw ValidationError("--nice must be from 0 to 100, not \(nice)")
        }
        if let maxLoad, maxLoad < 1 { throw ValidationError("--max-load must be at least 1, not \(maxLoad)") }
        if let batchTime, !(.milliseconds(5)...Duration.seconds(10)).contains(batchTime.duration) {
            throw ValidationError("--batch-time must be from 5ms to 10s")
        }
    }

    /// What they say.
    var pacing: Pacing {
        var pacing = Pacing()
        pacing.workers = workers
        pacing.batchTime = batchTime?.duration
        pacing.nice = nice
        pacing.maxLoad = maxLoad
        if let limit = maxHold?.duration { pacing.holdLimit = limit }
        switch maxLag {
        case nil: break
        case .off: pacing.ignoresLag = true
        case .limit(let limit): pacing.maxLag = limit
        }
        return pacing
    }
}

/// `5s`, or `off`.
enum LagArgument: ExpressibleByArgument {
    case off
    case limit(Duration)

    init?(argument: String) {
        if argument == "off" {
            self = .off
        } else if let duration = DurationArgument(argument: argument)?.duration {
            self = .limit(duration)
        } else {
            return nil
        }
    }
}
