import Foundation

/// A point in time on the machine's monotonic clock, which every process on it shares.
struct Moment: Sendable, Hashable, Comparable {
    var nanoseconds: Int64

    init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    static func < (one: Moment, other: Moment) -> Bool { one.nanoseconds < other.nanoseconds }

    /// Now. `CLOCK_MONOTONIC` never goes back and means the same in every process until the machine is restarted.
    static func now() -> Moment {
        var time = timespec()
        let outcome = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        precondition(outcome == 0, "the machine has no monotonic clock")
        return Moment(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

extension Moment: CustomStringConvertible {
    /// Seconds with six places: enough to tell two statements apart.
    var description: String {
        let microseconds = nanoseconds / 1000
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction) s"
    }
}
