import CLibpq

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where a database is: a URL, libpq's `key=value` form, a database's name, or nothing (the environment alone).
struct Location {
    let text: String
    /// The password in ``text``, to keep it out of messages.
    private(set) var password: String?

    /// - Throws: A text that libpq cannot read. libpq's own message would repeat parts of it, perhaps of a password.
    init(_ text: String) throws(PostgresError) {
        self.text = text
        guard !text.utf8.contains(0), Self.isUserPartPlain(text) else { throw Self.unreadable }
        guard Self.isURL(text) || text.contains("=") else { return }
        var message: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(text, &message)
        defer {
            PQconninfoFree(options)
            PQfreemem(message)
        }
        guard var option = options else { throw Self.unreadable }
        while let keyword = option.pointee.keyword {
            if String(cString: keyword) == "password" {
                password = option.pointee.val.map { String(cString: $0) }
            }
            option += 1
        }
    }

    /// What libpq is to connect with, in an order in which later entries win (<https://www.postgresql.org/docs/current/libpq-connect.html>):
    /// our defaults, what the user wrote, what must be.
    func parameters(applicationName: String?) -> [(String, String)] {
        var parameters = [
            ("fallback_application_name", "bellows"),
            ("keepalives", "1"), ("keepalives_idle", "30"), ("keepalives_interval", "10"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "40000"),
        ]
        if getenv("PGCONNECT_TIMEOUT") == nil { parameters.append(("connect_timeout", "10")) }
        if !text.isEmpty { parameters.append(("dbname", text)) }
        if let applicationName { parameters.append(("application_name", applicationName)) }
        parameters.append(("client_encoding", "UTF8"))
        return parameters
    }

    private static func isURL(_ text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    }

    /// Whether a URL has at most one plain `@`, and that before the first `/`, `?` and `#`: else libpq would take a part
    /// of the password for the host's name and print it.
    private static func isUserPartPlain(_ text: String) -> Bool {
        guard isURL(text), let scheme = text.firstRange(of: "://") else { return true }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        return rest.count { $0 == "@" } == authority.count { $0 == "@" } && authority.count { $0 == "@" } <= 1
    }

    private static let unreadable = PostgresError(
        message: """
            the database's location cannot be read (it is not repeated here: it may hold a password); write \
            postgres://user@host:port/database or libpq's key=value form, with '@', '/', '?', '#' and '%' in a \
            name or password percent-encoded in a URL
            """)
}
