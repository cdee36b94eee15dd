/// Values that a write gives back by way of a reference, where the row is newer than the statement's snapshot.
///
/// PostgreSQL writes, and gives back, a row's latest version, but looks into other tables as they were when the statement
/// began: a value that another transaction has just inserted and referred to is not there yet
/// (<https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED>). So the reference is given back as
/// well, and a value that is missing beside it is asked for once more.
struct ReturnedValues: Sendable {
    /// A returned column, and the table that its value is from.
    struct Column: Sendable {
        var lookup: LookupTable
        var position: Int
    }

    /// Each has its reference behind the columns that were asked for, in this order.
    private(set) var columns: [Column] = []
    private let dialect: Dialect
    private var answer = ResultSet()
    /// The references by row.
    private var references: [[SQLValue]] = []

    init(_ returned: [String], shape: TableShape) {
        dialect = shape.dialect
        guard dialect == .postgres else { return }
        for (position, name) in returned.enumerated() {
            guard let change = shape.change(of: name)?.shape, change.isReadComputed,
                let lookup = change.change.lookup
            else { continue }
            columns.append(Column(lookup: lookup, position: position))
        }
    }

    /// Takes the references out of an answer. Returns it where every value is there.
    mutating func take(_ answer: ResultSet) -> ResultSet? {
        guard !columns.isEmpty, answer.columns.count >= columns.count else { return answer }
        self.answer = answer
        self.answer.columns.removeLast(columns.count)
        references = answer.rows.map { Array($0.suffix(columns.count)) }
        for row in self.answer.rows.indices { self.answer.rows[row].removeLast(columns.count) }
        return columns.indices.allSatisfy { missing($0).isEmpty } ? self.answer : nil
    }

    /// The rows in which a value is missing beside its reference.
    private func missing(_ column: Int) -> [Int] {
        answer.rows.indices.filter { row in
            answer.rows[row][columns[column].position].isNull && !references[row][column].isNull
        }
    }

    /// What asks for the values that are missing: the number of their column, the key and the value.
    var query: String {
        columns.indices.filter { !missing($0).isEmpty }.map { column in
            let lookup = columns[column].lookup
            let keys = Set(missing(column).compactMap { references[$0][column].integer }).sorted()
            let list = keys.map(String.init).joined(separator: ", ")
            let (key, value) = (dialect.quote(lookup.key), dialect.quote(lookup.value))
            return
                "SELECT \(column) AS number, \(key) AS key, \(value) AS value FROM \(dialect.quote(lookup.name)) "
                + "WHERE \(key) IN (\(list))"
        }.first ?? ""
    }

    /// Puts values into their places. Returns the answer where no more is missing that can be found.
    mutating func complete(_ found: ResultSet) -> ResultSet? {
        for row in found.rows {
            guard row.count == 3, let column = row[0].integer.map({ Int($0) }) else { continue }
            for place in missing(column) where references[place][column] == row[1] {
                answer.rows[place][columns[column].position] = row[2]
            }
        }
        let isComplete = found.rows.isEmpty || columns.indices.allSatisfy { missing($0).isEmpty }
        return isComplete ? answer : nil
    }

    /// The answer as far as it is known.
    var known: ResultSet { answer }
}
