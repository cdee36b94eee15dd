import Foundation

/// Keeps passwords out of whatever is said. The engine and the drivers do not repeat them; this holds where a
/// library below them, or the argument parser, quotes what it was given.
struct Redaction: Sendable {
    private var secrets: [String] = []

    /// The secrets in a database's location.
    init(location: String) {
        if let schemeEnd = location.firstRange(of: "://") {
            let rest = location[schemeEnd.upperBound...]
            if let at = rest.lastIndex(of: "@"), let colon = rest[..<at].firstIndex(of: ":") {
                note(rest[rest.index(after: colon)..<at])
            }
        }
        for part in location.split(whereSeparator: { "?& ".contains($0) }) {
            for key in ["password=", "sslpassword=", "passfile="] where part.hasPrefix(key) {
                note(part.dropFirst(key.count))
            }
        }
    }

    /// The secrets that the command was given.
    init(arguments: [String], variables: [String: String]) {
        let locations = arguments + [variables["DATABASE_URL"] ?? ""]
        for location in locations where location.contains("://") || location.contains("password=") {
            secrets += Redaction(location: location).secrets
        }
        note((variables["PGPASSWORD"] ?? "")[...])
    }

    /// The text without the secrets.
    func callAsFunction(_ text: String) -> String {
        secrets.sorted { $0.count > $1.count }.reduce(text) { $0.replacing($1, with: "***") }
    }

    private mutating func note(_ secret: Substring) {
        let plain = String(secret)
        var forms = [plain, plain.removingPercentEncoding ?? plain]
        // A library that misreads a location quotes a part of the password as a port or a host.
        forms += forms.joined(separator: "@").split(whereSeparator: { "/@:?#&='\"".contains($0) }).map(
            String.init)
        secrets += forms.filter { $0.count >= 3 }
        if plain.count < 3, !plain.isEmpty { secrets += [":\(plain)@", "password=\(plain)"] }
    }
}
