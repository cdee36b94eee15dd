/// The one statement that asks for everything a table's changes depend on.
///
/// It has two forms: a statement cannot name the table of recorded stages before that exists, so the first one asks
/// for it. When the answer is yes, the second form is used alone; two statements would race against a change.
struct LookUp: Sendable, Hashable {
    let table: TableDeclaration
    let dialect: Dialect
    let readsStages: Bool

    /// The statement.
    var sql: String {
        switch dialect {
        case .postgres: postgresSQL
        case .sqlite: sqliteSQL
        }
    }

    /// How many columns of the answer belong to one change.
    static let width = 8

    /// What the answer says, or `nil` where it is not one.
    func knowledge(from answer: ResultSet) -> TableKnowledge? {
        guard let row = answer.rows.first, row.count == 2 + Self.width * table.changes.count else {
            return nil
        }
        let changes = table.changes.indices.map { position in
            Self.change(Array(row[(2 + Self.width * position)...].prefix(Self.width)))
        }
        return TableKnowledge(
            changes: changes, hasStageTable: row[0].boolean ?? false, schemaVersion: row[1].integer)
    }

    private static func change(_ values: [SQLValue]) -> ChangeKnowledge {
        let row = values[4].integer.map { epoch in
            StageRow(
                stage: values[3].text.flatMap(Stage.init(rawValue:)), epoch: epoch,
                generation: values[5].integer ?? 0)
        }
        return ChangeKnowledge(
            hasOld: values[0].boolean ?? false, hasNew: values[1].boolean ?? false,
            nextMarker: values[2].integer.map(Int.init), row: row, oldDefault: values[6].text,
            newDefault: values[7].text)
    }

    /// `alias.stage, alias.epoch, alias.generation`, or NULLs in the form that cannot read them.
    func stageColumns(_ alias: String) -> [String] {
        ["stage", "epoch", "generation"].map { readsStages ? "\(alias).\($0)" : "NULL" }
    }

    /// The join with a change's recorded stage, or nothing in the form that cannot read it.
    func stageJoin(_ alias: String, _ id: ChangeID) -> String {
        guard readsStages else { return "" }
        let stages = StageTable.name(dialect)
        return " LEFT JOIN \(stages) AS \(alias) ON \(alias).change = \(dialect.literal(id.name))"
    }
}
