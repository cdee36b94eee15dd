internal import DoubleWrite
internal import MigrationCore

extension EngineError: CustomStringConvertible {
    /// What failed, what that means, what to do.
    public var description: String {
        guard let migration else { return message }
        return step.map { "\(migration), step \($0): \(message)" } ?? "\(migration): \(message)"
    }

    private var message: String {
        switch reason {
        case .connection(let location, let code, let message):
            "cannot open \(location)\(Self.bracketed(code)): \(message)"
        case .connectionLost(let location, let code, let message):
            "the connection to \(location) was lost\(Self.bracketed(code)): \(message); "
                + "nothing is lost, what was not finished was rolled back; run the same command again"
        case .database(let doing, let code, let message, let hint):
            "\(doing) failed\(Self.bracketed(code)): \(message)" + (hint.map { "; \($0)" } ?? "")
        case .readOnly(let location, let message):
            "\(location) cannot be written to: \(message); nothing was changed"
        case .planning(let problems): problems.map(\.description).joined(separator: "\n")
        case .conflict(let migration, let other, let column):
            "'\(migration)' and '\(other)' both change \(column); "
                + "finish or roll back one before the other begins"
        case .unknownMigrations(let names): Self.unknown(names)
        case .unknownApplication(let name, let known, let nearest):
            "no application '\(name)' is listed" + (nearest.map { ", did you mean '\($0)'? L" } ?? "; l")
                + "isted: \(known.joined(separator: ", "))"
        case .editedFiles(let files):
            "edited after it began: \(Self.quoted(files)); "
                + "put the file back as it was, or roll the migration back before editing it"
        case .editedFinishedFiles(let files):
            "edited after it was finished: \(Self.quoted(files)); "
                + "undo the edit: what is finished stays as it is, and a new change is a new file"
        case .missingFiles(let names):
            "recorded in the database, but no file is there: \(Self.quoted(names)); put the file back"
        case .drift(let tables): Self.drift(tables)
        case .newUses(let name, let tables): Self.newUses(name, tables)
        case .index(let name, let message): "index '\(name)': \(message)"
        case .pooler(let what): Self.pooler(what)
        case .rollingBack(let name):
            "'\(name)' is being rolled back; run `bellows rollback \(name)` to the end first"
        case .irreversible(let name, let step, let why):
            "'\(name)' cannot be rolled back behind step \(step): \(why)"
        case .laterMigration(let name, let later, let table):
            "'\(name)' cannot be rolled back under '\(later)', which came later and touches '\(table)' too; "
                + "roll that back first: bellows rollback \(later)"
        case .wouldLoseValues(let name, let what, let count):
            "rolling '\(name)' back would drop \(what) with \(count) \(count == 1 ? "value or row" : "values or rows") "
                + "that nothing else holds; nothing was changed; save them first, and say --discard-data"
        case .nothingToRollBack(let names):
            names.isEmpty
                ? "no migration is in flight: nothing to roll back"
                : "not begun, nothing to roll back: \(Self.quoted(names))"
        case .severalInFlight(let names):
            "several migrations are in flight, name one: \(names.joined(separator: ", "))"
        case .state(let message): message
        case .stopped:
            "stopped, as asked; what was done is recorded: run the same command again, and it goes on from there"
        case .lockTimeout, .leaseHeld, .leaseLost, .backfillStuck: waiting
        }
    }

    /// The messages about what somebody else holds up.
    private var waiting: String {
        switch reason {
        case .lockTimeout(let object, let attempts, let blockers):
            "no lock on \(object) after \(attempts) \(attempts == 1 ? "attempt" : "attempts")"
                + (blockers.isEmpty ? "" : ", held by " + blockers.map(\.description).joined(separator: "; "))
                + "; run the command again when it is free"
        case .leaseHeld(let holder):
            "\(holder) runs migrations here since \(holder.since); "
                + "its lease ends at \(holder.expires) unless renewed"
        case .leaseLost(let holder):
            "lease taken over" + (holder.map { " by \($0)" } ?? "") + "; this run wrote nothing since"
        case .backfillStuck(_, let passes, let remaining, let samples):
            "after \(passes) passes \(remaining) rows still differ"
                + (samples.isEmpty ? "" : ", among them \(samples.joined(separator: "; "))")
                + "; a trigger or a writer that is not known puts them back"
        default: ""
        }
    }

    private static func bracketed(_ code: String?) -> String { code.map { " [\($0)]" } ?? "" }

    private static func quoted(_ names: [String]) -> String {
        names.map { "'\($0)'" }.joined(separator: ", ")
    }

    private static func unknown(_ names: [String: String?]) -> String {
        names.sorted { $0.key < $1.key }.map { name, nearest in
            "no migration is called '\(name)'" + (nearest.map { ", did you mean '\($0)'?" } ?? "")
        }.joined(separator: "\n")
    }

    private static func newUses(_ migration: String, _ tables: [Drift]) -> String {
        tables.map { table in
            "since '\(migration)' began, these came to '\(table.table)'; they would be stale or lost when the "
                + "old column is left alone and dropped" + table.extra.map { "\n  \($0)" }.joined()
        }.joined(separator: "\n")
            + "\ndrop them, or move them to the new column, and run the same command again; or roll back"
    }

    private static func drift(_ tables: [Drift]) -> String {
        tables.map { table in
            "table '\(table.table)' is not as the migrations in flight left it"
                + table.missing.map { "\n  missing: \($0)" }.joined()
                + table.extra.map { "\n  extra:   \($0)" }.joined()
        }.joined(separator: "\n") + "\nput it back as it was, or finish the change through a migration"
    }
}

extension EngineError {
    fileprivate static func pooler(_ what: Pooler) -> String {
        let why =
            "CREATE and DROP INDEX CONCURRENTLY need a session of their own, and the database is reached by way of a pooler, "
            + "which gives each transaction another one"
        let how = "give the server's own address (--direct-database URL, or direct_database: in bellows.yaml)"
        switch what {
        case .noDirectAddress: return "\(why); nothing was changed; \(how)"
        case .directIsPooled: return "\(why), and so is the one that --direct-database names; \(how)"
        case .anotherDatabase:
            return
                "\(why), and the one that --direct-database names is another database: it does not have this run's lease; "
                + how
        }
    }
}
