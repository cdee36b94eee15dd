import Foundation

/// The folder with PostgreSQL's server programs.
public enum PostgresPrograms {
    /// Looks in the environment's `PG_BIN`, where `pg_config` says, in the usual places (newest first), and in `PATH`.
    ///
    /// - Throws: ``ScratchError`` that says what to install.
    public static func find() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["PG_BIN"] {
            guard holdsServer(named) else {
                throw ScratchError("PG_BIN is '\(named)', but there is no initdb and postgres in it")
            }
            return named
        }
        let path = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let places = configured(path) + installed() + path
        guard let found = places.first(where: holdsServer) else {
            throw ScratchError(
                """
                there is no PostgreSQL server on this machine; install it \
                (apt-get install postgresql, or brew install postgresql@18), or set PG_BIN to the folder with \
                initdb and postgres
                """)
        }
        return found
    }

    private static func holdsServer(_ folder: String) -> Bool {
        ["initdb", "postgres"].allSatisfy {
            FileManager.default.isExecutableFile(atPath: folder + "/" + $0)
        }
    }

    private static func configured(_ path: [String]) -> [String] {
        let programs = path.map { $0 + "/pg_config" }
        guard let program = programs.first(where: FileManager.default.isExecutableFile),
            let outcome = try? ChildProcess.run(program, ["--bindir"]), outcome.status == 0
        else { return [] }
        return [outcome.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)]
    }

    private static func installed() -> [String] {
        let debian = folders(in: "/usr/lib/postgresql") { Double($0) }
        let brew = ["/opt/homebrew/opt", "/usr/local/opt"].flatMap { place in
            folders(in: place) { name in
                name.hasPrefix("postgresql") ? Double(name.dropFirst("postgresql@".count)) ?? 0 : nil
            }
        }
        return debian + brew
    }

    /// The `bin` folders of those folders in `place` that have a version, the newest first.
    private static func folders(in place: String, version: (String) -> Double?) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        return names.compactMap { name in version(name).map { (name, $0) } }
            .sorted { $0.1 > $1.1 }.map { "\(place)/\($0.0)/bin" }
    }
}
