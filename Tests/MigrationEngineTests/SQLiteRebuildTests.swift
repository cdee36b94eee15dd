import DoubleWrite
import MigrationCore
import SQLiteDriver
import Testing

@testable import MigrationEngine

/// Attacks on the online rebuild: writers of every kind while it runs, and everything that hangs on the table.
@Suite struct SQLiteRebuildTests {
    private static let setUp = """
        CREATE TABLE owners (id INTEGER PRIMARY KEY); INSERT INTO owners VALUES (1), (2), (3);
        CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INT CONSTRAINT u UNIQUE, c TEXT UNIQUE COLLATE NOCASE,
            boss INT REFERENCES t (id) ON DELETE CASCADE, owner INT REFERENCES owners ON DELETE CASCADE, up TEXT, n INT AS (b + 1),
            UNIQUE (a, c) ON CONFLICT IGNORE);
        CREATE UNIQUE INDEX part ON t (a) WHERE b > 50; CREATE UNIQUE INDEX expr ON t (lower(a) || '/' || id);
        CREATE TABLE child (id INTEGER PRIMARY KEY, parent INT NOT NULL REFERENCES t (id) ON DELETE CASCADE);
        CREATE VIEW v AS SELECT id, a FROM t; CREATE TABLE log (id, a);
        CREATE TRIGGER stamped AFTER UPDATE OF a ON t BEGIN UPDATE t SET up = NEW.a || '!' WHERE id = NEW.id; END;
        CREATE TRIGGER told AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.id, NEW.a); END;
        CREATE TRIGGER childs AFTER INSERT ON child BEGIN UPDATE t SET a = a || '+' WHERE id = NEW.parent; END;
        INSERT INTO t (id, a, b, c, owner) VALUES (1, 'x', 1, 'c1', 1), (2, 'y', 2, 'c2', 1), (3, 'z', 3, 'c3', 2);
        INSERT INTO child VALUES (10, 1), (20, 2);
        """

    private static let drop = MigrationCore.Operation.dropConstraint(DropConstraint(table: "t", name: "u"))

    struct Struck: Error {}

    private func prepared(_ script: String = setUp) throws -> (Scratch, [MigrationSource]) {
        let scratch = try Scratch(.sqlite)
        try scratch.session.execute("PRAGMA journal_mode = WAL")
        try scratch.session.execute(script)
        let sources = [try MigrationSource("0001", Self.drop)]
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        return (scratch, sources)
    }

    private func stop(before step: String) -> Settings {
        Settings.test.with { settings in
            settings.faults.strike = { moment, id in
                if moment == .beforeStep, id.hasSuffix(step) { throw Struck() }
            }
        }
    }

    private func copy(_ scratch: Scratch, _ sources: [MigrationSource]) throws -> RowCopy {
        let plan = try #require(try scratch.engine().plans(sources).first)
        let swap = plan.steps.compactMap { entry -> TableSwap? in
            if case .sqlite(.swap(let swap)) = entry.step.action { swap } else { nil }
        }.first
        return try #require(swap).rows
    }

    static let statements: [String] = [
        "INSERT INTO t (a, b, c) VALUES ('n', 9, 'c9')",
        "REPLACE INTO t (id, a, b, c) VALUES (1, 'r', 7, 'c7')",
        "INSERT OR REPLACE INTO t (a, b, c) VALUES ('r', 2, 'c8')",
        "INSERT OR REPLACE INTO t (a, b, c) VALUES ('r', 2, 'C3')",
        "UPDATE OR REPLACE t SET b = 1 WHERE id = 3", "UPDATE OR REPLACE t SET c = 'C1', b = 2 WHERE id = 3",
        "UPDATE OR IGNORE t SET b = b + 1", "UPDATE OR REPLACE t SET b = 1",
        "UPDATE OR ABORT t SET a = 'q' WHERE id = 2",
        "UPDATE OR FAIL t SET id = id + 100", "UPDATE t SET id = -id", "UPDATE OR REPLACE t SET id = 1",
        "DELETE FROM t", "DELETE FROM t WHERE id = 1", "DELETE FROM owners WHERE id = 1",
        "UPDATE t SET boss = 1 WHERE id > 1",
        "INSERT INTO t (id, b) VALUES (1, 44) ON CONFLICT (id) DO UPDATE SET b = excluded.b, a = 'up'",
        "INSERT OR IGNORE INTO t (id, a, b) VALUES (1, 'no', 1), (8, 'yes', 8)",
        "INSERT INTO child VALUES (30, 3)",
        "REPLACE INTO t (id, a, b, c) VALUES (7, 'x', 60, 'p1'), (8, 'x', 61, 'p2')",
        "UPDATE t SET a = NULL, b = NULL, c = NULL", "INSERT INTO t (a, b, c) VALUES (x'00', 1.5, '')",
        "VACUUM",
        "INSERT INTO t (a, b) SELECT 'm', 100 + id FROM t", "UPDATE t SET a = a",
        "REPLACE INTO t SELECT id, a, b, c, boss, owner, up FROM t",
    ]

    /// The shadow is like the table after every statement, whatever the connection that runs it has set.
    @Test(arguments: statements)
    func theShadowFollowsEveryStatement(statement: String) throws {
        for options in [
            "", "PRAGMA recursive_triggers = ON", "PRAGMA foreign_keys = OFF",
            "PRAGMA reverse_unordered_selects = ON",
        ] {
            for prefix in [0, 2] {
                let (scratch, sources) = try prepared()
                let copy = try copy(scratch, sources)
                #expect(throws: EngineError.self) {
                    _ = try scratch.engine(stop(before: "swap")).apply(sources, through: .contract)
                }
                let application = try #require(try scratch.connect() as? SQLiteSession)
                try application.connection.set(.stringsInDefinitions, true)
                if !options.isEmpty { try application.execute(options) }
                for other in Self.statements.prefix(prefix) { _ = try? application.query(other) }
                _ = try? application.query(statement)
                #expect(
                    try application.query(copy.differences(in: nil)).scalar == 0, "\(statement) \(options)")
                #expect(
                    try application.query(copy.differencesAmongWritten).scalar == 0, "\(statement) \(options)"
                )
                let rows = try application.query("SELECT * FROM t ORDER BY id").rows
                let report = try scratch.engine().apply(sources, through: .contract)
                #expect(report.migrations.map(\.outcome) == [.finished])
                #expect(
                    try application.query("SELECT * FROM t ORDER BY id").rows == rows,
                    "\(statement) \(options)")
            }
        }
    }

    /// The statement does to the table with a shadow what it does to one without: nothing fails because of the mirror.
    @Test(arguments: statements)
    func noStatementFailsBecauseOfTheMirror(statement: String) throws {
        let (plain, _) = try prepared()
        let (mirrored, sources) = try prepared()
        #expect(throws: EngineError.self) {
            _ = try mirrored.engine(stop(before: "swap")).apply(sources, through: .contract)
        }
        func outcome(_ scratch: Scratch) throws -> String {
            var said = "done"
            do { _ = try scratch.run(statement) } catch { said = "\(error)" }
            return try said
                + " \(scratch.run("SELECT * FROM t ORDER BY id").rows) \(scratch.run("SELECT * FROM child").rows)"
        }
        #expect(try outcome(mirrored) == outcome(plain))
    }

    @Test func everythingThatHangsOnTheTableGoesOn() throws {
        let (scratch, sources) = try prepared()
        try scratch.run("INSERT INTO t (id, a) VALUES (900, 'gone')")
        try scratch.run("DELETE FROM t WHERE id = 900")
        _ = try scratch.engine().apply(sources, through: .contract)
        let application = try #require(try scratch.connect() as? SQLiteSession)
        // AUTOINCREMENT gives out no key twice.
        try application.execute("INSERT INTO t (a, b) VALUES ('new', 1)")
        #expect(try application.query("SELECT max(id) FROM t").scalar == 901)
        // The children follow the new table, and cascade with it.
        try application.execute("INSERT INTO child VALUES (40, 901); DELETE FROM t WHERE id = 1")
        #expect(try application.query("SELECT id FROM child ORDER BY id").rows == [[20], [40]])
        #expect(throws: DatabaseFailure.self) {
            try application.execute("INSERT INTO child VALUES (50, 12345)")
        }
        // Its own foreign keys, its triggers, the triggers of others, views.
        #expect(throws: DatabaseFailure.self) { try application.execute("UPDATE t SET boss = 12345") }
        #expect(try application.query("SELECT a FROM t WHERE id = 901").scalar == "new+")
        #expect(try application.query("SELECT up FROM t WHERE id = 901").scalar == "new+!")
        #expect(try application.query("SELECT count(*) FROM log WHERE id = 901").scalar == 1)
        #expect(try application.query("SELECT a FROM v WHERE id = 901").scalar == "new+")
        #expect(try application.query("PRAGMA integrity_check").rows == [["ok"]])
        #expect(
            try application.query(
                "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'bellows~_retired%' ESCAPE '~'"
            ).scalar == 0)
    }

    @Test func whatIsWrittenBehindTheSwapComesBackWithTheUndo() throws {
        let (scratch, sources) = try prepared()
        let before = try scratch.run(
            "SELECT sql FROM sqlite_schema WHERE name NOT LIKE '%bellows%' ORDER BY name"
        ).rows
        #expect(throws: EngineError.self) {
            _ = try scratch.engine(stop(before: "drop-table")).apply(sources, through: .contract)
        }
        try scratch.run("INSERT INTO t (id, a, b) VALUES (77, 'late', 77)")
        try scratch.run("UPDATE t SET b = 1 WHERE id = 77")
        let refused = try scratch.rollBack(sources)
        guard case .waiting(let gates)? = refused.migrations.first?.outcome,
            case .violations(let report)? = gates.first?.condition
        else {
            Issue.record("the duplicates are not shown: \(refused)")
            return
        }
        #expect(report.samples.rows.count == 2)
        try scratch.run("UPDATE t SET b = 77 WHERE id = 77")
        #expect(try scratch.rollBack(sources).migrations.map(\.outcome) == [.rolledBack])
        #expect(try scratch.run("SELECT a FROM t WHERE b = 77").scalar == "late")
        #expect(
            try scratch.run("SELECT sql FROM sqlite_schema WHERE name NOT LIKE '%bellows%' ORDER BY name")
                .rows == before)
        #expect(throws: DatabaseFailure.self) { try scratch.run("INSERT INTO t (b) VALUES (77)") }
    }

    /// Three writers through all of it, there, back and there again: what was acknowledged is in the table at the end.
    @Test func noWriteIsLostWhileItRuns() throws {
        let (scratch, sources) = try prepared()
        for id in 1000..<4000 { try scratch.run("INSERT INTO t (id, a, b) VALUES (\(id), 'a\(id)', \(id))") }
        let journal = WriteJournal()
        let path = if case .sqlite(let path) = scratch.location { path } else { "" }
        let writers = (0..<3).map { number in
            BackgroundWriter {
                let connection = try SQLiteConnection(path: path, busyTimeout: .seconds(20))
                var round = 0
                while !journal.isDone {
                    round += 1
                    let id = Int64(10_000 + number * 100_000 + round % 500)
                    let value = "w\(number) \(round)"
                    if round % 11 == 0 {
                        try connection.query("DELETE FROM t WHERE id = ?1", [.integer(id)])
                        journal.note(id, nil)
                    } else {
                        try connection.query(
                            "\(round % 3 == 0 ? "REPLACE" : "INSERT OR REPLACE") INTO t (id, a, b) VALUES (?1, ?2, ?3)",
                            [.integer(id), .text(value), .integer(id)])
                        journal.note(id, value)
                    }
                }
            }
        }
        let patient = Settings.test.with { settings in
            settings.lockTimeout = .seconds(5)
            settings.lockAttempts = 20
        }
        #expect(
            try scratch.engine(patient).apply(sources, through: .contract).migrations.map(\.outcome) == [
                .finished
            ])
        // The writers write nothing that the constraint refuses, which the gate of the way back would ask.
        #expect(
            try scratch.engine(patient.with { $0.noWriters = true }).rollback(sources, names: ["0001"])
                .migrations.map(\.outcome) == [
                    .rolledBack
                ])
        try scratch.engine(patient).attest(Attestation(application: "app"), sources: sources)
        #expect(
            try scratch.engine(patient).apply(sources, through: .contract).migrations.map(\.outcome) == [
                .finished
            ])
        journal.finish()
        for writer in writers { try writer.wait() }
        let wanted = journal.all
        #expect(wanted.count > 100)
        for (id, value) in wanted {
            let found = try scratch.run("SELECT a FROM t WHERE id = \(id)").scalar?.text
            #expect(found == value, "row \(id)")
        }
        #expect(try scratch.run("SELECT count(*) FROM t WHERE id BETWEEN 1000 AND 3999").scalar == 3000)
        #expect(try scratch.run("PRAGMA integrity_check").rows == [["ok"]])
    }

    static let addressed = [
        "INSERT OR REPLACE INTO t (rowid, a, b) VALUES (1, 'new', 9)",
        "UPDATE OR REPLACE t SET rowid = 2 WHERE a = 'x'", "UPDATE OR IGNORE t SET _rowid_ = 2 WHERE a = 'x'",
        "INSERT OR IGNORE INTO t (rowid, a) VALUES (1, 'ignored')", "UPDATE t SET rowid = rowid + 10",
        "REPLACE INTO t (oid, a, b) SELECT rowid, a || '!', b FROM t", "UPDATE OR REPLACE t SET rowid = 3",
        "INSERT OR REPLACE INTO t (rowid, a, b) VALUES (2, 'x', 3)", "VACUUM",
    ]

    /// A row that another one's address deletes, which fires no trigger, where the address is not the key.
    @Test(arguments: addressed)
    func theShadowFollowsARowsAddress(statement: String) throws {
        let (scratch, sources) = try prepared(
            """
            CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b INT CONSTRAINT u UNIQUE);
            INSERT INTO t VALUES ('x', 1), ('y', 2), ('z', 3);
            """)
        let copy = try copy(scratch, sources)
        #expect(copy.replaced != nil)
        #expect(throws: EngineError.self) {
            _ = try scratch.engine(stop(before: "swap")).apply(sources, through: .contract)
        }
        for statement in Self.addressed.prefix(2) + [statement, "INSERT INTO t VALUES ('last', 99)"] {
            _ = try? scratch.run(statement)
            #expect(try scratch.run(copy.differences(in: nil)).scalar == 0, "\(statement)")
            #expect(try scratch.run(copy.differencesAmongWritten).scalar == 0, "\(statement)")
        }
        let rows = try scratch.run("SELECT * FROM t ORDER BY a").rows
        let report = try scratch.engine().apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
        #expect(try scratch.run("SELECT * FROM t ORDER BY a").rows == rows)
        #expect(
            try scratch.run("SELECT name FROM sqlite_schema WHERE name LIKE 'bellows~_replaced%' ESCAPE '~'")
                .rows.isEmpty)
    }

    /// A foreign key that came while the table was rebuilt, and that would find no key any more.
    @Test func aSwapThatBreaksAForeignKeyIsRefused() throws {
        let (scratch, sources) = try prepared()
        #expect(throws: EngineError.self) {
            _ = try scratch.engine(stop(before: "swap")).apply(sources, through: .contract)
        }
        try scratch.run("CREATE TABLE late (p INT REFERENCES t (b))")
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine().apply(sources, through: .contract)
        }
        #expect("\(String(describing: error))".contains("'late'"))
        #expect(throws: DatabaseFailure.self) { try scratch.run("INSERT INTO late VALUES (4711)") }
        try scratch.run("DROP TABLE late")
        let report = try scratch.engine().apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
    }

    /// What the stored text says more than the parts of a table is followed past another operation of the same file.
    @Test func theTextIsFollowedPastAnotherOperation() throws {
        let (scratch, _) = try prepared()
        let column = ColumnDefinition(name: "extra", type: "TEXT", isNullable: true)
        let both = try MigrationSource(
            "0002", .addColumn(AddColumn(table: "t", column: column)), Self.drop)
        let report = try scratch.engine(.alone).apply([both], through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
        let text = try scratch.run("SELECT sql FROM sqlite_schema WHERE name = 't'").scalar?.text ?? ""
        #expect(
            text.contains("AUTOINCREMENT") && text.contains("ON CONFLICT IGNORE") && text.contains("extra"))
    }

    /// Where it cannot be followed, the plan says so.
    @Test func aTextThatCannotBeFollowedIsRefused() throws {
        let (scratch, _) = try prepared(
            """
            CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, b INT CONSTRAINT u UNIQUE, c INT CHECK (c > 0))
            """)
        let rename = MigrationCore.Operation.renameColumn(
            RenameColumn(table: "t", from: "c", to: "d", strategy: .inPlace))
        let both = [try MigrationSource("0002", rename), try MigrationSource("0003", Self.drop)]
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(.alone).apply(both, through: .contract)
        }
        #expect("\(String(describing: error))".contains("AUTOINCREMENT"))
    }

    @Test func aTableThatChangedUnderTheShadowIsNotSwapped() throws {
        let (scratch, sources) = try prepared()
        #expect(throws: EngineError.self) {
            _ = try scratch.engine(stop(before: "swap")).apply(sources, through: .contract)
        }
        try scratch.run("ALTER TABLE t ADD COLUMN extra TEXT DEFAULT 'e'")
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine().apply(sources, through: .contract)
        }
        #expect(error?.exitCode == 4)
        #expect(try scratch.run("SELECT DISTINCT extra FROM t").rows == [["e"]])
    }

    @Test func aShadowThatDiffersIsNotSwapped() throws {
        let (scratch, sources) = try prepared()
        #expect(throws: EngineError.self) {
            _ = try scratch.engine(stop(before: "swap")).apply(sources, through: .contract)
        }
        let rogue = try #require(try scratch.connect() as? SQLiteSession)
        try rogue.execute("UPDATE t SET a = 'seen' WHERE id = 1; DELETE FROM bellows_next_t WHERE id = 1")
        let report = try scratch.engine().apply(sources, through: .contract)
        guard case .waiting? = report.migrations.first?.outcome else {
            Issue.record("a shadow without a row was taken: \(report)")
            return
        }
        #expect(try scratch.rollBack(sources).migrations.map(\.outcome) == [.rolledBack])
        #expect(try scratch.run("SELECT count(*) FROM t").scalar == 3)
    }
}
