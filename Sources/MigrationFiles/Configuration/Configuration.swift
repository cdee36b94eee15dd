import MigrationCore

/// What `bellows.yaml` says, for one environment. What it leaves out is `nil`: whoever uses it knows the
/// default.
public struct Configuration: Sendable, Hashable {
    /// The database's location, before its variables are expanded: not every command needs it.
    public var database: ConfigurationText?
    /// Many databases instead of one, in the order in which they are migrated.
    public var databases: [DatabaseEntry]?
    /// The address of the server itself, where ``database`` is a pooler's.
    public var directDatabase: ConfigurationText?
    /// The directory of migration files.
    public var migrations: ConfigurationText?
    /// The applications that must be attested.
    public var applications: [String]?
    /// After how long a silent runner may be replaced.
    public var lease: Duration?
    /// The time between retiring and dropping.
    public var soak: Duration?
    /// How long a statement waits for a lock.
    public var lockTimeout: Duration?
    /// What the releases of an application read and write, in the order in which they go out.
    public var releases: [DeclaredRelease] = []

    /// A project without a file.
    public init() {}
}

extension Configuration {
    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: The file's path.
    ///   - environment: The environment whose settings replace the common ones; `nil` for none.
    /// - Throws: every mistake in the file; an environment that it does not have.
    public init(path: String, environment: String?) throws(FileProblems) {
        do {
            let bytes = try TextFile.bytes(at: path)
            let document = try Document(try TextFile.text(bytes, path: path), path: path)
            self = try Self(document, path: path, environment: environment)
        } catch let problem as FileProblem {
            throw FileProblems([problem])
        } catch let problems as FileProblems {
            throw problems
        } catch {
            throw FileProblems([FileProblem(path: path, message: "\(error)")])
        }
    }

    private init(_ document: Document, path: String, environment: String?) throws {
        guard let root = document.root else {
            if let environment { throw Self.unknown(environment, [], FileProblem(path: path, message: "")) }
            return
        }
        var checker = Checker(path: path)
        checker.check(root, .keys(ConfigurationFormat.file), "bellows.yaml")
        guard checker.problems.isEmpty else { throw FileProblems(checker.problems) }
        try overlay(root, path: path)
        releases = (root["releases"]?.values ?? []).map { DeclaredRelease($0, path: path) }
        guard let environment else { return }
        let environments = root["environments"]
        guard let settings = environments?[environment] else {
            throw Self.unknown(
                environment, environments?.entries.map(\.key) ?? [],
                FileProblem(path: path, position: environments?.position, message: ""))
        }
        try overlay(settings, path: path)
    }

    private mutating func overlay(_ value: Value, path: String) throws(FileProblem) {
        func text(_ key: String) -> ConfigurationText? {
            value[key].flatMap { value in
                value.text.map { ConfigurationText($0, path: path, position: value.position) }
            }
        }
        func duration(_ key: String) -> Duration? { value[key]?.text.flatMap(DurationText.duration) }
        try overlayDatabases(value, path: path)
        directDatabase = text("direct_database") ?? directDatabase
        migrations = text("migrations") ?? migrations
        applications = value["applications"]?.values.compactMap(\.text) ?? applications
        lease = duration("lease") ?? lease
        soak = duration("soak") ?? soak
        lockTimeout = duration("lock_timeout") ?? lockTimeout
    }

    /// One database takes the place of many that were said before, and the other way around.
    private mutating func overlayDatabases(_ value: Value, path: String) throws(FileProblem) {
        let many = value.entries.first { $0.key == "databases" }
        if let one = value["database"], let text = one.text {
            if let many {
                throw FileProblem(
                    path: path, position: many.keyPosition,
                    message: "'databases' stands beside 'database': keep the one that is meant")
            }
            database = ConfigurationText(text, path: path, position: one.position)
            databases = nil
        }
        guard let many else { return }
        database = nil
        switch many.value.content {
        case .list(let values):
            databases = values.compactMap { value in
                value.text.map {
                    DatabaseEntry(name: nil, location: $0, path: path, position: value.position)
                }
            }
        case .mapping(let entries):
            databases = entries.compactMap { entry in
                entry.value.text.map {
                    DatabaseEntry(name: entry.key, location: $0, path: path, position: entry.keyPosition)
                }
            }
        case .scalar: preconditionFailure("a checked file has a list or a mapping there")
        }
    }

    private static func unknown(
        _ environment: String, _ names: [String], _ problem: FileProblem
    ) -> FileProblem {
        var problem = problem
        let known =
            names.isEmpty ? "it has none" : "it has \(names.map { "'\($0)'" }.joined(separator: ", "))"
        problem.message =
            "there is no environment '\(environment)'"
            + (NearestName.of(environment, among: names).map { "; did you mean '\($0)'?" } ?? "; \(known)")
        return problem
    }
}

/// A text in which `${NAME}` stands for an environment variable. `$${` is a plain `${`.
public struct ConfigurationText: Sendable, Hashable {
    /// The text as it stands in the file.
    public var text: String
    private var path: String
    private var position: SourcePosition?

    init(_ text: String, path: String, position: SourcePosition?) {
        self.text = text
        self.path = path
        self.position = position
    }

    /// The text with its variables' values.
    ///
    /// - Parameter variables: The environment.
    /// - Throws: the first variable that is not set, or a `${` without its end.
    public func expanded(_ variables: [String: String]) throws(FileProblem) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            let before = rest[..<start.lowerBound]
            rest = rest[start.upperBound...]
            if before.last == "$" {
                result += before.dropLast() + "${"
                continue
            }
            guard let end = rest.firstIndex(of: "}") else {
                throw FileProblem(path: path, position: position, message: "'${' without its '}'")
            }
            let name = String(rest[..<end])
            guard let value = variables[name] else {
                throw FileProblem(
                    path: path, position: position, message: "the environment variable '\(name)' is not set")
            }
            result += before + value
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
