import DoubleWrite

/// What the operations on constraints share, in PostgreSQL.
extension PostgresPlanning {
    /// Refuses tables of a kind for which the database has no form that lets writers go on.
    func refuse(
        kinds: [Table.Kind], of table: Table, _ what: String, into draft: inout OperationDraft
    ) {
        guard kinds.contains(table.kind) else { return }
        draft.refuse("table", "'\(table.name)' is \(table.kind.words), \(what)")
    }

    /// A constraint that comes NOT VALID, and is validated in a transaction of its own.
    func addNotValid(
        _ slug: String, _ name: String, _ addition: String, on table: TableName, lock: Lock, dropLock: Lock,
        into draft: inout OperationDraft
    ) {
        let alter = "ALTER TABLE \(dialect.quote(table))"
        draft.add(
            .expand, slug,
            Step(
                "add '\(name)', not validated",
                "NOT VALID: it holds for every write from now on; the rows that are there are read in the next step.",
                .statements(on: table, ["\(alter) \(addition)"]), lock: lock,
                undo: [
                    Step(
                        "drop '\(name)' again", "Only the catalogue changes.",
                        .statements(on: table, ["\(alter) DROP CONSTRAINT \(dialect.quote(name))"]),
                        lock: dropLock)
                ]))
        draft.add(.expand, slug + "-validate", validation(of: name, on: table))
    }

    /// Reads the rows for a constraint that is NOT VALID yet.
    func validation(of name: String, on table: TableName, again: Bool = false) -> Step {
        Step(
            "validate '\(name)'\(again ? " again" : "")", "Reads the rows beside the writers.",
            .statements(
                on: table,
                ["ALTER TABLE \(dialect.quote(table)) \(PostgresCarrying.originals.validation(name))"]),
            lock: .shareUpdateExclusive(table, "while the rows are read"), scans: true)
    }

    /// Builds an index beside the writers; taking it back drops it likewise.
    func buildStep(
        _ title: String, _ explanation: String, _ action: Action, on table: TableName, undo: [Step] = []
    )
        -> Step
    {
        Step(
            title,
            "CONCURRENTLY: writers go on while it is built. An interrupted build is dropped and begun again."
                + (explanation.isEmpty ? "" : " " + explanation), action,
            lock: .shareUpdateExclusive(table, "while the index is built"), scans: true, undo: undo)
    }

    /// The constraint of that name, or a noted problem that offers the nearest one.
    func constraint(
        _ name: String, of table: Table, path: String, into draft: inout OperationDraft
    ) -> PostgresConstraint? {
        if let found = PostgresConstraint(name, of: table) { return found }
        if table.indexes.contains(where: { $0.name == name }) {
            draft.refuse(
                path, "'\(name)' is an index of '\(table.name)' and not a constraint; drop_index drops it")
        } else {
            let hint = NearestName.hint(name, among: table.allConstraintNames)
            draft.refuse(path, "constraint '\(name)' of '\(table.name)' does not exist\(hint)")
        }
        return nil
    }

    /// The lock that a change of a constraint takes, with the table that a foreign key points at.
    func lock(dropping constraint: PostgresConstraint, of table: TableName) -> Lock {
        guard case .foreignKey(let key) = constraint, key.target.table != table else {
            return .accessExclusive(table)
        }
        return Lock(
            mode: "ACCESS EXCLUSIVE", object: "\(table) and \(key.target.table)", duration: Lock.moment)
    }
}

/// A constraint that is there, by its kind.
enum PostgresConstraint {
    case primaryKey([String])
    case unique(UniqueConstraint)
    case check(CheckConstraint)
    case foreignKey(ForeignKey)
    /// An exclusion constraint over these columns.
    case exclusion(Set<String>)

    init?(_ name: String, of table: Table) {
        let qualified = "\(table.name.schema ?? Dialect.postgres.defaultSchema).\(table.name.name).\(name)"
        if table.primaryKeyName == name, !table.primaryKey.isEmpty {
            self = .primaryKey(table.primaryKey)
        } else if let unique = table.uniqueConstraints.first(where: { $0.name == name }) {
            self = .unique(unique)
        } else if let check = table.checks.first(where: { $0.name == name }) {
            self = .check(check)
        } else if let key = table.foreignKeys.first(where: { $0.name == name }) {
            self = .foreignKey(key)
        } else if let exclusion = table.dependents.first(where: {
            $0.kind == .exclusion && $0.name == qualified
        }) {
            self = .exclusion(exclusion.columns)
        } else {
            return nil
        }
    }

    /// The columns that it is about.
    var columns: [String] {
        switch self {
        case .primaryKey(let columns): columns
        case .unique(let unique): unique.columns
        case .check(let check): check.columns.sorted()
        case .foreignKey(let key): key.columns
        case .exclusion(let columns): columns.sorted()
        }
    }

    /// Its kind, for people.
    var words: String {
        switch self {
        case .primaryKey: "primary key"
        case .unique: "UNIQUE"
        case .check: "CHECK"
        case .foreignKey: "foreign key"
        case .exclusion: "exclusion constraint"
        }
    }

    /// Whether it is an index as well, by which a statement may name it (`ON CONFLICT`).
    var hasIndex: Bool {
        switch self {
        case .primaryKey, .unique, .exclusion: true
        case .check, .foreignKey: false
        }
    }
}
