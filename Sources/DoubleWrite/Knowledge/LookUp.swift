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

    /// What the answer says, or `nil` where it is not one.
    func knowledge(from answer: ResultSet) -> TableKnowledge? {
        let width = table.followed.reduce(2) { $0 + Self.width(of: $1) }
        guard let row = answer.rows.first, row.count == width else { return nil }
        var rest = row[2...]
        var changes: [ChangeKnowledge] = []
        for change in table.followed {
            changes.append(Self.knowledge(of: change, from: Array(rest.prefix(Self.width(of: change)))))
            rest = rest.dropFirst(Self.width(of: change))
        }
        return TableKnowledge(
            changes: changes, hasStageTable: row[0].boolean ?? false, schemaVersion: row[1].integer)
    }

    /// How many columns of the answer belong to one change: which of its columns are there, the next marker, the
    /// recorded stage in three, the columns' defaults, and their details where values are computed.
    private static func width(of change: DeclaredChange) -> Int {
        (change.old.count + change.new.count) * (change.isIdentity ? 2 : 3) + 4
    }

    private static func knowledge(of change: DeclaredChange, from values: [SQLValue]) -> ChangeKnowledge {
        let count = change.old.count + change.new.count
        let row = values[count + 2].integer.map { epoch in
            StageRow(
                stage: values[count + 1].text.flatMap(Stage.init(rawValue:)), epoch: epoch,
                generation: values[count + 3].integer ?? 0)
        }
        let columns = (0..<count).map { position in
            ColumnKnowledge(
                exists: values[position].boolean ?? false, defaultValue: values[count + 4 + position].text,
                detail: change.isIdentity ? nil : values[2 * count + 4 + position].text)
        }
        let (old, new) = (Array(columns.prefix(change.old.count)), Array(columns.dropFirst(change.old.count)))
        return ChangeKnowledge(
            old: old, new: new, keptName: change.keepsAName ? keptName(change, old, new) : nil,
            nextMarker: values[count].integer.map(Int.init), row: row)
    }

    private static func keptName(
        _ change: DeclaredChange, _ old: [ColumnKnowledge], _ new: [ColumnKnowledge]
    ) -> KeptName {
        var kept = KeptName(hasShadow: false, hasFinalNames: true)
        for (column, seen) in zip(change.new, new) {
            guard let namesake = change.old.firstIndex(where: { $0.name == column.name }) else {
                if !seen.exists { kept.hasFinalNames = false }
                continue
            }
            if seen.exists { kept.hasShadow = true }
            if !old[namesake].exists { kept.hasFinalNames = false }
        }
        return kept
    }

    /// The names under which a change's columns are looked for, those of the old shape first.
    func physicalNames(of change: DeclaredChange) -> [(table: TableName, column: String)] {
        let source = table.moved?.source ?? table.name
        return change.old.map { (source, change.physicalName($0, .old, dialect)) }
            + change.new.map { (table.name, change.physicalName($0, .new, dialect)) }
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
