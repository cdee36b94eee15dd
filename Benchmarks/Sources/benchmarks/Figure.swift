/// A measured figure, and where there is one the target that it is held to.
struct Figure {
    enum Unit: String {
        /// Times as fast, or as long, as what it is measured against.
        case ratio = ""
        case milliseconds = " ms"
        case mebibytes = " MiB"
    }

    enum Target {
        case atLeast(Double)
        case atMost(Double)

        func isMet(by value: Double) -> Bool {
            switch self {
            case .atLeast(let limit): value >= limit
            case .atMost(let limit): value <= limit
            }
        }
    }

    var database: String
    var what: String
    var against: String
    var value: Double
    var unit = Unit.ratio
    var target: Target?
}

extension [Double] {
    /// The value below which that part of the values lies.
    func quantile(_ part: Double) -> Double {
        guard !isEmpty else { return 0 }
        let sorted = sorted()
        return sorted[Swift.min(count - 1, Int(part * Double(count)))]
    }

    var median: Double { quantile(0.5) }
}
