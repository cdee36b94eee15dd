import DoubleWrite
import Foundation
import MigrationCore
import MigrationEngine
import MigrationFiles
import Rehearsal

/// What planning without a database begins with: nothing, or the schema that a file says.
struct OfflineBase {
    var schema: Schema
    var generations: [ChangeID: Int] = [:]
    var finishedChanges: Set<ChangeID> = []
    /// The migrations that the schema has already.
    var begun: Set<String> = []
    /// Whether the schema is that of before the first migration that is named: so it is with SQL, which does not say.
    var isBeforeTheNamed = false
    /// What is said where the plan is shown.
    var source: String

    var dialect: Dialect { schema.dialect }

    /// Nothing but the files.
    init(_ dialect: Dialect) {
        schema = Schema(dialect: dialect)
        source = "from the files alone"
    }

    /// - Parameters:
    ///   - path: A snapshot that `bellows schema` has written, or SQL.
    ///   - dialect: What `--dialect` says.
    init(path: String, _ dialect: Dialect?) throws(CommandFailure) {
        let text = try Self.text(path)
        if text.first(where: { !$0.isWhitespace }) == "{" {
            let snapshot = try Self.snapshot(text, path, dialect)
            schema = snapshot.schema
            generations = snapshot.generations
            finishedChanges = snapshot.finishedChanges
            begun = Set(snapshot.finished + snapshot.inFlight)
            source = "against the schema in \(path.onOneLine)"
            for name in snapshot.inFlight {
                Output.complain(
                    "note: '\(name.onOneLine)' is in flight in the schema '\(path.onOneLine)'; its plan is kept in the "
                        + "database, and shown with --database")
            }
            return
        }
        guard let dialect else {
            throw CommandFailure(
                "the schema '\(path.onOneLine)' is SQL, so it must be said whose: --dialect postgres or --dialect sqlite",
                exitCode: 2)
        }
        do {
            schema = try ScratchSchema.read(text, dialect)
        } catch {
            throw CommandFailure("cannot read the schema '\(path.onOneLine)': \(error)")
        }
        isBeforeTheNamed = true
        source = "against the schema in \(path.onOneLine)"
    }

    /// The text of a file with a schema.
    static func text(_ path: String) throws(CommandFailure) -> String {
        do {
            return try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
        } catch {
            throw CommandFailure(
                "cannot read the schema '\(path.onOneLine)': \(error.localizedDescription)", exitCode: 2)
        }
    }

    private static func snapshot(
        _ text: String, _ path: String, _ dialect: Dialect?
    ) throws(CommandFailure) -> SchemaSnapshot {
        let decoder = JSONDecoder()
        let head = try? decoder.decode(Head.self, from: Data(text.utf8))
        guard let head, head.format == SchemaSnapshot.format else {
            throw CommandFailure(
                "the schema '\(path.onOneLine)' is neither SQL nor a snapshot that 'bellows schema' has written"
            )
        }
        guard head.version == SchemaSnapshot.version else {
            throw CommandFailure(
                "the schema '\(path.onOneLine)' is a snapshot of version \(head.version), and this is for version "
                    + "\(SchemaSnapshot.version); write it anew with 'bellows schema'")
        }
        let snapshot: SchemaSnapshot
        do {
            snapshot = try decoder.decode(SchemaSnapshot.self, from: Data(text.utf8))
        } catch {
            throw CommandFailure(
                "the schema '\(path.onOneLine)' was edited or cut off: a part of it is missing or is no longer what "
                    + "'bellows schema' writes; write it anew")
        }
        guard let dialect, dialect != snapshot.schema.dialect else { return snapshot }
        throw CommandFailure(
            "the schema '\(path.onOneLine)' is of \(Words.database(snapshot.schema.dialect)), and --dialect says "
                + "\(dialect.rawValue)", exitCode: 2)
    }

    private struct Head: Decodable {
        var format: String
        var version: Int
    }
}

extension OfflineBase {
    /// The migrations that are planned, in their order: with those before them that the schema does not have yet.
    func pending(_ files: [MigrationFile], names: [String]) -> [Migration] {
        let last = names.max()
        return files.map(\.migration).filter { migration in
            guard !begun.contains(migration.name) else { return false }
            if isBeforeTheNamed, !names.isEmpty { return names.contains(migration.name) }
            return last.map { migration.name <= $0 } ?? true
        }
    }
}
