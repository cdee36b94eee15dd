import DoubleWrite
import Foundation
import MigrationCore
import PostgresDriver
import TestSupport
import Testing

@testable import MigrationEngine

/// What is refused, with which words and exit code, before anything is changed.
@Suite struct RefusalTests {
    private func expect(
        _ code: Int32, _ words: String, _ body: () throws -> Void, _ place: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: EngineError.self, sourceLocation: place) { try body() }
        #expect(error?.exitCode == code, "\(String(describing: error))", sourceLocation: place)
        #expect(
            error?.description.contains(words) == true, "\(error?.description ?? "")", sourceLocation: place)
    }

    /// A rename that has been expanded.
    private func expanded(_ dialect: Dialect) throws -> (Scratch, [MigrationSource]) {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 10)
        let sources = [try Shelter.sources()[1]]
        _ = try scratch.engine(.alone).apply(sources, through: .expand)
        return (scratch, sources)
    }

    @Test(arguments: Dialect.allCases)
    func refusesEditedAndMissingFiles(dialect: Dialect) throws {
        let (scratch, sources) = try expanded(dialect)
        var edited = sources
        edited[0].checksum = "edited"
        expect(4, "migrations/0002_species.yaml") {
            _ = try scratch.engine().apply(edited, through: .contract)
        }
        #expect(try scratch.engine().status(edited).migrations[0].isEdited)
        expect(4, "'0002_species'") { _ = try scratch.engine().apply([], through: .contract) }
        #expect(try scratch.engine().status([]).migrations[0].isFileMissing)
        #expect(try scratch.engine().status([]).exitCode == 4)
        // Taking it back needs no file, and afterwards the file may say anything.
        _ = try scratch.engine(.alone).rollback([])
        let status = try scratch.engine().status(edited)
        #expect(status.migrations.map(\.state) == [.pending])
        #expect(status.exitCode == 3)
    }

    @Test(arguments: Dialect.allCases)
    func advisesNoRollbackOfWhatIsFinished(dialect: Dialect) throws {
        let (scratch, sources) = try expanded(dialect)
        _ = try scratch.engine(.alone).apply(sources, through: .contract)
        var edited = sources
        edited[0].checksum = "edited"
        expect(4, "undo the edit: what is finished stays as it is, and a new change is a new file") {
            _ = try scratch.engine().apply(edited, through: .contract)
        }
    }

    @Test(arguments: Dialect.allCases)
    func refusesDrift(dialect: Dialect) throws {
        let (scratch, sources) = try expanded(dialect)
        try scratch.run("ALTER TABLE animals ADD COLUMN colour text")
        try scratch.run("ALTER TABLE animals RENAME COLUMN name TO nickname")
        expect(4, "nickname") { _ = try scratch.engine().apply(sources, through: .contract) }
        let drift = try #require(try scratch.engine().status(sources).drift.first)
        #expect(drift.table == "animals")
        #expect(drift.missing.count == 1)
        #expect(drift.extra.count == 2)
        try scratch.run("ALTER TABLE animals DROP COLUMN colour")
        try scratch.run("ALTER TABLE animals RENAME COLUMN nickname TO name")
        let report = try scratch.engine(.alone).apply(sources, through: .transition)
        #expect(report.exitCode == 0)
    }

    @Test func noticesConstraints() throws {
        let (scratch, sources) = try expanded(.postgres)
        try scratch.run("ALTER TABLE animals ADD CONSTRAINT named CHECK (name <> '')")
        expect(4, "CHECK") { _ = try scratch.engine().apply(sources, through: .contract) }
    }

    @Test(arguments: Dialect.allCases)
    func refusesTwoOnOneColumn(dialect: Dialect) throws {
        let (scratch, sources) = try expanded(dialect)
        let next = try MigrationSource(
            "0003_sort", .renameColumn(RenameColumn(table: "animals", from: "species", to: "sort")))
        let before = try scratch.fingerprint()
        expect(1, "'0002_species' and '0003_sort' both change 'animals.species'") {
            _ = try scratch.engine().apply(sources + [next], through: .contract)
        }
        #expect(try scratch.fingerprint() == before)
        // Where each may finish before the next begins there is no conflict.
        let report = try scratch.engine(.alone).apply(sources + [next], through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished, .finished])
        try scratch.run("SELECT sort FROM animals")
    }

    @Test(arguments: Dialect.allCases)
    func refusesConflictsBeforeAnythingBegins(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 1)
        let sources = [
            try Shelter.sources()[1],
            try MigrationSource(
                "0003_sort", .renameColumn(RenameColumn(table: "animals", from: "species", to: "sort"))),
        ]
        expect(1, "'0002_species' and '0003_sort'") {
            _ = try scratch.engine().apply(sources, through: .transition)
        }
        #expect(try scratch.engine().store.exists() == false)
    }

    @Test(arguments: Dialect.allCases)
    func refusesNamesThatAreNot(dialect: Dialect) throws {
        let (scratch, sources) = try expanded(dialect)
        expect(2, "did you mean '0002_species'?") {
            _ = try scratch.engine().apply(sources, names: ["0002_specie"], through: .contract)
        }
        expect(2, "'x'") { _ = try scratch.engine().rollback(sources, names: ["x"]) }
        expect(2, "did you mean 'worker'?") {
            let settings = Settings.test.with { $0.applications = ["api", "worker"] }
            try scratch.engine(settings).attest(Attestation(application: "wroker"), sources: sources)
        }
    }

    @Test(arguments: Dialect.allCases)
    func changesNothingWhereNoPlanCanBeMade(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 1)
        let before = try scratch.fingerprint()
        let wrong = try MigrationSource(
            "0001_wrong", .renameColumn(RenameColumn(table: "animal", from: "kind", to: "species")))
        expect(1, "animals") { _ = try scratch.engine(.alone).apply([wrong], through: .contract) }
        #expect(try scratch.engine().store.exists() == false)
        #expect(try scratch.fingerprint() == before)
    }

    @Test(arguments: Dialect.allCases)
    func finishesARollbackFirst(dialect: Dialect) throws {
        let (scratch, sources) = try expanded(dialect)
        let stop = Settings.alone.with { settings in
            // The rollback is recorded as begun by then.
            settings.faults.strike = { moment, _ in
                if moment == .beforeStep { throw TestSupportError("stop") }
            }
        }
        #expect(throws: EngineError.self) { _ = try scratch.engine(stop).rollback(sources) }
        expect(1, "bellows rollback 0002_species") {
            _ = try scratch.engine(.alone).apply(sources, through: .contract)
        }
        #expect(try scratch.engine().status(sources).migrations[0].state == .rollingBack)
        _ = try scratch.engine(.alone).rollback(sources)
        #expect(try scratch.engine(.alone).apply(sources, through: .contract).exitCode == 0)
        expect(2, "nothing to roll back") { _ = try scratch.engine().rollback(sources) }
    }

    // MARK: - The world

    @Test func namesALockedFile() throws {
        let scratch = try Scratch(.sqlite)
        try Shelter.table(scratch, rows: 1)
        try scratch.run("BEGIN IMMEDIATE")
        let settings = Settings.alone.with { $0.lockTimeout = .milliseconds(10) }
        expect(5, "locked by another process") {
            _ = try scratch.engine(settings).apply([Shelter.sources()[1]], through: .contract)
        }
    }

    @Test func namesWhoHoldsATable() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 1)
        guard case .postgres(let address) = scratch.location else { return }
        let reader = try PostgresSession(address, name: "slow report")
        try reader.execute("BEGIN; SELECT * FROM animals")
        let recorder = Recorder()
        expect(5, "application slow report") {
            _ = try scratch.engine(.alone, recorder).apply([Shelter.sources()[1]], through: .contract)
        }
        let waits = recorder.events.compactMap { event in
            if case .waitingForLock(_, let blockers, _, _) = event { blockers.first?.processID } else { nil }
        }
        #expect(waits == [reader.connection.backendID, reader.connection.backendID])
        #expect(
            try scratch.engine().status([Shelter.sources()[1]]).migrations[0].error?.contains("slow report")
                == true)
        try reader.execute("COMMIT")
        #expect(
            try scratch.engine(.alone).apply([Shelter.sources()[1]], through: .contract).exitCode == 0)
    }

    @Test func refusesWhatIsNoDatabase() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "this is a text, and long enough to be read as a header of a database", to: "text.db")
        for (path, words) in [("text.db", "database"), ("no/such/folder.db", "no folder")] {
            expect(1, words) {
                _ = try Engine(.sqlite(path: folder.file(path)), settings: .test, observer: SilentObserver())
            }
        }
    }

    @Test func looksAtAFileThatIsNotThere() throws {
        let folder = try TemporaryFolder()
        let location = DatabaseLocation.sqlite(path: folder.file("new.db"))
        let sources = try Shelter.sources()
        let engine = try Engine(location, settings: .alone, observer: SilentObserver())
        #expect(try engine.plans(sources).count == 2)
        #expect(try engine.status(sources).migrations.map(\.state) == [.pending, .pending])
        #expect(!FileManager.default.fileExists(atPath: folder.file("new.db")))
        #expect(try engine.apply(sources, through: .contract).exitCode == 0)
        #expect(FileManager.default.fileExists(atPath: folder.file("new.db")))
    }

    @Test func keepsThePasswordToItself() throws {
        for text in [
            "postgres://ann:s3cret@127.0.0.1:1/shelter",
            "postgres://127.0.0.1:1/shelter?user=ann&password=s3cret",
            "host=127.0.0.1 port=1 user=ann password=s3cret dbname=shelter",
        ] {
            let location = try DatabaseLocation(text)
            let error = #expect(throws: EngineError.self) {
                _ = try Engine(location, settings: .test, observer: SilentObserver())
            }
            #expect(error?.exitCode == 1)
            #expect(error?.description.contains("127.0.0.1") == true)
            #expect(error?.description.contains("s3cret") == false)
        }
    }

    @Test func saysThatADatabaseIsReadOnly() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 1)
        guard case .postgres(let address) = scratch.location else { return }
        let name = try PostgresConnection(address).database
        try scratch.run("ALTER DATABASE \(name) SET default_transaction_read_only = on")
        expect(1, "cannot be written to") {
            _ = try scratch.engine(.alone).apply([Shelter.sources()[1]], through: .contract)
        }
    }
}

extension RefusalTests {
    /// SQLite tells no upper case from lower case, and its schema may be written or left out.
    @Test func comparesTouchedNamesAsTheDatabaseDoes() throws {
        func plan(_ name: String, _ table: TableName, _ column: String, _ dialect: Dialect) -> Plan {
            Plan(migration: name, dialect: dialect, touches: [TouchedColumn(table: table, column: column)])
        }
        let left = plan("0002", TableName(schema: "main", "Animals"), "Species", .sqlite)
        let right = plan("0003", "animals", "species", .sqlite)
        #expect(throws: EngineError.self) { try Conflicts().check(right, beside: [left]) }
        let quoted = plan("0002", "animals", "Species", .postgres)
        try Conflicts().check(plan("0003", "animals", "species", .postgres), beside: [quoted])
    }
}
