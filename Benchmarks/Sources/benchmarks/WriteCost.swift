import DoubleWrite

/// What a single-row update through the helper costs against the plain statement, in every stage.
struct WriteCost {
    /// The table in its new shape.
    static let animals = TableDeclaration(
        "animals", columns: ["id": "bigint", "species": "text"], key: ["id"],
        changes: [.renameColumn(from: "kind", to: "species")])

    var database: String
    var dialect: Dialect
    var helper: any DoubleWriting
    /// Sends one statement, prepared where the database has that.
    var plain: (String, [SQLValue]) throws -> Void
    var execute: (String) throws -> Void
    var updatesPerRound: Int

    /// Times every stage, and the trigger that keeps both columns equal.
    func measure(into report: inout Report) throws {
        try compareHelper("helper, column missing (fenced)", plain: "kind", into: &report)
        try execute("ALTER TABLE animals ADD COLUMN species text")
        try expanded()
        try compareHelper("helper, stage both", plain: "kind", into: &report)
        try compareTrigger(into: &report)
        try flip(to: .bothReadNew)
        try compareHelper("helper, stage both-read-new", plain: "kind", into: &report)
        try flip(to: .new)
        try compareHelper("helper, stage new", plain: "species", into: &report)
    }

    private func compareHelper(_ subject: String, plain column: String, into report: inout Report) throws {
        try compare(
            (subject, helperUpdate), ("plain UPDATE of one column", plainUpdate("animals", column)),
            into: &report)
    }

    /// The usual alternative: a trigger on a table of the same rows, to be written with the plain statement.
    private func compareTrigger(into report: inout Report) throws {
        try execute(
            """
            CREATE TABLE watched (id \(keyType) PRIMARY KEY, kind text, species text)\(tableOptions);
            INSERT INTO watched SELECT id, kind, kind FROM animals
            """)
        for statement in trigger { try execute(statement) }
        let watched = plainUpdate("watched", "kind")
        try compare(
            ("trigger", watched), ("plain UPDATE of one column", plainUpdate("animals", "kind")),
            into: &report)
        try compare(("helper, stage both", helperUpdate), ("trigger", watched), into: &report)
    }

    /// Something that gives the row with a number another value in every round.
    private typealias Update = (name: String, run: (_ id: Int, _ round: Int) throws -> Void)

    private func helperUpdate(_ id: Int, _ round: Int) throws {
        try helper.update(
            Self.animals, set: ["species": .text("cat \(round)")],
            where: Self.animals["id"] == .integer(Int64(id)))
    }

    private func plainUpdate(_ table: String, _ column: String) -> (Int, Int) throws -> Void {
        let sql =
            "UPDATE \(table) SET \(column) = \(dialect.parameter(1)) WHERE id = \(dialect.parameter(2))"
        return { id, round in try plain(sql, [.text("dog \(round)"), .integer(Int64(id))]) }
    }

    private func compare(_ subject: Update, _ baseline: Update, into report: inout Report) throws {
        var rounds = 0
        func round(_ update: Update, _ isInTransaction: Bool) throws {
            rounds += 1
            if isInTransaction { try execute("BEGIN") }
            for id in 1...updatesPerRound { try update.run(id, rounds) }
            if isInTransaction { try execute("COMMIT") }
        }
        for isInTransaction in [false, true] {
            report.add(
                try Comparison.run(
                    database: database,
                    subject: "\(subject.name), \(isInTransaction ? "transaction" : "autocommit")",
                    against: baseline.name, baseline: { try round(baseline, isInTransaction) },
                    subject: { try round(subject, isInTransaction) }))
        }
    }

    private var keyType: String {
        switch dialect {
        case .postgres: "bigint"
        case .sqlite: "integer"
        }
    }

    private var tableOptions: String {
        switch dialect {
        case .postgres: " WITH (fillfactor = 50)"
        case .sqlite: ""
        }
    }

    /// What keeps the two columns equal, whichever is written.
    private var trigger: [String] {
        switch dialect {
        case .postgres:
            [
                """
                CREATE FUNCTION keep_equal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NEW.kind IS DISTINCT FROM OLD.kind THEN NEW.species := NEW.kind;
                    ELSIF NEW.species IS DISTINCT FROM OLD.species THEN NEW.kind := NEW.species;
                    END IF;
                    RETURN NEW;
                END $$
                """,
                """
                CREATE TRIGGER keep_equal BEFORE UPDATE ON watched FOR EACH ROW EXECUTE FUNCTION keep_equal()
                """,
            ]
        case .sqlite:
            [("kind", "species"), ("species", "kind")].map { written, other in
                """
                CREATE TRIGGER keep_equal_\(other) AFTER UPDATE OF \(written) ON watched
                WHEN NEW.\(written) IS NOT NEW.\(other)
                BEGIN UPDATE watched SET \(other) = NEW.\(written) WHERE id = NEW.id; END
                """
            }
        }
    }

    /// What the expand of `bellows apply` leaves behind, as far as the helper can see it.
    private func expanded() throws {
        let marker = dialect.quote(ChangeID(table: "animals", column: "species").marker(generation: 1))
        switch dialect {
        case .postgres: try execute("CREATE TYPE bellows.\(marker) AS ()")
        case .sqlite: break
        }
        try execute("INSERT INTO \(StageTable.name(dialect)) VALUES ('animals.species', 'both', 1, 1, false)")
    }

    private func flip(to stage: Stage) throws {
        try execute(
            "UPDATE \(StageTable.name(dialect)) SET stage = \(dialect.literal(stage.rawValue)), epoch = epoch + 1"
        )
    }

    /// The table of stages, as the engine makes it.
    static func stageTable(_ dialect: Dialect) -> String {
        """
        CREATE TABLE \(StageTable.name(dialect)) (
            change text PRIMARY KEY, stage text NOT NULL, epoch bigint NOT NULL,
            generation integer NOT NULL, settled boolean NOT NULL DEFAULT false)
        """
    }
}
