internal import DoubleWrite
internal import Foundation
internal import MigrationCore

/// The state in the target database: reading and writing its tables. Decides nothing, and begins no
/// transaction but the one that creates the tables.
struct StateStore {
    let database: any TargetDatabase

    var session: any SQLSession { database.session }
    var words: StateWords { database.words }

    /// Whether there is a state to read.
    func exists() throws -> Bool {
        guard try database.hasState() else { return false }
        try checkVersion()
        return true
    }

    /// Creates the state where there is none, and brings it to this program's version. Safe when two start at
    /// once.
    func ensure() throws {
        if try exists(), try version() == StateSchema.version { return }
        try database.writing(.state) {
            try database.prepareState()
            let isThere = try database.hasState()
            for next in (isThere ? try version() : 0) + 1..<StateSchema.version + 1 {
                for statement in StateSchema.statements(toVersion: next, words: words) {
                    try session.execute(statement)
                }
            }
            try run(
                "INSERT INTO {meta} (name, value) VALUES ('version', $1) "
                    + "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                .text(String(StateSchema.version)))
            if !isThere { try database.grantState() }
        }
    }

    private func version() throws -> Int {
        let text = try run("SELECT value FROM {meta} WHERE name = 'version'").scalar?.text
        guard let version = text.flatMap({ Int($0) }) else {
            throw EngineError(
                .state(message: "the state's version cannot be read; was its table meta edited?"))
        }
        return version
    }

    private func checkVersion() throws {
        let found = try version()
        guard found <= StateSchema.version else {
            throw EngineError(
                .state(
                    message: "the state in the database is of version \(found), this program knows "
                        + "\(StateSchema.version); use the newer program that wrote it"))
        }
    }

    /// Runs one of the engine's own texts for both databases.
    @discardableResult
    func run(_ text: String, _ parameters: SQLValue...) throws -> ResultSet {
        let sql = words.sql(text)
        guard !session.isInTransaction, text.hasPrefix("SELECT") else {
            return try session.query(sql, parameters)
        }
        // Also a single read must not queue for a lock without limit.
        return try database.reading { try session.query(sql, parameters) }
    }

    /// The time by the database's clock.
    func now() throws -> Moment {
        Moment(milliseconds: try run("SELECT {now}").scalar?.integer ?? 0)
    }

    /// Appends to the log of events.
    func log(
        _ event: String, migration: String?, run number: Int64? = nil, step: String? = nil,
        detail: String? = nil
    )
        throws
    {
        try run(
            "INSERT INTO {events} (at_ms, migration, run, step, event, detail) VALUES ({now}, $1, $2, $3, $4, $5)",
            SQLValue(migration), SQLValue(number), SQLValue(step), .text(event), SQLValue(detail))
    }
}

extension SQLValue {
    init(_ text: String?) { self = text.map { .text($0) } ?? .null }
    init(_ integer: Int64?) { self = integer.map { .integer($0) } ?? .null }
}

/// Plans, cursors and evidence as the state stores them.
enum StoredJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type, from text: String, what: String) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw EngineError(.state(message: "\(what) cannot be read from the state: \(error)"))
        }
    }
}
