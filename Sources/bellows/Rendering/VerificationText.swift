import DoubleWrite
import MigrationEngine

/// What `verify` counted.
struct VerificationText {
    let report: VerificationReport
    var style = Style.plain

    var lines: [String] {
        let verdict = report.holds ? style("holds", .green) : style("violated", .red)
        let head =
            "\(report.migration.onOneLine)  \(report.table.description.onOneLine): \(verdict) in "
            + "\(Words.count(report.rows, "row")) at \(report.at)"
        return [head] + counts.map { "  " + $0 } + samples.map { "  " + $0 }
    }

    /// `species = kind   0 rows disagree`.
    var counts: [String] {
        let width = report.counts.map(\.name.columns).max() ?? 0
        return report.counts.map { count in
            let rows = Words.count(count.violations, "row") + " disagree" + (count.violations == 1 ? "s" : "")
            return count.name.padded(to: width) + "   " + (count.violations == 0 ? rows : style(rows, .red))
        }
    }

    /// A few of the rows, as a table.
    var samples: [String] {
        guard !report.samples.rows.isEmpty else { return [] }
        let cells = [report.samples.columns.map(\.onOneLine)] + report.samples.rows.map { $0.map(\.words) }
        let widths = report.samples.columns.indices.map { column in
            cells.map { column < $0.count ? $0[column].columns : 0 }.max() ?? 0
        }
        return cells.enumerated().map { index, row in
            let line = zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            return index == 0 ? style(line, .dim) : line
        }
    }
}

extension SQLValue {
    /// The value as a person reads it, at most 40 characters of it.
    var words: String {
        switch self {
        case .null: "NULL"
        case .boolean(let boolean): boolean ? "true" : "false"
        case .integer(let integer): String(integer)
        case .real(let real): String(real)
        case .text(let text): "'" + (text.count > 40 ? text.prefix(40) + "..." : text).onOneLine + "'"
        case .blob(let bytes): "\(bytes.count) bytes"
        }
    }
}
