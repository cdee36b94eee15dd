internal import DoubleWrite

/// Compares recorded shapes with live ones.
enum ShapeLine {
    /// Begins a line with a table's whole stored text, which says what no other line says, and repeats the
    /// rest.
    static let definition = "definition "

    /// What is missing from, and what is extra in, the live shape; `nil` where they are the same.
    static func drift(of table: TableName, recorded: [String], live: [String]) -> Drift? {
        guard recorded != live else { return nil }
        let missing = recorded.filter { !live.contains($0) }
        let extra = live.filter { !recorded.contains($0) }
        let isToldOtherwise = (missing + extra).contains { !$0.hasPrefix(definition) }
        func telling(_ lines: [String]) -> [String] {
            isToldOtherwise ? lines.filter { !$0.hasPrefix(definition) } : lines
        }
        return Drift(table: table, missing: telling(missing), extra: telling(extra))
    }
}
