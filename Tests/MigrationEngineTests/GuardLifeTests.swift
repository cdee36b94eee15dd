import DoubleWrite
import MigrationCore
import SQLiteDriver
import TestSupport
import Testing

@testable import MigrationEngine

/// A guarded migration from end to end, beside a release that nobody told of it.
@Suite struct GuardLifeTests {
    private static let rename = RenameColumn(
        table: "animals", from: "kind", to: "species", isGuarded: true)

    private func sources() throws -> [MigrationSource] {
        [try MigrationSource("0002_species", .renameColumn(Self.rename))]
    }

    private func attest(_ scratch: Scratch, _ names: String..., settings: Settings = .test) throws {
        for name in names {
            try scratch.engine(settings).attest(Attestation(application: name), sources: sources())
        }
    }

    @Test(arguments: Dialect.allCases)
    func theContractWaitsForWhoeverWroteLast(dialect: Dialect) throws {
        let settings = Settings.test.with { $0.applications = ["api", "worker"] }
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        try attest(scratch, "api", "worker", settings: settings)
        #expect(try scratch.engine(settings).apply(sources(), through: .transition).exitCode == 0)
        try scratch.run("UPDATE animals SET kind = 'bird' WHERE id = 2")

        let report = try scratch.engine(settings).apply(sources(), through: .contract)
        #expect(report.exitCode == 3)
        let gate = try #require(report.migrations[0].unmetGates.first)
        #expect(gate.step == "1.contract.quiet")
        #expect(gate.remedies.count == 2)
        #expect(gate.strays.map(\.writes) == [1])
        #expect(gate.description.contains("the guard has counted 1 write at 'new'"))

        let status = try scratch.engine(settings).status(sources())
        #expect(status.strays.map(\.change.name) == ["animals.species"])
        #expect(status.strays.map(\.stage) == [.new])
        #expect(status.migrations[0].waitsFor.first?.strays == status.strays)
        if dialect == .postgres {
            #expect(status.strays[0].role == "postgres" && status.strays[0].application == "test")
        }
        #expect(try scratch.run("SELECT species FROM animals WHERE id = 2").scalar == "bird")

        try attest(scratch, "api", settings: settings)
        #expect(try scratch.engine(settings).apply(sources(), through: .contract).exitCode == 3)
        try attest(scratch, "worker", settings: settings)
        #expect(try scratch.engine(settings).apply(sources(), through: .contract).exitCode == 0)
        #expect(try scratch.engine(settings).status(sources()).strays == [])
    }

    @Test(arguments: Dialect.allCases)
    func withoutAnyTheContractWaitsForNothing(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        try attest(scratch, "app")
        #expect(try scratch.engine().apply(sources(), through: .contract).exitCode == 0)
    }

    /// An application with code of its own says what it does, not what the helper would.
    @Test(arguments: Dialect.allCases)
    func whoWritesByItsOwnCodeIsAskedForThat(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        for conduct in [Release.Conduct.both, .bothReadNew, .new] {
            try scratch.engine().attest(
                Attestation(application: "app", conduct: conduct), sources: sources())
            #expect(try scratch.engine().apply(sources(), through: .transition).exitCode >= 0)
        }
        try scratch.run("UPDATE animals SET kind = 'bird' WHERE id = 2")
        let gate = try scratch.engine().apply(sources(), through: .contract).migrations[0].unmetGates.first
        #expect(gate?.remedies == ["bellows attest app --migration 0002_species --as new"])
    }

    @Test(arguments: Dialect.allCases)
    func aTriggerThatIsGoneIsDrift(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        #expect(try scratch.engine(.alone).apply(sources(), through: .expand).exitCode == 0)
        #expect(try scratch.engine().status(sources()).drift == [])
        switch dialect {
        case .postgres: try scratch.run("DROP TRIGGER \"~bellows_guard_update_animals.species\" ON animals")
        case .sqlite: try scratch.run("DROP TRIGGER `bellows_guard:animals.species:update`")
        }
        let status = try scratch.engine().status(sources())
        #expect(status.exitCode == 4)
        let missing = Array(status.drift.map(\.missing).joined())
        #expect(missing.contains { $0.contains("guard") })
        let error = #expect(throws: EngineError.self) {
            try scratch.engine(.alone).apply(sources(), through: .transition)
        }
        #expect(error?.exitCode == 4)
    }

    @Test(arguments: Dialect.allCases)
    func undoneItLeavesNothingBehind(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        let before = try scratch.fingerprint()
        for phase in [Phase.expand, .transition] {
            #expect(try scratch.engine(.alone).apply(sources(), through: phase).exitCode == 0)
            try scratch.run("UPDATE animals SET kind = 'dog' WHERE id = 2")
            try scratch.run("UPDATE animals SET kind = 'cat' WHERE id = 2")
            #expect(try scratch.engine(.alone).rollback(sources()).exitCode == 0)
            #expect(try scratch.fingerprint() == before)
            #expect(try scratch.strays() == 0)
        }
    }

    /// It writes without a pause while the engine expands, fills, counts and flips.
    @Test(arguments: Dialect.allCases)
    func aBusyStragglerLosesNothing(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 2000)
        let journal = WriteJournal()
        let location = scratch.location
        let writers = (0..<2).map { number in
            BackgroundWriter {
                let session = try BusyWriter(location)
                var count: Int64 = 0
                while !journal.isDone {
                    count += 1
                    let id = 1 + (count * 7 + Int64(number)) % 900 * 2 + Int64(number)
                    let value = count % 5 == 0 ? nil : "kind \(number) \(count)"
                    try session.write(value, to: id)
                    journal.note(id, value)
                }
            }
        }
        defer { journal.finish() }
        let settings = Settings.test.with {
            $0.settleTimeout = .seconds(20)
            $0.lockAttempts = 100
        }
        try attest(scratch, "app", settings: settings)
        let report = try scratch.engine(settings).apply(sources(), through: .transition)
        #expect(report.exitCode == 0, "\(report)")
        #expect(try scratch.run("SELECT stage FROM \(scratch.state("stages"))").scalar == "new")
        journal.finish()
        for writer in writers { try writer.wait() }
        #expect(journal.all.count > 50)
        for (id, value) in journal.all {
            let found = try scratch.run("SELECT species FROM animals WHERE id = \(id)").scalar
            #expect(found == (value.map { .text($0) } ?? .null), "\(id)")
        }
        #expect(try scratch.strays() > 0)
    }

    /// A release that knows the old shape alone, from before the expand to behind the retire and back.
    @Test(arguments: Dialect.allCases, [false, true])
    func aStragglerLosesNothing(dialect: Dialect, isGuarded: Bool) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 9)
        var rename = Self.rename
        rename.isGuarded = isGuarded
        let sources = [try MigrationSource("0002_species", .renameColumn(rename))]
        let settings = Settings.test.with { $0.soak = .seconds(3600) }
        var release = OldRelease(session: try scratch.connect())
        func apply(_ phase: Phase) throws -> Int32 {
            try scratch.engine(settings).apply(sources, through: phase).exitCode
        }
        func attest() throws {
            try scratch.engine(settings).attest(Attestation(application: "app"), sources: sources)
        }
        try attest()
        try release.write()
        #expect(try apply(.expand) == 0)
        // Without a guard a write from here on is healed by nobody, and the count before the flip finds it.
        if isGuarded {
            try release.write()
            #expect(try apply(.transition) == 0)
            try release.write()
            #expect(try apply(.contract) == 3)
            try attest()
        }
        #expect(try apply(.contract) == 3)
        #expect(
            try scratch.engine(settings).status(sources).migrations[0].step?.step.id == "1.contract.soak")

        // Retired: it fails loudly, and writes nothing.
        #expect(throws: (any Error).self) { try release.write() }
        // Whoever is on the new shape goes on meanwhile.
        try scratch.run("UPDATE animals SET species = 'new ' || id WHERE id BETWEEN 7 AND 9")

        let back = try scratch.engine(settings).rollback(sources)
        #expect(back.exitCode == 0)
        try release.write()
        let rows = try scratch.run("SELECT id, kind FROM animals WHERE id < 4 OR id > 100 ORDER BY id").rows
        #expect(
            rows == release.written.sorted { $0.key < $1.key }.map { [.integer($0.key), .text($0.value)] })
        #expect(
            try scratch.run("SELECT kind FROM animals WHERE id > 6 AND id < 10 ORDER BY id").rows
                == [["new 7"], ["new 8"], ["new 9"]])
    }
}

/// A writer of the old column that comes again where it is kept from writing.
private struct BusyWriter {
    private let session: any SQLSession

    init(_ location: DatabaseLocation) throws {
        session =
            switch location {
            case .postgres(let address): try PostgresSession(address, name: "straggler")
            case .sqlite(let path):
                try SQLiteSession(path: path, mode: .readWrite, busyTimeout: .seconds(20))
            }
    }

    func write(_ value: String?, to id: Int64) throws {
        let sql = "UPDATE animals SET kind = \(value.map { "'\($0)'" } ?? "NULL") WHERE id = \(id)"
        for attempt in 1...50 {
            do {
                return try session.execute(sql)
            } catch let failure as DatabaseFailure
                where attempt < 50 && [.lockNotAvailable, .conflict].contains(failure.kind)
            {
                continue
            }
        }
    }
}

/// A release of before the change. What it was told is written, it keeps.
private struct OldRelease {
    let session: any SQLSession
    private(set) var written: [Int64: String] = [:]
    private var count: Int64 = 0

    init(session: any SQLSession) { self.session = session }

    /// Changes three rows and adds one.
    mutating func write() throws {
        count += 1
        let id = 100 + count
        try session.execute("BEGIN")
        do {
            for row in Int64(1)...3 {
                try session.execute("UPDATE animals SET kind = 'kind \(count)' WHERE id = \(row)")
            }
            try session.execute("INSERT INTO animals (id, name, kind) VALUES (\(id), 'x', 'kind \(count)')")
            try session.execute("COMMIT")
        } catch {
            try session.execute("ROLLBACK")
            throw error
        }
        for row in Int64(1)...3 { written[row] = "kind \(count)" }
        written[id] = "kind \(count)"
    }
}
