/// Where the animals are: the two databases behind one small protocol, in the shape the application speaks.
///
/// A store is used by one thread. Outside ``begin(_:)`` and ``commit()`` every call is a statement of its own.
protocol AnimalStore: AnyObject {
    func insert(_ animals: [Animal]) throws(StoreError)

    /// Changes the columns named, and gives how many animals that were.
    func update(_ id: Int64, _ changes: [Animal.Column: Cell]) throws(StoreError) -> Int

    /// Inserts the animal or, where it is known, changes every column of it.
    func upsert(_ animal: Animal) throws(StoreError)

    /// Deletes the animal, and gives how many that were.
    func delete(_ id: Int64) throws(StoreError) -> Int

    func animal(_ id: Int64) throws(StoreError) -> Animal?

    /// The animals in whose column this text stands.
    func animals(where column: Animal.Column, is text: String) throws(StoreError) -> [Animal]

    /// Every animal there is.
    func everyAnimal() throws(StoreError) -> [Animal]

    func begin(_ isolation: Isolation) throws(StoreError)
    func commit() throws(StoreError)
    /// Never fails: what cannot be rolled back is gone with its connection.
    func rollback()

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

/// A call did not succeed.
enum StoreError: Error, Sendable, Equatable {
    /// It certainly left no trace, and is to be tried again: a serialization failure, a deadlock, a busy file, or a
    /// transaction of which the helper says that it must be begun again.
    case tryAgain(String)
    /// Anything else. Whether a write took place is not known.
    case failed(String)
}

extension StoreError: CustomStringConvertible {
    var description: String {
        switch self {
        case .tryAgain(let reason), .failed(let reason): reason
        }
    }
}
