import DoubleWrite
import MigrationCore
import Testing

@testable import MigrationEngine

/// What is hung on a column while its migration is in flight.
@Suite struct NewUsesTests {
    /// A way to hang something on the old column, what the refusal calls it, and how to take it away.
    struct Hanging: Sendable, CustomTestStringConvertible {
        var dialects: [Dialect] = [.postgres]
        var make: String
        var name: String
        var drop: String
        var testDescription: String { name }
    }

    static let hangings = [
        Hanging(
            dialects: Dialect.allCases, make: "CREATE VIEW kinds AS SELECT kind FROM animals",
            name: "kinds' uses 'kind'", drop: "DROP VIEW kinds"),
        Hanging(
            dialects: Dialect.allCases, make: "CREATE INDEX by_kind ON animals (kind, name)",
            name: "index 'by_kind' uses 'kind'", drop: "DROP INDEX by_kind"),
        Hanging(
            make: "CREATE STATISTICS both_of_them ON name, kind FROM animals",
            name: "both_of_them' uses 'kind'", drop: "DROP STATISTICS both_of_them"),
        Hanging(
            make: "CREATE PUBLICATION outward FOR TABLE animals", name: "publication 'outward'",
            drop: "DROP PUBLICATION outward"),
        Hanging(
            make: """
                CREATE TRIGGER on_kind BEFORE UPDATE OF kind ON animals
                FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()
                """,
            name: "on_kind", drop: "DROP TRIGGER on_kind ON animals"),
    ]

    /// Before the truth is flipped, before it is all that is written, before the column retires, before it is dropped.
    static let steps = ["flip-both-read-new", "flip-new", "retire", "drop"]

    private func stopped(_ scratch: Scratch, before step: String) throws -> [MigrationSource] {
        try Shelter.table(scratch, rows: 10)
        let sources = [try Shelter.sources()[1]]
        let stop = Settings.alone.with { settings in
            settings.faults.strike = { point, id in
                if point == .beforeStep, id.hasSuffix("." + step) { throw Stop() }
            }
        }
        #expect(throws: EngineError.self) {
            _ = try scratch.engine(stop).apply(sources, through: .contract)
        }
        return sources
    }

    private struct Stop: Error {}

    private func refuses(_ dialect: Dialect, _ hanging: Hanging, before step: String) throws {
        let scratch = try Scratch(dialect)
        let sources = try stopped(scratch, before: step)
        let column = step == "drop" ? dialect.quote(dialect.retiredName(of: "kind")) : "kind"
        try scratch.run(
            hanging.make.replacing("SELECT kind", with: "SELECT \(column)")
                .replacing("(kind", with: "(\(column)").replacing(", kind", with: ", \(column)")
                .replacing("OF kind", with: "OF \(column)"))
        let stages = try scratch.run("SELECT stage, epoch FROM \(scratch.state("stages"))")
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(.alone).apply(sources, through: .contract)
        }
        #expect(error?.exitCode == 4)
        #expect(error?.description.contains(hanging.name) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("run the same command again; or roll back") == true)
        #expect(try scratch.engine().status(sources).drift.first?.extra.count == 1)
        #expect(try scratch.run("SELECT stage, epoch FROM \(scratch.state("stages"))") == stages)
        try scratch.run(hanging.drop)
        let report = try scratch.engine(.alone).apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
    }

    @Test(arguments: hangings, steps)
    func areRefused(hanging: Hanging, step: String) throws {
        for dialect in hanging.dialects { try refuses(dialect, hanging, before: step) }
    }

    @Test func rollsBackBesideAView() throws {
        let scratch = try Scratch(.postgres)
        let sources = try stopped(scratch, before: "retire")
        try scratch.run("CREATE VIEW kinds AS SELECT kind FROM animals")
        #expect(try scratch.engine(.alone).rollback(sources).migrations.map(\.outcome) == [.rolledBack])
        #expect(try scratch.run("SELECT count(kind) FROM kinds").scalar == .integer(7))
    }

    /// What was there is carried over or was warned of, and what comes to the new column stays.
    @Test(arguments: Dialect.allCases)
    func letsTheRestBe(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 10)
        try scratch.run("CREATE INDEX by_kind ON animals (kind)")
        let sources = [try Shelter.sources()[1]]
        _ = try scratch.engine(.alone).apply(sources, through: .expand)
        try scratch.run("CREATE VIEW all_species AS SELECT species FROM animals")
        try scratch.run("CREATE INDEX by_name ON animals (name)")
        let report = try scratch.engine(.alone).apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
    }

    /// The shape is looked at before a step that is nothing but a flip.
    @Test(arguments: Dialect.allCases)
    func noticesDriftBeforeAFlip(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 10)
        let sources = [try Shelter.sources()[1]]
        let location = scratch.location
        let meddle = Settings.alone.with { settings in
            settings.faults.strike = { point, id in
                guard point == .beforeStep, id.hasSuffix(".flip-both-read-new") else { return }
                let other = try DatabaseOpening(
                    location: location, token: "meddler", busyTimeout: .seconds(1)
                ).open()
                try other.session.execute("ALTER TABLE animals RENAME COLUMN name TO nickname")
                other.close()
            }
        }
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(meddle).apply(sources, through: .transition)
        }
        #expect(error?.exitCode == 4)
        #expect(try scratch.engine().store.stages().map(\.stage) == [.both])
    }
}
