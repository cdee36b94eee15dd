import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// An index is ours for what it is, not for its name.
@Suite struct IndexNameTests {
    private func create(isUnique: Bool = false) throws -> [MigrationSource] {
        let keys = [CreateIndex.Key(.column("name"))]
        return [
            try MigrationSource(
                "0001",
                .createIndex(CreateIndex(table: "animals", name: "by name", keys: keys, isUnique: isUnique)))
        ]
    }

    /// Runs `sql` before the step that has to do with the index.
    private func settings(_ scratch: Scratch, _ sql: String) -> Settings {
        let location = scratch.location
        return Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                guard moment == .beforeStep, step.contains("index") else { return }
                let other = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1))
                    .open()
                try other.session.execute(sql)
            }
        }
    }

    @Test(arguments: [
        "(kind)", "(name, kind)", "(name DESC)", "(lower(name))", "(name) WHERE id > 1", "unique",
    ])
    func buildsNoneBesideAnotherOfItsName(definition: String) throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 3)
        let other =
            definition == "unique"
            ? "CREATE UNIQUE INDEX IF NOT EXISTS \"by name\" ON animals (name)"
            : "CREATE INDEX IF NOT EXISTS \"by name\" ON animals \(definition)"
        // Nor does the second run take it for what the first one left.
        for _ in 0..<2 {
            let error = #expect(throws: EngineError.self) {
                _ = try scratch.engine(settings(scratch, other)).apply(create(), through: .contract)
            }
            guard case .index("by name", let message) = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(message.contains("another index of that name"))
        }
        let samples = try scratch.run("SELECT 1 FROM pg_class WHERE relname LIKE 'bellows sample%'").rows
        #expect(samples.isEmpty)
        try scratch.run("DROP INDEX \"by name\"")
        #expect(try scratch.engine(.alone).apply(create(), through: .contract).exitCode == 0)
    }

    @Test(arguments: [false, true])
    func takesTheVerySameForItsOwn(isUnique: Bool) throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 3)
        let kind = isUnique ? "UNIQUE INDEX" : "INDEX"
        let same = settings(scratch, "CREATE \(kind) IF NOT EXISTS \"by name\" ON animals (name)")
        let report = try scratch.engine(same).apply(create(isUnique: isUnique), through: .contract)
        #expect(report.exitCode == 0)
    }

    @Test func dropsNoneOfAnotherTable() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 3)
        try scratch.run("CREATE INDEX \"by name\" ON animals (name)")
        try scratch.run("CREATE TABLE others (name text)")
        let moved = settings(scratch, "DROP INDEX \"by name\"; CREATE INDEX \"by name\" ON others (name)")
        let sources = [
            try MigrationSource("0001", .dropIndex(DropIndex(table: "animals", name: "by name")))
        ]
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(moved).apply(sources, through: .contract)
        }
        #expect(error?.description.contains("index 'by name'") == true)
        #expect(try scratch.run("SELECT to_regclass('\"by name\"') IS NOT NULL").scalar == .boolean(true))
    }
}
