import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// A SQLite file that may not grow, page by page.
@Suite struct DiskTests {
    private func prepared() throws -> (Scratch, [MigrationSource]) {
        let scratch = try Scratch(.sqlite)
        try Shelter.table(scratch, rows: 1500)
        let named = AddCheck(table: "animals", name: "named", check: "name <> ''")
        return (scratch, [try Shelter.sources()[1], try MigrationSource("0003_check", .addCheck(named))])
    }

    @Test func aFullDiskLosesNothing() throws {
        let (straight, sources) = try prepared()
        _ = try straight.engine(.alone).apply(sources, through: .contract)
        let (scratch, _) = try prepared()
        let used = Int(try scratch.run("PRAGMA page_count").scalar?.integer ?? 0)
        var failures = 0
        for limit in stride(from: used + 1, to: used * 10, by: 3) {
            let settings = Settings.alone.with { $0.faults.pageLimit = limit }
            do {
                let report = try scratch.engine(settings).apply(sources, through: .contract)
                #expect(report.exitCode == 0)
                break
            } catch let error as EngineError {
                guard case .database(_, "SQLITE_FULL", _, _) = error.reason else { throw error }
                #expect(error.description.contains("make room, and run the same command again"))
                #expect(try scratch.run("SELECT count(*) FROM animals").scalar == 1500)
                #expect(try scratch.run("PRAGMA integrity_check").scalar == "ok")
                failures += 1
            }
        }
        #expect(failures > 5)
        #expect(try scratch.fingerprint() == straight.fingerprint())
        let query = "SELECT id, name, species FROM animals ORDER BY id"
        #expect(try scratch.run(query).rows == straight.run(query).rows)
    }
}
