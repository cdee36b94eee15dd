import DoubleWrite
import MigrationCore
import MigrationEngine
import Testing

/// One operation on one kind of database, with an application that writes through all of it.
struct LifeCycle: Sendable, CustomTestStringConvertible {
    /// What a reader sees of a row that the application wrote.
    struct View: Sendable {
        /// A query of the rows that the application wrote, the row's number first.
        var query: String
        /// The rest of the row with that number.
        var row: @Sendable (Int) -> [SQLValue]

        init(_ query: String, _ row: @escaping @Sendable (Int) -> [SQLValue]) {
            self.query = query
            self.row = row
        }
    }

    /// The operation's keyword, and what is special here.
    var name: String
    var dialect: Dialect
    /// The schema before, with rows.
    var setUp: [String]
    var operations: [MigrationCore.Operation]
    /// From ``setUp`` to the same end, made directly with nobody there.
    var target: [String]
    /// Whether it can be taken back.
    var isReversible = true
    /// Whether the migration has to be begun before the release that declares its change: a change that keeps a column's
    /// name is told by its recorded stage alone.
    var isAnnounced = false
    /// A query of the rows that shows no number that the database has given out; `nil` where it gives out none.
    var rowsByName: String?
    /// Whether a rollback leaves the rows or the values that the expand has filled in: then the schema alone is as before.
    var leavesRows = false
    /// What the application does by its attestation; `nil` where it is released again for each gate.
    var conduct: Release.Conduct? = .helper
    /// Writes the row of that number (from 1000 on), in whatever state the database is.
    var write: @Sendable (Int, Client) throws -> Void
    var before: View
    var after: View

    var testDescription: String { "\(dialect.rawValue): \(name)" }
    var migration: Migration { Migration(name: "0002_change", operations: operations) }
    var source: MigrationSource {
        MigrationSource(migration: migration, checksum: MigrationSource.checksum(of: name))
    }
}

extension LifeCycle {
    /// Every scenario of both databases.
    static let all: [LifeCycle] = Dialect.allCases.flatMap { all(of: $0) }

    private static func all(of dialect: Dialect) -> [LifeCycle] {
        let kinds = [columns, shapes, synchronised, moves, constraints, tables]
        return kinds.flatMap { $0(dialect) }
    }

    /// What SQLite does not have; the planner refuses it.
    static let absentInSQLite = [
        "set_comment", "create_enum", "add_enum_value", "drop_enum", "set_replica_identity",
    ]
}

extension Dialect {
    /// The text of the two that is this dialect's.
    func text(postgres: String, sqlite: String) -> String {
        switch self {
        case .postgres: postgres
        case .sqlite: sqlite
        }
    }

    /// The type of a key.
    var keyType: String { text(postgres: "bigint PRIMARY KEY", sqlite: "INTEGER PRIMARY KEY") }
}
