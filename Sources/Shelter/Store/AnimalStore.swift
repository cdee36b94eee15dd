import DoubleWrite

/// Where the animals are: the two databases behind one small protocol, in the shape the application speaks.
///
/// A store is used by one thread. Outside ``transaction(_:writes:_:)`` every call is a statement of its own.
protocol AnimalStore: AnyObject {
    /// What turns the application's shape into the one that the database has now.
    var helper: any DoubleWriting { get }

    /// Does `body` in one transaction, which is rolled back when it throws.
    func transaction<Value>(
        _ isolation: Isolation, writes: Bool, _ body: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value

    /// Whether every read of such a transaction sees the moment in which the transaction began.
    func readsOneMoment(_ isolation: Isolation) -> Bool

    /// The columns that the table has in the database now, whatever the application calls them.
    func columnsInDatabase() throws(StoreError) -> [String]
}

/// How far a transaction is kept apart from others. SQLite knows only the strongest.
enum Isolation: String, Sendable, CaseIterable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
}

/// The table as the application knows it, in one unchanged build from before the change until after it.
let animals = TableDeclaration(
    "animals", columns: ["id": "bigint", "name": "text", "species": "text", "cage": "text", "chip": "text"],
    key: ["id"], changes: [.renameColumn(from: "kind", to: "species")])

extension AnimalStore {
    /// Takes animals in, in one statement. Either all of them have a species or none.
    func insert(_ newcomers: [Animal]) throws(StoreError) {
        _ = try store(.insert(into: animals, rows: newcomers.map(\.values)))
    }

    /// Changes the columns named, and gives how many animals that were.
    func update(_ id: Int64, _ changes: [Animal.Column: Cell]) throws(StoreError) -> Int {
        var values: [String: SQLValue] = [:]
        for (column, cell) in changes { values[column.rawValue] = cell.value }
        return try store(.update(animals, set: values, where: animals["id"] == .integer(id))).affectedRows
    }

    /// Inserts the animal or, where it is known, changes every column of it.
    func upsert(_ animal: Animal) throws(StoreError) {
        let columns = Animal.Column.allCases.map(\.rawValue)
        _ = try store(.upsert(into: animals, rows: [animal.values], conflict: ["id"], update: columns))
    }

    /// Deletes the animal, and gives how many that were.
    func delete(_ id: Int64) throws(StoreError) -> Int {
        try store(.delete(from: animals, where: animals["id"] == .integer(id))).affectedRows
    }

    func animal(_ id: Int64) throws(StoreError) -> Animal? {
        try read(where: animals["id"] == .integer(id)).first
    }

    /// The first animals, by their numbers, in whose column this text stands.
    func find(where column: Animal.Column, is text: String, limit: Int = 10) throws(StoreError) -> [Animal] {
        try read(where: animals[column.rawValue] == .text(text), limit: limit)
    }

    /// How many animals have this text in that column.
    func count(where column: Animal.Column, is text: String) throws(StoreError) -> Int {
        let answer = try store(.count(in: animals, where: animals[column.rawValue] == .text(text)))
        return answer.scalar?.integer.map { Int($0) } ?? 0
    }

    /// Every animal there is.
    func everyAnimal() throws(StoreError) -> [Animal] {
        try read(where: nil)
    }

    private func read(where condition: Condition?, limit: Int? = nil) throws(StoreError) -> [Animal] {
        let answer = try store(
            .select(from: animals, where: condition, orderBy: [.ascending("id")], limit: limit))
        var found: [Animal] = []
        for row in answer.rows { found.append(try Animal(row)) }
        return found
    }

    private func store(_ request: Request) throws(StoreError) -> ResultSet {
        do throws(DoubleWriteError) {
            return try helper.run(request)
        } catch {
            throw StoreError(error)
        }
    }
}

extension Animal {
    /// A row of all declared columns.
    fileprivate init(_ row: [SQLValue]) throws(StoreError) {
        guard row.count == 5, let id = row[0].integer, let name = row[1].text, let species = row[2].text
        else {
            throw .failed("a row of the table is no animal: \(row.count) columns")
        }
        self.init(id: id, name: name, species: species, cage: row[3].text, chip: row[4].text)
    }

    /// The values to write. A species that nobody knows is left to the column's default.
    fileprivate var values: [String: SQLValue] {
        var values: [String: SQLValue] = ["id": .integer(id)]
        for column in Column.allCases where column != .species || species != nil {
            values[column.rawValue] = self[column].value
        }
        return values
    }
}

extension Cell {
    /// The value as the database takes it.
    fileprivate var value: SQLValue {
        switch self {
        case .text(let text): .text(text)
        case .null, .gone: .null
        }
    }
}
