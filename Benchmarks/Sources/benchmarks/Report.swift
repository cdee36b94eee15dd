import Foundation

/// The comparisons as a table for people and as JSON for scripts.
struct Report {
    private(set) var comparisons: [Comparison] = []

    mutating func add(_ comparison: Comparison) {
        if comparisons.isEmpty { print("\n" + Self.heading) }
        comparisons.append(comparison)
        print(line(comparison))
    }

    private(set) var figures: [Figure] = []

    mutating func add(_ figure: Figure) {
        if figures.isEmpty { print("\n" + Self.figureHeading) }
        figures.append(figure)
        print(line(figure))
    }

    /// Whether every figure that has a target meets it.
    var meetsTargets: Bool { figures.allSatisfy { $0.target?.isMet(by: $0.value) ?? true } }

    static let figureHeading = """
        database  what                                              against                      value       target
        --------  ------------------------------------------------  ---------------------------  ----------  ------
        """

    private func line(_ figure: Figure) -> String {
        let target =
            switch figure.target {
            case nil: ""
            case .atLeast(let limit): ">= \(number(limit))"
            case .atMost(let limit): "<= \(number(limit))"
            }
        let verdict = figure.target.map { $0.isMet(by: figure.value) ? " met" : " MISSED" } ?? ""
        return [
            padded(figure.database, 8), padded(figure.what, 48), padded(figure.against, 27),
            padded(number(figure.value) + figure.unit.rawValue, 10), target + verdict,
        ].joined(separator: "  ")
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text.count >= width ? text : text.padding(toLength: width, withPad: " ", startingAt: 0)
    }

    private(set) var pauses: [Pause] = []

    mutating func add(_ pause: Pause) {
        if pauses.isEmpty { print("\n" + Self.pauseHeading) }
        pauses.append(pause)
        let subject = pause.subject.padding(toLength: 60, withPad: " ", startingAt: 0)
        print(
            "\(pause.database.padding(toLength: 8, withPad: " ", startingAt: 0))  \(subject)  \(number(pause.longest))"
        )
    }

    static let pauseHeading = """
        database  what                                                          longest, ms
        --------  ------------------------------------------------------------  -----------
        """

    static let heading = """
        database  what                                            against                      ratio   (range)
        --------  ----------------------------------------------  ---------------------------  -----  -------------
        """

    private func line(_ comparison: Comparison) -> String {
        let range = "\(number(comparison.ratios.min() ?? 0)) - \(number(comparison.ratios.max() ?? 0))"
        return [
            padded(comparison.database, 8), padded(comparison.subject, 46), padded(comparison.baseline, 27),
            " \(number(comparison.ratio))", " \(range)",
        ].joined(separator: "  ")
    }

    /// A line as soon as it is known, also where the output is a file.
    private func print(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    private func number(_ value: Double) -> String { String(format: "%.2f", value) }

    /// The comparisons as JSON.
    func json() throws -> Data {
        let rows = comparisons.map { comparison in
            Row(
                database: comparison.database, what: comparison.subject, against: comparison.baseline,
                ratio: comparison.ratio, ratios: comparison.ratios)
        }
        let waits = pauses.map { pause in
            Row(
                database: pause.database, what: pause.subject, against: "the same without a rebuild",
                ratio: pause.quiet > 0 ? pause.longest / pause.quiet : 0, ratios: [],
                milliseconds: pause.longest)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let measured = figures.map { figure in
            Row(
                database: figure.database, what: figure.what, against: figure.against,
                ratio: figure.unit == .ratio ? figure.value : nil, ratios: [],
                milliseconds: figure.unit == .milliseconds ? figure.value : nil,
                mebibytes: figure.unit == .mebibytes ? figure.value : nil,
                isTargetMet: figure.target?.isMet(by: figure.value))
        }
        return try encoder.encode(rows + waits + measured)
    }

    private struct Row: Encodable {
        var database: String
        var what: String
        var against: String
        var ratio: Double?
        var ratios: [Double]
        var milliseconds: Double?
        var mebibytes: Double?
        var isTargetMet: Bool?
    }
}
