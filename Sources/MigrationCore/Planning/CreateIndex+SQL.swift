import DoubleWrite

extension CreateIndex {
    /// Everything behind the table's name, with the columns told apart where they are declared as columns.
    func definition(_ dialect: Dialect) -> SQLTemplate {
        var segments: [SQLTemplate.Segment] = [.text("(")]
        for (number, key) in keys.enumerated() {
            if number > 0 { segments.append(.text(", ")) }
            switch key.content {
            case .column(let name): segments.append(.column(name))
            case .expression(let text): segments.append(.text((text[dialect] ?? "").parenthesized))
            }
            if key.isDescending { segments.append(.text(" DESC")) }
        }
        segments.append(.text(")"))
        if let text = condition?[dialect] { segments.append(.text(" WHERE \(text.parenthesized)")) }
        return SQLTemplate(segments)
    }

    /// Whether it has columns only and no condition.
    var isSimple: Bool { condition == nil && columnNames.count == keys.count }

    /// The keys that are columns.
    var columnNames: [String] {
        keys.compactMap { key in
            if case .column(let name) = key.content { name } else { nil }
        }
    }

    /// The columns that it uses: its keys, and those that its SQL may mention.
    func usedColumns(_ dialect: Dialect, in table: Table) -> Set<String> {
        let texts = expressions.compactMap { $0[dialect] }
        let mentioned = table.columns.map(\.name).filter { name in texts.contains { $0.mentions(name) } }
        return Set(columnNames + mentioned)
    }

    /// Every piece of the user's SQL in it.
    var expressions: [PerDialect] {
        keys.compactMap { key in
            if case .expression(let text) = key.content { text } else { nil }
        } + (condition.map { [$0] } ?? [])
    }
}
