/// Two ways to do the same, timed in turn, so that a machine that slows down slows both.
struct Comparison {
    var database: String
    var subject: String
    var baseline: String
    var ratios: [Double]

    /// The median of the rounds' ratios: below one, the subject is faster than the baseline.
    var ratio: Double { ratios.sorted()[ratios.count / 2] }

    /// Runs `baseline` and `subject` in turn, `rounds` times (an odd number), after one round that does not count.
    static func run(
        database: String, subject name: String, against baselineName: String, rounds: Int = 9,
        baseline: () throws -> Void, subject: () throws -> Void
    ) throws -> Comparison {
        let clock = ContinuousClock()
        var ratios: [Double] = []
        for round in 0...rounds {
            let first = try clock.measure(baseline)
            let second = try clock.measure(subject)
            if round > 0 { ratios.append(second / first) }
        }
        return Comparison(database: database, subject: name, baseline: baselineName, ratios: ratios)
    }
}

/// The longest that something took, in milliseconds.
struct Pause {
    var database: String
    var subject: String
    var longest: Double
    /// The longest that it took while nothing else ran.
    var quiet: Double
}
