internal import Foundation

extension DatabaseLocation {
    /// The same text for two locations that lead to the same database, whoever connects: a file behind its links and
    /// detours, or a host, port and database. As far as a location can tell: a server may have several names.
    public var identity: String {
        switch self {
        case .sqlite(let path):
            // Only what exists is resolved; a file that is yet to be made still has its folder.
            let url = URL(fileURLWithPath: path).standardizedFileURL
            let folder = url.deletingLastPathComponent().resolvingSymlinksInPath()
            return "sqlite:"
                + folder.appendingPathComponent(url.lastPathComponent)
                .resolvingSymlinksInPath().path
        case .postgres(let text):
            return text.contains("://") ? Self.identity(uri: text) : Self.identity(pairs: text)
        }
    }

    /// The parameters that say where a database is.
    private static let places: Set = ["host", "hostaddr", "port", "dbname", "service"]

    private static func identity(uri: String) -> String {
        guard let schemeEnd = uri.range(of: "://") else { return uri }
        let rest = uri[schemeEnd.upperBound...]
        let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] } ?? ""
        let address = rest.prefix { $0 != "?" }
        let hosts = address.lastIndex(of: "@").map { address[address.index(after: $0)...] } ?? address
        let user = address.lastIndex(of: "@").map { address[..<$0].prefix { $0 != ":" } } ?? ""
        let authority = hosts.prefix { $0 != "/" }
        let database = hosts.dropFirst(authority.count + 1)
        var host = authority.lowercased()
        if host.hasSuffix(":5432") { host.removeLast(":5432".count) }
        var parts = query.split(separator: "&").map(String.init).filter { part in
            places.contains(String(part.prefix { $0 != "=" }))
        }
        // Where no database is named it is the user's.
        if database.isEmpty { parts.append("user=\(user)") }
        return "postgres:\(host)/\(database.removingPercentEncoding ?? String(database))?"
            + parts.sorted().joined(separator: "&")
    }

    private static func identity(pairs: String) -> String {
        let parts = pairs.split(whereSeparator: \.isWhitespace).map(String.init)
        let isNamed = parts.contains { $0.hasPrefix("dbname=") }
        let kept = parts.filter { part in
            let key = String(part.prefix { $0 != "=" })
            return part != "port=5432" && (places.contains(key) || key == "user" && !isNamed)
        }
        return "postgres " + kept.sorted().joined(separator: " ")
    }
}
