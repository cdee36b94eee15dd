import DoubleWriteContract
import Testing

/// Every one of the first beside every one of the second.
func pairs<First: Sendable, Second: Sendable>(_ first: [First], _ second: [Second]) -> [(First, Second)] {
    first.flatMap { one in second.map { (one, $0) } }
}

extension StandIn {
    /// Every database with every way to begin a transaction there.
    static let beginnings: [(StandIn, String)] = [
        (.postgres, "BEGIN ISOLATION LEVEL READ COMMITTED"),
        (.postgres, "BEGIN ISOLATION LEVEL REPEATABLE READ"),
        (.postgres, "BEGIN ISOLATION LEVEL SERIALIZABLE"),
        (.sqlite, "BEGIN"), (.sqlite, "BEGIN IMMEDIATE"),
    ]
}

/// Fails with each of the differences that were found.
func expectNone(_ differences: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    for difference in differences { Issue.record("\(difference)", sourceLocation: sourceLocation) }
}
