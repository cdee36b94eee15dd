/// Rows to insert as a query, in layers: what is given and what defaults give, computed once a row, and above it the
/// columns that are derived from those.
struct InsertedRows {
    let shape: TableShape
    let given: [TableDeclaration.Column]

    /// What the first layer holds, as SQL over `column1`, `column2`, ... of the rows' values.
    private var sources: [String]

    /// The columns that the two layers above it add.
    private var first: [String] = []
    private var second: [String] = []

    /// The results, each with the column that it is for.
    private var results: [(column: String, sql: String)] = []

    private var dialect: Dialect { shape.dialect }

    init(shape: TableShape, given: [TableDeclaration.Column]) {
        self.shape = shape
        self.given = given
        self.sources = given.indices.map { "column\($0 + 1)" }
        for (number, column) in given.enumerated() where !Self.isComputed(column, shape) {
            results += shape.writtenNames(column.name).map { ($0, "c\(number)") }
        }
    }

    var targets: [String] { results.map(\.column) }

    private static func isComputed(_ column: TableDeclaration.Column, _ shape: TableShape) -> Bool {
        shape.change(of: column.name)?.shape.isComputed ?? false
    }

    /// Adds renamed columns that are not given, with the default of the truth.
    mutating func addDefaults(_ columns: [TableDeclaration.Column]) {
        for column in columns {
            let expression = shape.change(of: column.name)?.shape.renamedDefault ?? "NULL"
            let name =
                switch dialect {
                case .postgres: source("CAST(\(expression) AS \(column.parameterType))")
                case .sqlite: source(expression)
                }
            results += shape.writtenNames(column.name).map { ($0, name) }
        }
    }

    /// Adds a change of which nothing is given: the truth's defaults, and the other side made of them.
    ///
    /// A new column that is the truth without a default of its own gets what `up` makes of the old ones' defaults.
    mutating func addDefaults(of change: ChangeShape) {
        let side = change.state.truth
        var truth = change.change.columns(side).indices.map { position in
            change.defaultValue(side, position).map { change.stored(source($0), side, position) }
        }
        if side == .new, truth.contains(nil) {
            let old = change.change.old.indices.map { position in
                change.stored(source(change.defaultValue(.old, position) ?? "NULL"), .old, position)
            }
            let up = change.derived(.new, from: zip(change.change.old, old).map { ($0.name, $1) })
            for position in truth.indices where truth[position] == nil {
                truth[position] = add(up[position], to: &first, "f")
            }
        }
        let values = truth.enumerated().map { position, value in
            value ?? change.stored(source("NULL"), side, position)
        }
        let named = zip(change.change.columns(side), values).map { ($0.name, $1) }
        let derived = change.derived(side.opposite, from: named).map { add($0, to: &second, "b") }
        results += zip(change.physicalNames(side), values).map { ($0, $1) }
        results += zip(change.physicalNames(side.opposite), derived).map { ($0, $1) }
    }

    /// Adds the changes whose values are given and computed.
    mutating func addGiven() {
        for change in shape.changes where change.isComputed {
            let values = change.change.spokenColumns.compactMap { column in
                given.firstIndex { $0.name == column.name }.map { "c\($0)" }
            }
            guard values.count == change.change.spokenColumns.count else { continue }
            let derivation = Derivation(shape: change)
            let forward = derivation.forward(from: values).map { add($0, to: &first, "f") }
            let back = derivation.back(from: forward).map { add($0, to: &second, "b") }
            results += derivation.results(values, forward, back, given: Set(values.indices))
        }
    }

    private mutating func source(_ sql: String) -> String {
        sources.append(sql)
        return "c\(sources.count - 1)"
    }

    private func add(_ sql: String, to layer: inout [String], _ letter: String) -> String {
        let name = "\(letter)\(layer.count)"
        layer.append("\(sql) AS \(name)")
        return name
    }

    /// The query over rows of values, up to its `WHERE`.
    func sql(_ lists: [String]) -> String {
        let names = sources.indices.map { "c\($0)" }.joined(separator: ", ")
        var source = """
            WITH r (\(names)) AS MATERIALIZED \
            (SELECT \(sources.joined(separator: ", ")) FROM (VALUES \(lists.joined(separator: ", "))) AS v) \
            SELECT * FROM r
            """
        for layer in [first, second] where !layer.isEmpty {
            source = Layer.sql(["r.*"] + layer, over: source, dialect)
        }
        return "SELECT \(results.map(\.sql).joined(separator: ", ")) FROM (\(source)) AS r"
    }
}
