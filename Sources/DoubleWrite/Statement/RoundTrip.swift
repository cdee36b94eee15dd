/// The check by which the database itself refuses a value that does not survive the way to the other shape and back.
///
/// Only an error makes a statement leave nothing behind, whatever it has written so far; so it is raised, by a function
/// of the database's own, and only for a row that is really written.
enum RoundTrip {
    /// The value, or an error where one of the conditions is false.
    ///
    /// The arguments are never constant, so nothing is raised while the statement is planned.
    static func checked(_ sql: String, where conditions: [String], _ dialect: Dialect) -> String {
        let survives = conditions.joined(separator: " AND ")
        let isRight =
            switch dialect {
            // 2201G: the count of buckets must be greater than zero.
            case .postgres:
                """
                pg_catalog.width_bucket(0::pg_catalog.float8, 0::pg_catalog.float8, 1::pg_catalog.float8, \
                CASE WHEN \(survives) THEN 1 ELSE 0 END) = 1
                """
            // SQLITE_TOOBIG: longer than any blob may be.
            case .sqlite: "zeroblob(CASE WHEN \(survives) THEN 0 ELSE 9223372036854775807 END) IS NOT NULL"
            }
        return "CASE WHEN \(isRight) THEN \(sql) END"
    }
}
