extension String {
    /// How many columns of a terminal it takes; wide characters (CJK, emoji) take two.
    var columns: Int { reduce(0) { $0 + $1.columns } }

    /// The text with spaces behind it, so that it takes at least `width` columns.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - columns))
    }

    /// The text with spaces before it, so that it takes at least `width` columns.
    func rightAligned(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - columns)) + self
    }

    /// The text on one line, without control characters, which a terminal would obey.
    var onOneLine: String {
        var line = ""
        for scalar in unicodeScalars {
            line.unicodeScalars.append(scalar.properties.generalCategory == .control ? "\u{2423}" : scalar)
        }
        return line
    }
}

extension String {
    /// The text cut to at most `width` columns. Codes of colour take no room, and are kept so that none stays on.
    func cut(to width: Int) -> String {
        var result = ""
        var used = 0
        var isCode = false
        for character in self {
            if character == "\u{1B}" { isCode = true }
            if isCode {
                result.append(character)
                if character == "m" { isCode = false }
            } else if used + character.columns <= width {
                used += character.columns
                result.append(character)
            } else {
                used = width
            }
        }
        return result
    }
}

extension Character {
    /// The columns it takes: East Asian wide and emoji two, everything else one
    /// (<https://www.unicode.org/reports/tr11/>).
    fileprivate var columns: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}

/// Words in lines of at most `width` columns. A word that is longer stands alone; a line end in the text ends
/// a line.
func wrapped(_ text: String, width: Int) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph -> [String] in
        var lines: [String] = []
        var line = ""
        for word in paragraph.split(separator: " ") {
            if !line.isEmpty, line.columns + 1 + String(word).columns > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }
}
