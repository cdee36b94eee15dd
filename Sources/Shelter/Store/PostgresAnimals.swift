import DoubleWrite
import DoubleWritePostgres
import PostgresDriver

/// The animals in a PostgreSQL database.
final class PostgresAnimals: AnimalStore {
    private let connection: PostgresConnection
    private let doubleWrite: DoubleWritePostgres

    init(_ location: String, name: String) throws {
        connection = try PostgresConnection(location, applicationName: name)
        doubleWrite = DoubleWritePostgres(connection)
    }

    var helper: any DoubleWriting { doubleWrite }

    func transaction<Value>(
        _ isolation: Isolation, writes: Bool, _ body: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        do {
            return try doubleWrite.transaction("BEGIN ISOLATION LEVEL \(isolation.rawValue)") { try body() }
        } catch {
            throw StoreError(transaction: error)
        }
    }

    func readsOneMoment(_ isolation: Isolation) -> Bool { isolation != .readCommitted }

    func columnsInDatabase() throws(StoreError) -> [String] {
        let sql = """
            SELECT attname::text FROM pg_attribute \
            WHERE attrelid = 'public.animals'::regclass AND attnum > 0 AND NOT attisdropped
            """
        do {
            return try connection.query(sql).rows.compactMap { $0.first?.text }
        } catch {
            throw .failed("\(error)")
        }
    }
}
