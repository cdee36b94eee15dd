/// A condition inside a statement, by which the database itself refuses it once it has become the wrong one.
enum Guard: Sendable, Hashable {
    /// The expand of this number has not happened.
    case noMarker(ChangeID, Int)

    /// The recorded stage is the one that was seen.
    case epoch(ChangeID, Int64)

    /// No stage is recorded for the change.
    case noRow(ChangeID)

    /// Nothing is recorded in this database.
    case noStageTable

    /// The schema is the one that was seen (SQLite).
    case schemaVersion(Int64)
}

extension Guard {
    /// The condition as SQL.
    func sql(_ dialect: Dialect) -> String {
        let stages = StageTable.name(dialect)
        switch self {
        case .noMarker(let id, let generation):
            let marker = TableName(schema: "bellows", id.marker(generation: generation))
            return "pg_catalog.to_regclass(\(dialect.literal(dialect.quote(marker)))) IS NULL"
        case .epoch(let id, let epoch):
            return "(SELECT epoch FROM \(stages) WHERE change = \(dialect.literal(id.name))) = \(epoch)"
        case .noRow(let id):
            return "NOT EXISTS (SELECT 1 FROM \(stages) WHERE change = \(dialect.literal(id.name)))"
        case .noStageTable:
            return "pg_catalog.to_regclass(\(dialect.literal(stages))) IS NULL"
        case .schemaVersion(let version):
            return "(SELECT schema_version FROM pragma_schema_version) = \(version)"
        }
    }
}
