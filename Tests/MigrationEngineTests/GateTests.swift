import DoubleWrite
import MigrationCore
import Testing

@testable import MigrationEngine

/// Releases before what refuses more or less, and before what it took comes back.
@Suite struct GateTests {
    private func prepared(_ dialect: Dialect) throws -> Scratch {
        let scratch = try Scratch(dialect)
        let key = dialect == .postgres ? "bigint" : "INTEGER"
        for statement in [
            "CREATE TABLE animals (id \(key) PRIMARY KEY, kind text NOT NULL, chip text, CONSTRAINT kinds CHECK (kind <> ''))",
            "INSERT INTO animals VALUES (1, 'dog', 'a'), (2, 'cat', 'b')",
        ] {
            try scratch.run(statement)
        }
        return scratch
    }

    struct Case: Sendable {
        var operation: MigrationCore.Operation
        /// What only the schema behind it takes.
        var write: String
        var repair: String
        /// What is made for it first.
        var setUp: [Dialect: String] = [:]
    }

    static let cases: [Case] = [
        Case(
            operation: .dropNotNull(DropNotNull(table: "animals", column: "kind")),
            write: "INSERT INTO animals VALUES (3, NULL, 'c')", repair: "UPDATE animals SET kind = 'x'"),
        Case(
            operation: .dropConstraint(DropConstraint(table: "animals", name: "kinds")),
            write: "INSERT INTO animals VALUES (3, '', 'c')", repair: "UPDATE animals SET kind = 'x'"),
        Case(
            operation: .dropConstraint(DropConstraint(table: "animals", name: "one chip")),
            write: "INSERT INTO animals VALUES (3, 'owl', 'b')",
            repair: "UPDATE animals SET chip = 'c' WHERE id = 3",
            setUp: [
                .postgres: "ALTER TABLE animals ADD CONSTRAINT \"one chip\" UNIQUE (chip)",
                .sqlite: "CREATE UNIQUE INDEX `one chip` ON animals (chip)",
            ]),
        Case(
            operation: .dropIndex(DropIndex(table: "animals", name: "one chip")),
            write: "INSERT INTO animals VALUES (3, 'owl', 'b')",
            repair: "UPDATE animals SET chip = 'c' WHERE id = 3",
            setUp: Dictionary(
                uniqueKeysWithValues: Dialect.allCases.map {
                    ($0, "CREATE UNIQUE INDEX \"one chip\" ON animals (chip)")
                })),
    ]

    /// A release that was attested is out, although no run has passed its gate yet: a rollback waits until it is taken
    /// back, or the new name would be gone under it.
    @Test(arguments: Dialect.allCases)
    func anAttestedReleaseIsTakenBackFirst(dialect: Dialect) throws {
        let scratch = try prepared(dialect)
        let source = try MigrationSource("0001", .renameTable(RenameTable(table: "animals", to: "pets")))
        let engine = try scratch.engine()
        #expect(try engine.apply([source], through: .transition).exitCode == 3)
        try engine.attest(Attestation(application: "app", conduct: .new), sources: [source])
        let waiting = try engine.rollback([source], names: ["0001"])
        #expect(waiting.exitCode == 3, "\(waiting)")
        try scratch.run("INSERT INTO pets VALUES (3, 'owl', 'c')")
        try engine.attest(Attestation(application: "app", conduct: .both), sources: [source])
        #expect(try engine.rollback([source], names: ["0001"]).migrations.map(\.outcome) == [.rolledBack])
    }

    /// The word of the way there opens the gate of the way there. On the way back a new one is needed, whatever the
    /// application is: the helper does not know what rows an application writes.
    @Test(arguments: Dialect.allCases, [Release.Conduct.helper, .both])
    func theWayBackIsAskedAnew(dialect: Dialect, conduct: Release.Conduct) throws {
        for example in Self.cases {
            let scratch = try prepared(dialect)
            if let statement = example.setUp[dialect] { try scratch.run(statement) }
            let sources = [try MigrationSource("0002", example.operation)]
            let before = try scratch.fingerprint()
            #expect(throws: DatabaseFailure.self) { try scratch.run(example.write) }
            #expect(try scratch.engine().apply(sources, through: .contract).exitCode == 3)
            #expect(try scratch.fingerprint() == before)
            let isIndex = example.operation.keyword == "drop_index"
            let forth = conduct == .both && isIndex ? .new : conduct
            try scratch.engine().attest(Attestation(application: "app", conduct: forth), sources: sources)
            #expect(try scratch.engine().apply(sources, through: .contract).exitCode == 0)
            try scratch.run(example.write)

            for _ in 1...2 {
                let report = try scratch.engine().rollback(sources, names: ["0002"])
                #expect(report.exitCode == 3)
                guard case .waiting(let gates) = try #require(report.migrations.first).outcome,
                    case .release = try #require(gates.first).condition
                else {
                    Issue.record("\(example.operation.keyword): no gate: \(report)")
                    continue
                }
            }
            try scratch.engine().attest(Attestation(application: "app", conduct: conduct), sources: sources)
            let report = try scratch.engine().rollback(sources, names: ["0002"])
            guard case .waiting(let gates) = try #require(report.migrations.first).outcome,
                case .violations(let found) = try #require(gates.first).condition
            else {
                Issue.record("\(example.operation.keyword): no count: \(report)")
                continue
            }
            #expect(found.counts.contains { $0.violations > 0 } && !found.samples.rows.isEmpty)
            try scratch.run(example.repair)
            #expect(try scratch.engine().rollback(sources, names: ["0002"]).exitCode == 0)
            #expect(try scratch.fingerprint() == before)
        }
    }

    /// Without the unique index that a foreign key needs, writes of the rows that point there would fail.
    @Test(arguments: Dialect.allCases)
    func theIndexOfAForeignKeyStays(dialect: Dialect) throws {
        let scratch = try prepared(dialect)
        for statement in [
            "CREATE UNIQUE INDEX chips ON animals (chip)",
            "CREATE UNIQUE INDEX ids ON animals (id)", "CREATE UNIQUE INDEX pairs ON animals (kind, chip)",
            "CREATE TABLE visits (chip text REFERENCES animals (chip), animal bigint REFERENCES animals (id))",
        ] {
            try scratch.run(statement)
        }
        func plans(_ operation: MigrationCore.Operation) throws -> [Plan] {
            let engine = try scratch.engine()
            defer { engine.close() }
            return try engine.plans([try MigrationSource("0002", operation)])
        }
        func drop(_ name: String) -> MigrationCore.Operation {
            .dropIndex(DropIndex(table: "animals", name: name))
        }
        let replacement = MigrationCore.Operation.replaceIndex(
            ReplaceIndex(
                old: "chips",
                new: CreateIndex(table: "animals", name: "chips", keys: [.init(.column("chip"))])))
        var served = [drop("chips"), replacement]
        if dialect == .sqlite {
            served.append(.dropConstraint(DropConstraint(table: "animals", name: "chips")))
        }
        for operation in served {
            let error = #expect(throws: EngineError.self) { try plans(operation) }
            let text = error?.description ?? ""
            #expect(text.contains("needs 'chip' of 'animals' to be unique"), "\(text)")
        }
        // The primary key does for the others what these do.
        #expect(try plans(drop("ids")).count == 1)
        #expect(try plans(drop("pairs")).count == 1)
        let sources = [try MigrationSource("0003", drop("ids"), drop("pairs"))]
        #expect(try scratch.engine(.alone).apply(sources, through: .contract).exitCode == 0)
        try scratch.run("INSERT INTO visits VALUES ('a', 1)")
    }

    /// Nothing is recorded for a change that the database itself keeps in step, and its name is free again.
    @Test(arguments: Dialect.allCases)
    func aChangeByTriggersUsesUpNoName(dialect: Dialect) throws {
        let scratch = try prepared(dialect)
        func rename(_ file: String, _ from: String, _ to: String, _ sync: Sync) throws -> MigrationSource {
            try MigrationSource(
                file,
                .renameColumn(
                    RenameColumn(table: "animals", from: from, to: to, sync: sync, change: "animals.tag")))
        }
        let sources = [
            try rename("0002", "chip", "tag", .trigger), try rename("0003", "tag", "chip", .trigger),
            try rename("0004", "chip", "tag", .doubleWrite),
        ]
        #expect(try scratch.engine().plans(sources).count == 3)
        #expect(try scratch.engine(.alone).apply(sources, through: .contract).exitCode == 0)
        #expect(try scratch.run("SELECT stage FROM \(scratch.state("stages"))").rows == [["done"]])
    }
}
