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

    /// Times every stage, and the trigger that synchronises both columns.
    func measure(into report: inout Report) throws {
        try compare("helper, column missing (fenced)", "kind", into: &report)
        try execute("ALTER TABLE animals ADD COLUMN species text")
        try expanded()
        try compare("helper, stage both", "kind", into: &report)
        try flip(to: .bothReadNew)
        try compare("helper, stage both-read-new", "kind", into: &report)
        try flip(to: .new)
        try compare("helper, stage new", "species", into: &report)
    }

    private func compare(_ subject: String, _ column: String, into report: inout Report) throws {
        let update =
            "UPDATE animals SET \(column) = \(dialect.parameter(1)) WHERE id = \(dialect.parameter(2))"
        let plainRound = { (transaction: Bool) in
            if transaction { try execute("BEGIN") }
            for id in 1...updatesPerRound { try plain(update, [.text("dog \(id)"), .integer(Int64(id))]) }
            if transaction { try execute("COMMIT") }
        }
        let helperRound = { (transaction: Bool) in
            if transaction { try execute("BEGIN") }
            for id in 1...updatesPerRound {
                try helper.update(
                    Self.animals, set: ["species": .text("cat \(id)")],
                    where: Self.animals["id"] == .integer(Int64(id)))
            }
            if transaction { try execute("COMMIT") }
        }
        for transaction in [false, true] {
            let place = transaction ? "transaction" : "autocommit"
            report.add(
                try Comparison.run(
                    database: database, subject: "\(subject), \(place)",
                    against: "plain UPDATE of one column",
                    baseline: { try plainRound(transaction) }, subject: { try helperRound(transaction) }))
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
