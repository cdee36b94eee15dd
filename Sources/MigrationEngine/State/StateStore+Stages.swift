internal import DoubleWrite
internal import MigrationCore

extension StateStore {
    /// The recorded stage of every change.
    func stages() throws -> [ChangeStage] {
        try run("SELECT change, stage, epoch, generation, settled FROM {stages} ORDER BY change").rows.map {
            row in
            guard let change = row[0].text, let stage = row[1].text.flatMap(Stage.init(rawValue:)) else {
                throw EngineError(.state(message: "a row of the stages table makes no sense"))
            }
            return ChangeStage(
                change: ChangeID(change), stage: stage, epoch: row[2].integer ?? 0,
                generation: Int(row[3].integer ?? 0), isSettled: row[4].boolean ?? false)
        }
    }

    /// Writes a flip: the next epoch, and where it is an expand its marker.
    func flip(_ flip: StageFlip, migration: String) throws {
        for statement in flip.statements(words.dialect) { try session.execute(statement) }
        try mark(migration)
        try log("stage \(flip.stage.rawValue)", migration: migration, detail: flip.change.name)
    }

    /// What each application's latest attestation for a migration says, and for which content of its file.
    ///
    /// - Parameter start: The moment from which attestations count; `nil` where all do.
    func attestations(of migration: String, checksum: String, since start: Moment? = nil) throws -> Attested {
        var attested = Attested()
        let rows = try run(
            """
            SELECT application, conduct, checksum FROM {attestations}
            WHERE migration = $1 AND at_ms >= $2 ORDER BY id
            """,
            .text(migration), .integer(start?.milliseconds ?? 0)
        ).rows
        for row in rows {
            guard let application = row[0].text else { continue }
            if row[2].text == checksum {
                attested.conducts[application] = row[1].text.flatMap(Release.Conduct.init(rawValue:))
            } else {
                attested.otherwise.insert(application)
            }
        }
        return attested
    }

    /// Records an attestation for one migration, as its file is now.
    func attest(_ attestation: Attestation, migration: String, checksum: String) throws {
        try run(
            """
            INSERT INTO {attestations} (migration, application, release, conduct, checksum, at_ms)
            VALUES ($1, $2, $3, $4, $5, {now})
            """,
            .text(migration), .text(attestation.application), SQLValue(attestation.release),
            .text(attestation.conduct.rawValue), .text(checksum))
        try mark(migration)
        try log(
            "attested", migration: migration,
            detail: "\(attestation.application) as \(attestation.conduct.rawValue)")
    }

    // MARK: - Recorded shapes

    /// The recorded shapes of tables, by name.
    func shapes() throws -> [String: [String]] {
        var shapes: [String: [String]] = [:]
        for row in try run("SELECT name, shape FROM {tables}").rows {
            guard let name = row[0].text, let shape = row[1].text else { continue }
            shapes[name] = try StoredJSON.value([String].self, from: shape, what: "the shape of '\(name)'")
        }
        return shapes
    }

    /// Records how the tables look now, inside the transaction that changed them.
    func recordShapes(of tables: [TableName]) throws {
        for table in tables {
            try run(
                """
                INSERT INTO {tables} (name, shape) VALUES ($1, $2)
                ON CONFLICT (name) DO UPDATE SET shape = excluded.shape
                """,
                .text(StateStore.key(table, words.dialect)),
                .text(try StoredJSON.text(try database.shape(of: table))))
        }
    }

    /// A table's name as the key of its recorded shape: always with its schema.
    static func key(_ table: TableName, _ dialect: Dialect) -> String { dialect.quote(table) }
}

/// What is attested of a migration.
struct Attested {
    /// The latest conduct of each application, for the file as it is.
    var conducts: [String: Release.Conduct] = [:]
    /// The applications that were attested for another content of the file.
    var otherwise: Set<String> = []
}
