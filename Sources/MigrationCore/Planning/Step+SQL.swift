public import DoubleWrite

extension Step {
    /// What the step runs, as text for people: whole statements, a backfill as one representative batch, a
    /// verification as its count. Empty for what only waits.
    public func sql(_ dialect: Dialect) -> [String] {
        switch action {
        case .release, .soak: []
        case .schema(let change): change.statements + (change.flip?.statements(dialect) ?? [])
        case .buildIndex(let build): [build.statement]
        case .dropIndex(let drop): [drop.statement]
        case .backfill(let backfill): backfill.exampleStatements(dialect)
        case .sqlite(let work): work.sql
        case .verify(let verification): [verification.countStatement(dialect)]
        case .flip(let flip): flip.statements(dialect)
        }
    }

    /// What the step's undo runs, in its order, as ``sql(_:)`` says it.
    public func undoSQL(_ dialect: Dialect) -> [String] {
        undo.flatMap { $0.sql(dialect) }
    }

    /// Whether the step runs in one transaction with its own record, and so has happened wholly or not at all.
    ///
    /// The undo of such a step is asked for only when it has happened. Every other step's undo is right also when the
    /// step was interrupted half-way.
    public var isAtomic: Bool {
        switch action {
        case .schema, .flip: true
        case .sqlite(let work): work.isAtomic
        case .release, .buildIndex, .dropIndex, .backfill, .verify, .soak: false
        }
    }
}

extension Verification {
    /// One statement, so one snapshot, that counts the violations of every invariant: one row, a column for each.
    public func countStatement(_ dialect: Dialect) -> String {
        "SELECT \(counts(dialect).joined(separator: ", ")) FROM \(dialect.quote(table))"
    }

    /// The violations of each invariant, as results of a query of the table.
    public func counts(_ dialect: Dialect) -> [String] {
        invariants.map { invariant in
            guard let other = invariant.table else { return "count(*) FILTER (WHERE \(invariant.violation))" }
            return "(SELECT count(*) FROM \(dialect.quote(other)) WHERE \(invariant.violation))"
        }
    }
}

extension Backfill {
    /// One batch, with a range as the engine would choose it.
    func exampleStatements(_ dialect: Dialect) -> [String] {
        switch dialect {
        case .postgres:
            let rows = "ctid >= '(0,0)'::tid AND ctid < '(128,0)'::tid AND \(mismatch)"
            guard let batch else { return statements(for: rows, dialect) }
            let lock = "SELECT ctid FROM \(dialect.quote(table)) WHERE \(rows) \(batch.lock)"
            return [lock] + statements(for: "ctid = ANY ($1)", dialect)
        case .sqlite:
            return statements(for: "\(keyRange(dialect)) AND \(mismatch)", dialect)
        }
    }

    private func keyRange(_ dialect: Dialect) -> String {
        let row = "(\(dialect.quote(key)))"
        let low = (1...key.count).map(dialect.parameter).joined(separator: ", ")
        let high = (1...key.count).map { dialect.parameter($0 + key.count) }.joined(separator: ", ")
        return key.count == 1
            ? "\(dialect.quote(key)) > \(low) AND \(dialect.quote(key)) <= \(high)"
            : "\(row) > (\(low)) AND \(row) <= (\(high))"
    }
}
