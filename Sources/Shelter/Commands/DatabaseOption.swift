import ArgumentParser

/// `--database`, as every command takes it.
struct DatabaseOption: ParsableArguments {
    @Option(
        name: .customLong("database"),
        help: "The database: sqlite:path, or postgres://... The environment's DATABASE_URL by default.")
    var location: String?

    /// Opens the database.
    ///
    /// - Parameter name: By what the database's administrator knows us.
    func open(named name: String) throws -> any AnimalStore {
        guard let location = location ?? ProcessEnvironment["DATABASE_URL"] else {
            throw ValidationError("no database is named; give --database, or set DATABASE_URL")
        }
        return try Self.open(location, named: name)
    }

    /// Opens the database at a location.
    static func open(_ location: String, named name: String) throws -> any AnimalStore {
        if location.hasPrefix("postgres://") || location.hasPrefix("postgresql://") {
            return try PostgresAnimals(location, name: name)
        }
        for prefix in ["sqlite://", "sqlite:"] where location.hasPrefix(prefix) {
            return try SQLiteAnimals(path: String(location.dropFirst(prefix.count)))
        }
        guard [".db", ".sqlite", ".sqlite3"].contains(where: location.hasSuffix) else {
            throw ValidationError(
                "'--database' names neither SQLite (sqlite:path) nor PostgreSQL (postgres://...)")
        }
        return try SQLiteAnimals(path: location)
    }
}
