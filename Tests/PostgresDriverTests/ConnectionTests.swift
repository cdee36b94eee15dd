import DoubleWrite
import PostgresDriver
import TestSupport
import Testing

@Suite struct ConnectionTests {
    let connection: PostgresConnection

    init() throws { connection = try PostgresConnection(ThrowAwayPostgres.makeDatabase()) }

    @Test func valuesComeBackAsTheyWent() throws {
        let values: [SQLValue] = [
            .null, true, false, .integer(.max), .integer(.min), 1.5, .real(.infinity), "",
            "O'Hara \\ \"x\" 🐕",
            .blob([]), .blob([0, 1, 0x5c, 0x27, 255]),
        ]
        let result = try connection.query(
            """
            SELECT $1::text, $2::bool, $3::bool, $4::int8, $5::int8, $6::float8, $7::float8, $8::text, $9::text,
                $10::bytea, $11::bytea
            """, values)
        #expect(result.rows == [values])
    }
}
