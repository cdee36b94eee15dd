/// Durations as they stand in files and options: a whole number and its unit, `500ms`, `30s`, `2m`, `24h`,
/// `7d`.
public enum DurationText {
    /// What a duration must look like, for messages.
    public static let expectation = "a duration such as 500ms, 30s, 2m, 24h or 7d"

    /// The longest duration that is taken: a thousand days.
    public static let longest: Duration = .seconds(1000 * 86_400)

    /// Reads a duration; `nil` where the text is none, or longer than ``longest``.
    public static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard digits.count <= 12, let number = Int64(digits),
            let unit = milliseconds[String(text.dropFirst(digits.count))]
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        let duration: Duration = .milliseconds(product)
        return duration <= longest ? duration : nil
    }

    /// Writes a duration in the largest unit that holds it whole.
    public static func text(_ duration: Duration) -> String {
        let parts = duration.components
        let total = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        if total == 0 { return "0s" }
        for (unit, size) in [("d", Int64(86_400_000)), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        where total % size == 0 {
            return "\(total / size)\(unit)"
        }
        return "\(total)ms"
    }

    private static let milliseconds: [String: Int64] = [
        "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
    ]
}
