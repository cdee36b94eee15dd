import DoubleWrite

/// The first animals as SQL, in the shape that both databases have before the change.
enum SeedText {
    /// One INSERT that both databases understand.
    static func sql(_ count: Int64) -> String {
        let rows = (1...max(1, count)).map { id in
            let animal = Seed.animal(id)
            let values = [animal[.name], animal[.species], animal[.cage], animal[.chip]].map(literal)
            return "    (\(id), \(values.joined(separator: ", ")))"
        }
        return """
            -- The first \(count) animals of the shelter. Written by 'shelter seed --sql'.
            INSERT INTO animals (id, name, kind, cage, chip) VALUES
            \(rows.joined(separator: ",\n"));

            """
    }

    private static func literal(_ cell: Cell) -> String {
        switch cell {
        case .text(let text): Dialect.sqlite.literal(text)
        case .null, .gone: "NULL"
        }
    }
}
