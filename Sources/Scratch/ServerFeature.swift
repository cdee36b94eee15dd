import DoubleWrite
import PostgresDriver

/// What not every build of PostgreSQL has. A test that needs it expects its own failure where it is missing, so that it is
/// counted as what it is:
///
///     try withKnownIssue("built without ICU") { ... } when: { !ServerFeature.icu.isThere }
public enum ServerFeature: Sendable, CaseIterable {
    case icu, xml, citext

    /// Whether this process's throw-away server has it; true as well where there is no server, so that a test says so.
    public var isThere: Bool { Self.missing[self] == nil }

    private static let missing: [ServerFeature: Bool] = {
        guard let location = try? ThrowAwayPostgres.shared.location(database: "postgres"),
            let connection = try? PostgresConnection(location)
        else { return [:] }
        defer { connection.close() }
        var missing: [ServerFeature: Bool] = [:]
        for feature in allCases {
            let answer = try? connection.query(feature.question).scalar?.boolean
            if answer != true { missing[feature] = true }
        }
        return missing
    }()

    private var question: String {
        switch self {
        case .icu: "SELECT EXISTS (SELECT FROM pg_collation WHERE collname LIKE '%-x-icu')"
        case .xml: "SELECT xmlparse(content '<a/>') IS NOT NULL"
        case .citext: "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'citext')"
        }
    }
}
