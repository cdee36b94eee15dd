import DoubleWrite
import MigrationCore

/// Numbers, times and names as people read them.
enum Words {
    /// `1,000,000`.
    static func number(_ number: Int64) -> String {
        let digits = String(number.magnitude)
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { grouped.append(",") }
            grouped.append(digit)
        }
        return (number < 0 ? "-" : "") + grouped
    }

    /// `1 row`, `2,000 rows`.
    static func count(_ number: Int64, _ noun: String) -> String {
        "\(self.number(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// `8,192 bytes`, `640 kB`, `89 MB`, `12 GB`, in powers of 1024 as PostgreSQL counts them.
    static func bytes(_ bytes: Int64) -> String {
        if bytes < 10 << 10 { return count(bytes, "byte") }
        if bytes < 10 << 20 { return "\(number(bytes >> 10)) kB" }
        if bytes < 10 << 30 { return "\(number(bytes >> 20)) MB" }
        return "\(number(bytes >> 30)) GB"
    }

    /// `340 ms`, `12.3 s`, `4 min 5 s`, `2 h 10 min`, `3 days 4 h`.
    static func duration(_ duration: Duration) -> String {
        let parts = duration.components
        let milliseconds = max(0, parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)
        let seconds = milliseconds / 1000
        return switch seconds {
        case 0: "\(milliseconds) ms"
        case ..<60: "\(seconds).\(milliseconds % 1000 / 100) s"
        case ..<3600: joined("\(seconds / 60) min", seconds % 60, "s")
        case ..<86_400: joined("\(seconds / 3600) h", seconds % 3600 / 60, "min")
        default: joined(count(seconds / 86_400, "day"), seconds % 86_400 / 3600, "h")
        }
    }

    private static func joined(_ whole: String, _ rest: Int64, _ unit: String) -> String {
        rest == 0 ? whole : "\(whole) \(rest) \(unit)"
    }

    /// `a, b and c`.
    static func list(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }

    /// The dialect by the name of its database.
    static func database(_ dialect: Dialect) -> String {
        switch dialect {
        case .postgres: "PostgreSQL"
        case .sqlite: "SQLite"
        }
    }

    /// An argument as a shell takes it.
    static func shellQuoted(_ text: String) -> String {
        let isPlain = text.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "._-/:@%+=".contains($0))
        }
        if isPlain, !text.isEmpty { return text }
        return "'" + text.replacing("'", with: "'\\''") + "'"
    }

    /// What a phase is for, in a sentence.
    static func meaning(_ phase: Phase) -> String {
        switch phase {
        case .doubleWrite: "Releases first: applications learn what is new, the database stays as it is."
        case .expand: "What is new is added, and filled beside what is old, while everybody works on."
        case .transition: "Reads, then writes, move over to what is new."
        case .contract: "What is old goes. Only when asked for: --through contract."
        }
    }

    /// The tone in which a kind of step is shown.
    static func tone(_ kind: Step.Kind) -> Style.Tone {
        switch kind {
        case .release: .magenta
        case .schema: .blue
        case .backfill: .yellow
        case .verify: .green
        case .stage: .cyan
        case .soak: .dim
        }
    }
}
