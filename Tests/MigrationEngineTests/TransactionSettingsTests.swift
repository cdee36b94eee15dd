import DoubleWrite
import Testing

@testable import MigrationEngine

/// What PostgreSQL is told for one transaction of ours, and for no other.
@Suite struct TransactionSettingsTests {
    private let scratch: Scratch
    private let database: any TargetDatabase

    init() throws {
        scratch = try Scratch(.postgres)
        database = try scratch.engine().database
    }

    private func setting(_ name: String) throws -> String? {
        try database.session.query("SELECT current_setting($1)", [.text(name)]).scalar?.text
    }

    /// Never more processes than the server takes by itself.
    @Test(arguments: [(nil, "2"), (1, "0"), (2, "1"), (3, "2"), (64, "2")] as [(Int?, String)])
    func readsWithSoManyProcesses(processes: Int?, helpers: String) throws {
        let name = "max_parallel_workers_per_gather"
        #expect(try database.reading(nil, with: processes) { try setting(name) } == helpers)
        #expect(try setting(name) == "2")
    }

    @Test func onlyBatchesDoNotWaitForTheDisk() throws {
        let name = "synchronous_commit"
        let limit = Duration.seconds(1)
        #expect(try database.writing(.batch(lockTimeout: limit)) { try setting(name) } == "off")
        #expect(try database.writing(.step(lockTimeout: limit)) { try setting(name) } == "on")
        #expect(try database.writing(.state) { try setting(name) } == "on")
        #expect(try setting(name) == "on")
    }
}
