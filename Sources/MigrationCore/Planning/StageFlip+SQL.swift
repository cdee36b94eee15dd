public import DoubleWrite

extension StageFlip {
    /// The statements of the flip, for the transaction that it is part of.
    ///
    /// The recorded row gets the new stage and the next epoch (a first flip starts at 1) and counts as unsettled. In
    /// PostgreSQL the commit is made durable whatever the role's setting says, for a flip that a fail-over forgets
    /// would leave applications ahead of the record; and an expand creates its marker, which the fence looks for.
    public func statements(_ dialect: Dialect) -> [String] {
        switch dialect {
        case .postgres: marker + ["SET LOCAL synchronous_commit = on", upsert(dialect)]
        case .sqlite: [upsert(dialect)]
        }
    }

    private var marker: [String] {
        guard let generation else { return [] }
        let name = Dialect.postgres.quote(TableName(schema: "bellows", change.marker(generation: generation)))
        return ["CREATE TYPE \(name) AS ()"]
    }

    private func upsert(_ dialect: Dialect) -> String {
        let columns = dialect.quote(["change", "stage", "epoch", "generation", "settled"])
        let kept =
            generation == nil
            ? "" : ", \(dialect.quote("generation")) = excluded.\(dialect.quote("generation"))"
        return """
            INSERT INTO \(StageTable.name(dialect)) AS was (\(columns)) \
            VALUES (\(dialect.literal(change.name)), \(dialect.literal(stage.rawValue)), 1, \(generation ?? 0), false) \
            ON CONFLICT (\(dialect.quote("change"))) DO UPDATE SET \
            \(dialect.quote("stage")) = excluded.\(dialect.quote("stage")), \
            \(dialect.quote("epoch")) = was.\(dialect.quote("epoch")) + 1\(kept), \
            \(dialect.quote("settled")) = false
            """
    }
}
