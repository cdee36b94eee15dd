/// How one change's columns are written from values in the spoken shape, in three layers, each of which computes what
/// the next one needs: the spoken values, the other shape's, and what becomes of those on the way back.
///
/// A layer computes every value once, from the row's latest version, inside the one statement that writes.
struct Derivation {
    let shape: ChangeShape

    private var spoken: DeclaredChange.Side { shape.spoken }
    private var other: DeclaredChange.Side { shape.spoken.opposite }

    /// Whether the columns of the other shape are the truth, so that those of the spoken one are derived from them.
    private var isOtherTruth: Bool { shape.state.truth == other }

    /// The other shape's values, made of spoken ones that have these names.
    func forward(from values: [String]) -> [String] {
        shape.derived(other, from: named(spoken, values))
    }

    /// What the other shape's values are in the spoken one, where that is needed.
    func back(from values: [String]) -> [String] {
        let isNeeded = shape.isRoundTripChecked || shape.state.isWrittenTwice && isOtherTruth
        return isNeeded ? shape.derived(spoken, from: named(other, values)) : []
    }

    private func named(_ side: DeclaredChange.Side, _ sqls: [String]) -> [ChangeShape.Value] {
        zip(shape.change.columns(side), sqls).map { ($0.name, $1) }
    }

    /// What is written into which column, of values that have these names in their layers.
    ///
    /// - Parameter given: The places of the spoken values that are new; the others stay as they are where nothing is
    ///   derived from what is written.
    func results(
        _ values: [String], _ forward: [String], _ back: [String], given: Set<Int>
    ) -> [(column: String, sql: String)] {
        var results: [(column: String, sql: String)] = []
        if shape.state.isWrittenTwice || isOtherTruth {
            results += zip(shape.physicalNames(other), forward).map { ($0, $1) }
        }
        if shape.state.isWrittenTwice || !isOtherTruth {
            for (position, name) in shape.physicalNames(spoken).enumerated() {
                if isOtherTruth {
                    results.append((name, back[position]))
                } else if given.contains(position) {
                    results.append((name, values[position]))
                }
            }
        }
        guard shape.isRoundTripChecked, let first = results.first else { return results }
        let survives = values.indices.map { shape.isIdentical(back[$0], to: values[$0], $0) }
        results[0].sql = RoundTrip.checked(first.sql, where: survives, shape.dialect)
        return results
    }

    /// The assignments of an `UPDATE`, as one sub-select over the row that is written.
    func assignments(_ values: [String], given: Set<Int>) -> String {
        let dialect = shape.dialect
        let (first, second, third) = ("v", "f", "b")
        let x = values.indices.map { "\(first)\($0)" }
        let forward = forward(from: x)
        let y = forward.indices.map { "\(second)\($0)" }
        let back = back(from: y)
        let z = back.indices.map { "\(third)\($0)" }
        var source = Layer.sql(zip(values, x).map { "\($0) AS \($1)" }, over: nil, dialect)
        source = Layer.sql(["r.*"] + zip(forward, y).map { "\($0) AS \($1)" }, over: source, dialect)
        if !z.isEmpty {
            source = Layer.sql(["r.*"] + zip(back, z).map { "\($0) AS \($1)" }, over: source, dialect)
        }
        let results = results(x, y, z, given: given)
        let select = "(SELECT \(results.map(\.sql).joined(separator: ", ")) FROM (\(source)) AS r)"
        let targets = dialect.quote(results.map(\.column))
        return results.count == 1 ? "\(targets) = \(select)" : "(\(targets)) = \(select)"
    }
}

/// A query whose values are computed once, whatever is made of them.
enum Layer {
    static func sql(_ results: [String], over source: String?, _ dialect: Dialect) -> String {
        let from = source.map { " FROM (\($0)) AS r" } ?? ""
        let select = "SELECT \(results.joined(separator: ", "))\(from)"
        return switch dialect {
        // Else it would be merged with the query around it, and computed in every place where it is used, perhaps even
        // before it is known whether there is a row.
        case .postgres: select + " OFFSET 0"
        case .sqlite: select
        }
    }
}
