/// SQL in lines of at most `width` columns, where that is possible: it is broken only at spaces outside of
/// quotes, so that every line end stands where a space stood, and it can be copied and run.
func sqlLines(_ sql: String, width: Int) -> [String] {
    sql.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
        var lines: [String] = []
        var rest = SQLPiece.pieces(of: String(line))[...]
        while !rest.isEmpty {
            let indent = lines.isEmpty ? "" : "  "
            let count = SQLPiece.count(in: rest, width: width - indent.columns)
            lines.append(indent + rest.prefix(count).map(\.text).joined(separator: " "))
            rest = rest.dropFirst(count)
        }
        return lines.isEmpty ? [""] : lines
    }
}

/// A part of a line of SQL between two spaces at which it may be broken.
private struct SQLPiece {
    var text: String
    /// How many parentheses are open before it.
    var depth: Int

    /// Words that begin a part of a statement, before which a line is best broken.
    private static let beginnings: Set<String> = [
        "ADD", "ALTER", "AND", "CHECK", "DO", "DROP", "FROM", "GROUP", "LEFT", "JOIN", "ON", "OR", "ORDER",
        "REFERENCES", "RENAME", "SELECT", "SET", "USING", "VALUES", "WHERE", "count(*)",
    ]

    /// A line cut at the spaces that are outside of quotes. A comment runs to the line's end, and a
    /// dollar-quoted text may run anywhere: lines with either are not cut.
    static func pieces(of line: String) -> [SQLPiece] {
        if ["--", "$$", "/*"].contains(where: line.contains) { return [SQLPiece(text: line, depth: 0)] }
        var pieces: [SQLPiece] = []
        var piece = SQLPiece(text: "", depth: 0)
        var depth = 0
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open { quote = nil }
            } else if "'\"`".contains(character) {
                quote = character
            } else if character == " ", !piece.text.allSatisfy({ $0 == " " }) {
                pieces.append(piece)
                piece = SQLPiece(text: "", depth: depth)
                continue
            } else if "()".contains(character) {
                depth += character == "(" ? 1 : -1
            }
            piece.text.append(character)
        }
        return piece.text.isEmpty ? pieces : pieces + [piece]
    }

    /// How many pieces the next line takes: as many as fit, or up to the best place to break before that:
    /// outermost first, then where a part of the statement begins, then the last.
    static func count(in pieces: ArraySlice<SQLPiece>, width: Int) -> Int {
        var fitting = 0
        var columns = -1
        for piece in pieces {
            columns += 1 + piece.text.columns
            if columns > width, fitting > 0 { break }
            fitting += 1
        }
        guard fitting < pieces.count else { return fitting }
        let candidates = (1...fitting).filter { index in
            beginnings.contains(pieces[pieces.startIndex + index].text)
        }
        let best = candidates.min { left, right in
            let (one, other) = (pieces[pieces.startIndex + left], pieces[pieces.startIndex + right])
            return (one.depth, -left) < (other.depth, -right)
        }
        return best ?? fitting
    }
}
