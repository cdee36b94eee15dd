/// SQL in lines of at most `width` columns, where that is possible: it is broken only at spaces outside of quotes,
/// so that every line end stands where a space stood, and it can be copied and run.
func sqlLines(_ sql: String, width: Int) -> [String] {
    sql.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
        let margin = String(line.prefix { $0 == " " })
        var lines: [String] = []
        var rest = SQLPiece.pieces(of: String(line.dropFirst(margin.count)))[...]
        while !rest.isEmpty {
            let indent = margin + (lines.isEmpty ? "" : "  ")
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

    /// How many pieces the next line takes: as many as fit, or up to the best place to break before that: outermost
    /// first, then where a part of the statement begins, then the last. A place that would leave the line nearly
    /// empty is none.
    static func count(in pieces: ArraySlice<SQLPiece>, width: Int) -> Int {
        var columns = -1
        var places: [(count: Int, rank: (Int, Int, Int))] = []
        for (index, piece) in pieces.enumerated() {
            if index > 0, columns * 8 > width {
                let isDistinct = pieces[pieces.startIndex + index - 1].text == "DISTINCT"
                let begins = beginnings.contains(piece.text) && !isDistinct
                places.append((index, (piece.depth, begins ? 0 : 1, -index)))
            }
            columns += 1 + piece.text.columns
            if columns > width, index > 0 {
                return places.min { $0.rank < $1.rank }?.count ?? index
            }
        }
        return pieces.count
    }
}
