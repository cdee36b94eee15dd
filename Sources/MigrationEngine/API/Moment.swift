internal import Foundation

/// A point in time by the database's clock.
public struct Moment: Sendable, Hashable, Comparable {
    /// Milliseconds since the beginning of 1970, UTC.
    public var milliseconds: Int64

    /// Made of these facts.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Whether the left moment is before the right one.
    public static func < (left: Moment, right: Moment) -> Bool { left.milliseconds < right.milliseconds }

    /// The moment that much later.
    public static func + (moment: Moment, duration: Duration) -> Moment {
        Moment(milliseconds: moment.milliseconds + duration.inMilliseconds)
    }

    /// The time from the right moment to the left one.
    public static func - (left: Moment, right: Moment) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }
}

extension Moment: CustomStringConvertible {
    /// `2026-11-21T04:28:49Z`.
    public var description: String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
    }
}

extension Duration {
    /// Whole milliseconds, as the state tables store spans of time.
    var inMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
