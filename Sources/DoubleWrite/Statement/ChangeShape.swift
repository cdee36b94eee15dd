/// How the values of one change are written and read in one state of the database.
struct ChangeShape: Sendable, Hashable {
    let change: DeclaredChange
    let state: ColumnState
    let dialect: Dialect

    /// What was seen of the columns, where that was needed.
    let knowledge: ChangeKnowledge?

    typealias Side = DeclaredChange.Side

    /// A value by its name in one shape, and the SQL that gives it.
    typealias Value = (name: String, sql: String)

    var spoken: Side { change.spoken }

    /// Whether something has to be computed when spoken values are written: the values of the other shape, or whether
    /// they would survive there.
    var isComputed: Bool {
        guard !change.isIdentity else { return false }
        return state.isWrittenTwice || state.truth != spoken || isRoundTripChecked
    }

    /// Whether the spoken values have to be computed from the other shape's when they are read.
    var isReadComputed: Bool { !change.isIdentity && state.truth != spoken }

    /// Whether a value that does not survive the round trip is refused: until only the new shape is written.
    ///
    /// A value that goes into a lookup table is checked for as long as it does, and not before: its row there may have
    /// been deleted just before the write.
    var isRoundTripChecked: Bool {
        if change.lookup != nil { return state != .missing }
        return switch state {
        case .missing, .both, .bothReadNew: change.isRoundTripChecked
        case .new, .done: false
        }
    }

    /// The name of a column in the database now.
    func physicalName(_ column: DeclaredChange.Column, _ side: Side) -> String {
        state == .done ? column.name : change.physicalName(column, side, dialect)
    }

    /// The columns of one shape in the database now.
    func physicalNames(_ side: Side) -> [String] {
        change.columns(side).map { physicalName($0, side) }
    }

    /// The columns that the two shapes of an identity are written to.
    var identityNames: [String] {
        state.isWrittenTwice ? physicalNames(.old) + physicalNames(.new) : physicalNames(state.truth)
    }
}

// Values.
extension ChangeShape {
    /// The values of one shape, made of the other one's.
    func derived(_ side: Side, from values: [Value]) -> [String] {
        change.columns(side).enumerated().map { position, column in
            let sql = column.expression.map { ScopedExpression.sql($0[dialect], over: values, dialect) }
            return stored(sql ?? values[0].sql, side, position)
        }
    }

    /// The stored values of one shape; `qualifier` is the table, with a dot, where another one is in sight.
    func current(_ side: Side, qualifier: String = "") -> [Value] {
        change.columns(side).map { ($0.name, qualifier + dialect.quote(physicalName($0, side))) }
    }

    /// The spoken values as they are read now, from the columns of the truth.
    func read(qualifier: String = "") -> [String] {
        guard isReadComputed else { return current(state.truth, qualifier: qualifier).map(\.sql) }
        return derived(spoken, from: current(state.truth, qualifier: qualifier))
    }

    /// A value as the column will hold it.
    func stored(_ sql: String, _ side: Side, _ position: Int) -> String {
        let type = change.columns(side)[position].type
        switch dialect {
        case .postgres: return type.map { "CAST(\(sql) AS \(storedType(of: $0.postgres)))" } ?? sql
        case .sqlite: return affinity(side, position).applied(to: sql)
        }
    }

    private func affinity(_ side: Side, _ position: Int) -> Affinity {
        if let seen = seenColumn(side, position), seen.exists { return Affinity(stored: seen.detail ?? "") }
        return change.columns(side)[position].type.map { Affinity(declared: $0.sqlite) } ?? .none
    }

    /// What was seen of a column, under the name that it has now.
    private func seenColumn(_ side: Side, _ position: Int) -> ColumnKnowledge? {
        switch (state, side) {
        // While a new column is missing, there may be somebody else's of that name.
        case (.missing, .new), (.done, .old): return nil
        case (.done, .new):
            let name = change.new[position].name
            let namesake = change.old.firstIndex { $0.name == name }
            return namesake.map { knowledge?.old[$0] } ?? knowledge?.new[position]
        case (.missing, .old), (.both, _), (.bothReadNew, _), (.new, _):
            return knowledge?.columns(side)[position]
        }
    }

    /// SQL that is true where a spoken value and what became of it on the way there and back are identical.
    func isIdentical(_ result: String, to value: String, _ position: Int) -> String {
        switch dialect {
        case .postgres:
            guard let type = change.spokenColumns[position].type?.postgres else {
                return "NOT (\(dialect.differs(result, value)))"
            }
            let fitted = "CAST(\(result) AS \(fittingType(of: type)))"
            return "NOT (\(dialect.differs(fitted, value, isExact: isExact(type))))"
        case .sqlite:
            return "NOT (\(dialect.differs(result, value)))"
        }
    }
}

// Defaults.
extension ChangeShape {
    /// The default of a column as SQL that gives it once, or `nil` where it has none.
    func defaultValue(_ side: Side, _ position: Int) -> String? {
        guard let seen = knowledge?.columns(side)[position] else { return nil }
        if dialect == .postgres, let identity = seen.detail {
            return "pg_catalog.nextval(\(dialect.literal(String(identity.dropFirst())))::pg_catalog.regclass)"
        }
        return seen.defaultValue.map { ScopedExpression.parenthesized($0) }
    }

    /// The default of a renamed column that is not given while both names are written: that of the one which is the
    /// truth, or else of the other one, since the default moves from the old to the new column in between.
    var renamedDefault: String? {
        defaultValue(state.truth, 0) ?? defaultValue(state.truth.opposite, 0)
    }

    /// Whether PostgreSQL takes a value for a column that draws its own only when it is told to.
    var overridesIdentity: Bool {
        dialect == .postgres && (knowledge?.old ?? []).contains { $0.detail?.first == "a" }
    }
}
