import DoubleWrite

/// What the guard of a change (`guard: true`) decides by, the same in every dialect: which write knows the old shape
/// only, and what is made of it.
///
/// Such a write changes old columns and leaves the new ones as they are, or, in an INSERT, leaves them out; and behind
/// it neither side is what the other one says. A writer that follows the stages never leaves such a row: in `both` the
/// new side is what the old one says, in `both-read-new` the old one is what the new one says, so that one of the two
/// holds for whoever is a stage early or late, and for our own backfills in either direction.
///
/// In every stage it is healed as a write of an old-shape value is defined: the new side becomes what the old one says.
/// In `both-read-new` the old side then follows (`lossy_down`). In `new`, where the old columns that were not written
/// are no longer true, these are made of the new side first, and a value that would not survive is refused: behind that
/// stage nobody counts any more.
struct ShapeGuard {
    /// The columns of both sides, and what one is made of the other.
    let sync: SyncTrigger

    init(_ change: ShapeChange) { sync = SyncTrigger(change, truth: .old) }

    var change: ShapeChange { sync.change }
    var dialect: Dialect { sync.dialect }
    private var extract: LookupTable? { change.lookup?.operation.lookup }

    /// Whether the old value has to come back from the new one.
    var mustReturn: Bool { sync.mustReturn && change.lookup == nil }
    /// Whether one old column may be written without the others.
    var hasParts: Bool { change.olds.count > 1 }
}

// MARK: - Which write it is

extension ShapeGuard {
    /// True for an UPDATE that writes old columns and no new one.
    var writesOldOnly: String { "\(sync.isChanged(.old)) AND NOT (\(sync.isChanged(.new)))" }

    /// True for an INSERT that leaves the new columns out, as far as that can be told; `nil` where it cannot.
    var leavesNewOut: String? {
        let conditions = sync.members(.new).compactMap { member -> String? in
            let value = sync.value(member)
            let isNull = dialect == .postgres ? "\(value) IS NOT DISTINCT FROM NULL" : "\(value) IS NULL"
            switch SyncTrigger.Usual(of: member.column, dialect) {
            case .null: return isNull
            case .constant(let text):
                let usual = dialect.stored(text.parenthesized, in: member.column)
                return "(\(isNull) OR NOT (\(sync.differs(value, usual, member))))"
            case .varying: return nil
            }
        }
        return conditions.isEmpty ? nil : conditions.joined(separator: " AND ")
    }

    /// True for an INSERT that gives the old side a value: at stage `new` nobody else does. PostgreSQL's old columns have no
    /// default there, SQLite's keep theirs.
    var givesOld: String {
        switch dialect {
        case .postgres: sync.any(sync.members(.old).map { "\(sync.value($0)) IS DISTINCT FROM NULL" })
        case .sqlite: sync.isGiven(.old)
        }
    }

    /// True where neither side is what the other one says.
    var strays: String {
        // A value that the lookup table lacks has no key to differ from.
        guard change.lookup == nil else { return differs(.old) }
        return "\(sync.strays(.new)) AND \(sync.strays(.old))"
    }

    private func differs(_ side: SyncTrigger.Side) -> String {
        sync.any(sync.members(side).map { sync.differs(sync.value($0), made(side, $0), $0) })
    }
}

// MARK: - What is made of it

extension ShapeGuard {
    /// What a column is made of the other side of the row that is written.
    func made(_ side: SyncTrigger.Side, _ member: SyncTrigger.Member) -> String {
        let values = sync.values(side.other)
        guard let extract else { return sync.derived(side, member.index, from: values) }
        let value = values.first?.sql ?? "NULL"
        return "(\(side == .new ? extract.up(of: value, dialect) : extract.down(of: value, dialect)))"
    }

    /// Inserts the value where the lookup table lacks it.
    var insertion: String? {
        guard let extract, let value = sync.values(.old).first?.sql else { return nil }
        let column = dialect.quote(extract.value)
        let missing = "\(value) IS NOT NULL AND NOT EXISTS (\(extract.up(of: value, dialect)))"
        let insertion = "INSERT INTO \(written(extract.name)) (\(column)) SELECT \(value) WHERE \(missing)"
        // SQLite has one writer at a time.
        return dialect == .postgres ? insertion + " ON CONFLICT (\(column)) DO NOTHING" : insertion
    }

    /// True where the old values would come back from the new shape as others.
    var isLost: String { sync.comesBackChanged(.old) }
}

// MARK: - Counting

extension ShapeGuard {
    /// The table that such writes are counted in, a row for each.
    static func table(_ dialect: Dialect) -> TableName {
        switch dialect {
        case .postgres: TableName(schema: "bellows", "stray_writes")
        case .sqlite: TableName("bellows_stray_writes")
        }
    }

    private var counts: String { dialect.quote(Self.table(dialect)) }
    private var id: String { dialect.literal(change.id.name) }

    /// Makes the table, where no change before made it. Every role may say of a change that it was written, and no more:
    /// when and by whom, the server notes itself.
    var countingTable: [String] {
        switch dialect {
        case .postgres:
            [
                """
                CREATE TABLE IF NOT EXISTS \(counts) (
                    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                    change text NOT NULL,
                    stage text,
                    at_ms bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
                    role text DEFAULT session_user,
                    application text DEFAULT current_setting('application_name')
                )
                """,
                "GRANT INSERT (change, stage) ON \(counts) TO PUBLIC",
            ]
        case .sqlite:
            [
                """
                CREATE TABLE IF NOT EXISTS \(counts) (
                    id INTEGER PRIMARY KEY,
                    change text NOT NULL,
                    stage text,
                    at_ms bigint NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)),
                    role text,
                    application text
                )
                """
            ]
        }
    }

    /// Counts one, at the stage that `sql` gives.
    func count(at sql: String) -> String {
        "INSERT INTO \(written(Self.table(dialect))) (\(dialect.quote(["change", "stage"]))) VALUES (\(id), \(sql))"
    }

    /// A table as a trigger writes it: in SQLite its name takes no schema there, and is of the trigger's own.
    private func written(_ table: TableName) -> String {
        switch dialect {
        case .postgres: dialect.quote(table)
        case .sqlite: dialect.quote(table.name)
        }
    }

    /// Forgets what was counted.
    var forgetting: String { "DELETE FROM \(counts) WHERE \(dialect.quote("change")) = \(id)" }

    /// A query of the change's stage.
    var stage: String {
        "SELECT \(dialect.quote("stage")) FROM \(StageTable.name(dialect)) WHERE "
            + "\(dialect.quote("change")) = \(id)"
    }

    /// Said to a write whose value the new shape cannot hold.
    var loss: String {
        "\(sync.names(.old)) is given a value that \(sync.members(.new).map { "'\($0.physicalName)'" }.joined(separator: ", ")) "
            + "cannot hold unchanged, and the change '\(change.id)' has left the old shape behind: write the new one"
    }
}
