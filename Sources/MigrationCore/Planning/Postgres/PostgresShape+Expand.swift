import DoubleWrite

extension PostgresShape {
    /// What must be known and waited for before anything changes.
    func addDoubleWrite(to draft: inout OperationDraft) {
        let demands = demands(besides: draft.newTables)
        if !demands.isEmpty {
            draft.add(
                .doubleWrite, "round-trip",
                Step(
                    words.demand.title, words.demand.explanation,
                    .verify(
                        Verification(
                            table: table.name, invariants: demands,
                            sampleColumns: (table.primaryKey + change.oldNames).uniqued,
                            sampleValues: change.demandSamples)),
                    lock: .accessShare(table.name), scans: true))
        }
        if let forgotten = change.forgotten(sampling: (table.primaryKey + change.oldNames).uniqued) {
            draft.add(
                .doubleWrite, "forgotten",
                Step(
                    words.forgotten.title, words.forgotten.explanation, .verify(forgotten),
                    lock: .accessShare(table.name), scans: true))
        }
        if change.keepsName {
            draft.add(.doubleWrite, "record-old", words.recordOld(flip(.old)))
        }
        draft.add(.doubleWrite, "release", words.doubleWriteRelease)
    }

    func addExpand(to draft: inout OperationDraft) {
        draft.add(.expand, "add-column", addColumn)
        let filling = words.backfill("beside the writers")
        draft.add(
            .expand, "backfill",
            backfill(
                filling.title, filling.explanation, change.forwardAssignments, change.forwardMismatch,
                change.lookup?.forward(change.forwardAssignments)))
        addIndexes(to: &draft)
        addKeyIndex(to: &draft)
        addConstraints(to: &draft)
        draft.add(
            .expand, "verify",
            verify(
                "count the rows in which \(words.theTwo) differ",
                change.isLossyDown
                    ? "Any row stops the migration here. What 'down' forgets is not counted (lossy_down)."
                    : "Both directions are counted in one statement, so in one snapshot; any row stops the migration here.",
                change.bothWays, settles: false))
        addMovedKeys(to: &draft)
    }

    private var addColumn: Step {
        var sql: [String] = []
        if let lookup = change.lookup {
            // The source first, as everybody locks.
            sql.append("LOCK TABLE \(dialect.quote(table.name)) IN ACCESS EXCLUSIVE MODE")
            sql += lookup.creation
        }
        sql += change.news.flatMap(definition)
        // Behind the statement that locks the table.
        sql += identity?.unpacked ?? []
        sql += self.new.writingKeys.map { "\(alter) \($0.carrying.addition($0.object))" }
        sql += guardian?.creation ?? []
        return Step(
            words.lookup.map { words.addition($0).title } ?? "add \(words.new) beside \(words.old)",
            words.lookup.map {
                words.addition($0).explanation + (guardian.map { " " + $0.rules.words } ?? "")
            }
                ?? addColumnExplanation,
            statements(sql, flip: change.flip(.both, generation: change.generation)),
            lock: .accessExclusive(table.name), undo: [dropNewColumn])
    }

    func definition(of new: ShapeChange.New) -> [String] {
        let column = new.column
        let quoted = dialect.quote(new.physicalName)
        let collation = column.collation.map { " COLLATE \($0)" } ?? ""
        let clause = change.lookup?.clause ?? ""
        var sql = ["\(alter) ADD COLUMN \(quoted) \(column.type)\(collation)\(clause)"]
        if let value = flightDefault(new) {
            sql.append("\(alter) ALTER COLUMN \(quoted) SET DEFAULT \(value)")
        }
        if let comment = column.comment {
            sql.append(
                "COMMENT ON COLUMN \(dialect.quote(table.name)).\(quoted) IS \(dialect.literal(comment))")
        }
        var grants: [ColumnGrant] = []
        for grant in change.olds.flatMap(\.column.grants) where !grants.contains(grant) {
            grants.append(grant)
        }
        sql += grants.map { $0.statement(column: new.physicalName, table: table.name) }
        sql += (column.settings ?? []).map { "\(alter) ALTER COLUMN \(quoted) \($0)" }
        return sql
    }

    private var addColumnExplanation: String {
        let empty = change.news.count == 1 ? "empty and without a default" : "empty and without defaults"
        var text =
            "\(words.theColumnIs) \(empty) for existing rows, so only the catalogue changes, whatever the "
            + "number of rows. In the same transaction the helper's stage becomes 'both': from here every write goes "
            + "to \(words.bothColumns), and \(words.oldIs) the truth."
        if constantDefault != nil {
            text += " The default is the same for every row and holds for rows inserted from now on."
        }
        if let guardian { text += " " + guardian.rules.words }
        let copies = new.writingKeys.filter(\.isCopy).compactMap(\.object.name)
        if !copies.isEmpty {
            let names = copies.map { "'\($0)'" }.joined(separator: ", ")
            text +=
                " By \(names) the database itself writes \(words.old) when the referenced row changes; its "
                + "copy begins with the column, not validated yet, so that such a write reaches both."
        }
        return text
    }

    private var dropNewColumn: Step {
        let drops = change.physicalNames.map { "DROP COLUMN \(dialect.quote($0))" }
        let table = change.lookup.map { ["DROP TABLE \(dialect.quote($0.table))"] } ?? []
        return Step(
            words.lookup.map { words.removal($0).title } ?? "drop \(words.new) again",
            words.lookup.map { words.removal($0).explanation }
                ?? "\(words.oldIs) the truth and has every value. What was built on \(words.new) goes with it, "
                + "and the helper's stage becomes 'old' in the same transaction.",
            statements(
                (guardian.map { $0.removal + [$0.rules.forgetting] } ?? [])
                    + ["\(alter) \(drops.joined(separator: ", "))"] + table + oldIdentity,
                flip: change.flip(.old)),
            lock: .accessExclusive(self.table.name), settlesFirst: true)
    }

    func addIndexes(to draft: inout OperationDraft) {
        for (number, carried) in new.indexes.enumerated() {
            let index = carried.object
            resolve(index.definition, of: "index '\(index.name)'", into: &draft)
            draft.add(
                .expand, "index-\(number + 1)",
                Step(
                    "build the \(carried.isCopy ? "copy of index" : "index") '\(index.name)' on \(words.new)",
                    (carried.isCopy ? Self.indexExplanation : Self.ownIndexExplanation) + partsExplanation,
                    carried.carrying.build(index, on: table.name, isPartitioned: isPartitioned),
                    lock: .indexBuild(on: table), scans: true))
            if let comment = index.comment {
                let name = TableName(schema: table.name.schema, carried.carrying.name(index.name))
                draft.add(
                    .expand, "index-\(number + 1)-comment",
                    Step(
                        "comment on the copy of index '\(index.name)'", "",
                        statements(["COMMENT ON INDEX \(dialect.quote(name)) IS \(dialect.literal(comment))"]
                        ),
                        lock: .shareUpdateExclusive(table.name, Lock.moment)))
            }
        }
        for (number, carried) in new.uniques.enumerated() {
            let name = carried.object.name ?? ""
            draft.add(
                .expand, "unique-\(number + 1)-index",
                Step(
                    carried.isCopy
                        ? "build the index of the copy of '\(name)' on \(words.new)"
                        : "build the index of '\(name)'",
                    Self.indexExplanation, carried.carrying.build(carried.object, on: table.name),
                    lock: .shareUpdateExclusive(table.name, "while the index is built"), scans: true))
            draft.add(
                .expand, "unique-\(number + 1)",
                Step(
                    "make that index the constraint '\(name)'",
                    "The index is there already, so nothing is read.",
                    statements(["\(alter) \(carried.carrying.addition(carried.object))"]),
                    lock: .accessExclusive(table.name)))
        }
    }

    private var partsExplanation: String { isPartitioned ? " " + PostgresPartitions.buildExplanation : "" }

    static let ownIndexExplanation =
        "CONCURRENTLY: writers go on while it is built. An interrupted build is dropped and begun again. Without it, "
        + "whoever deletes what the column points at would read the whole table."

    static let indexExplanation =
        "CONCURRENTLY: writers go on while it is built. An interrupted build is dropped and begun again. Its name is "
        + "a temporary one until the old column is gone."

    func addConstraints(to draft: inout OperationDraft) {
        for (number, carried) in new.checks.enumerated() {
            let check = carried.object
            let what = "CHECK '\(check.name ?? "")'"
            let isOpen = carried.isCopy && resolve(check.definition, of: what, into: &draft)
            let addition =
                isOpen
                ? "-- \(what) said of \(words.new): the database writes it"
                : "\(alter) \(carried.carrying.addition(check))"
            draft.add(
                .expand, "check-\(number + 1)",
                addNotValid(what, addition, isCopy: carried.isCopy, lock: .accessExclusive(table.name)))
            if check.isValidated {
                draft.add(.expand, "check-\(number + 1)-validate", validate(carried, check.name))
            }
        }
        for (number, carried) in new.foreignKeys.enumerated() {
            let key = carried.object
            if !key.writes {
                draft.add(
                    .expand, "foreign-key-\(number + 1)",
                    addNotValid(
                        "foreign key '\(key.name ?? "")'", "\(alter) \(carried.carrying.addition(key))",
                        isCopy: carried.isCopy, lock: .foreignKey(from: table.name, to: key.target.table)))
            }
            if key.isValidated {
                draft.add(.expand, "foreign-key-\(number + 1)-validate", validate(carried, key.name))
            }
        }
        var number = 0
        for new in change.news where !new.column.isNullable {
            number += 1
            let name = notNullName(of: new).map(dialect.temporaryName)
            for (slug, step) in notNull(on: new.physicalName, called: words.title(of: new), name: name) {
                draft.add(
                    .expand, number == 1 ? slug : slug.replacing("not-null", with: "not-null-\(number)"), step
                )
            }
        }
    }

    private func addNotValid(_ what: String, _ statement: String, isCopy: Bool, lock: Lock) -> Step {
        Step(
            "add \(isCopy ? "the copy of " : "")\(what) on \(words.new), not validated",
            "NOT VALID: it holds for every write from now on; the rows that are there are read in the next step.",
            statements([statement]), lock: lock)
    }

    private func validate<Object>(_ carried: PostgresCarried<Object>, _ name: String?) -> Step {
        validate(
            carried.carrying.name(name ?? ""),
            carried.isCopy ? "the copy of '\(name ?? "")'" : "'\(name ?? "")'")
    }

    func validate(_ name: String?, _ what: String) -> Step {
        Step(
            "validate \(what)", "Reads the rows beside the writers.",
            statements(["\(alter) VALIDATE CONSTRAINT \(dialect.quote(name ?? ""))"]),
            lock: .shareUpdateExclusive(table.name, "while the rows are read"), scans: true)
    }

    /// Notes what only the server can say of another column. Returns whether there is any.
    @discardableResult
    private func resolve(_ template: SQLTemplate, of object: String, into draft: inout OperationDraft) -> Bool
    {
        guard let old = change.heirs.keys.first, !template.columns.contains(old) else { return false }
        draft.unresolved.append(
            "\(object) of '\(table.name)' uses '\(old)', and how it reads for \(words.new) only the "
                + "database can write: plan against the database to see it")
        return true
    }
}

extension PostgresShape {
    /// NOT NULL without a scan under a lock: a validated CHECK proves it.
    /// (<https://www.postgresql.org/docs/current/sql-altertable.html>, SET NOT NULL)
    ///
    /// - Parameter title: What people call the column, which may bear a hidden name just then.
    /// - Parameter constraint: What the constraint is called that it is from PostgreSQL 18 on; the server's own choice
    ///   where that is `nil`.
    func notNull(
        on column: String, called title: String, name constraint: String? = nil
    ) -> [(slug: String, step: Step)] {
        PostgresNotNull(table: table.name, column: column, title: title, name: constraint).steps
    }

    /// The name of NOT NULL that a new column takes over from the old one it stands for, where NOT NULL has names.
    private func notNullName(of new: ShapeChange.New) -> String? {
        guard let old = change.olds.first, change.heirs[old.column.name] == new.physicalName else {
            return nil
        }
        return new.column.isNullable ? nil : old.column.notNullName
    }

    /// Gives the new columns' NOT NULL the old ones' names, which are free when those are gone.
    var finalNotNullNames: [String] {
        change.news.compactMap { new in
            notNullName(of: new).map {
                "\(alter) RENAME CONSTRAINT \(dialect.quote(dialect.temporaryName(of: $0))) TO \(dialect.quote($0))"
            }
        }
    }
}

/// The steps that make a column NOT NULL beside writers.
struct PostgresNotNull {
    let table: TableName
    let column: String
    /// What people call it: `'age'`, `the new 'age'`.
    let title: String
    /// What its constraint is called, from PostgreSQL 18 on, where that is not left to the server.
    let name: String?
    let dialect = Dialect.postgres

    init(table: TableName, column: String, title: String? = nil, name: String? = nil) {
        self.name = name
        self.table = table
        self.column = column
        self.title = title ?? "'\(column)'"
    }

    var alter: String { "ALTER TABLE \(dialect.quote(table))" }
    var check: String { dialect.quote(dialect.shortened("_bellows_not_null_" + column)) }
    private var quoted: String { dialect.quote(column) }
    private var demand: String {
        name.map { "\(alter) ADD CONSTRAINT \(dialect.quote($0)) NOT NULL \(quoted)" }
            ?? "\(alter) ALTER COLUMN \(quoted) SET NOT NULL"
    }

    var steps: [(slug: String, step: Step)] {
        [
            (
                "not-null-check",
                Step(
                    "refuse NULL in \(title) from now on",
                    "NOT VALID: the rows that are there are read in the next step.",
                    .statements(
                        on: table,
                        ["\(alter) ADD CONSTRAINT \(check) CHECK (\(quoted) IS NOT NULL) NOT VALID"]),
                    lock: .accessExclusive(table))
            ),
            (
                "not-null-validate",
                Step(
                    "read the rows for NULL in \(title)", "Reads the rows beside the writers.",
                    .statements(on: table, ["\(alter) VALIDATE CONSTRAINT \(check)"]),
                    lock: .shareUpdateExclusive(table, "while the rows are read"), scans: true)
            ),
            (
                "not-null",
                Step(
                    "make \(title) NOT NULL",
                    "The validated CHECK proves it, so no row is read; then the CHECK has done its work and goes.",
                    .statements(
                        on: table,
                        [
                            demand,
                            "\(alter) DROP CONSTRAINT \(check)",
                        ]),
                    lock: .accessExclusive(table))
            ),
        ]
    }
}

extension ColumnGrant {
    /// `GRANT SELECT ("species") ON "public"."animals" TO "reader"`.
    func statement(column: String, table: TableName) -> String {
        let dialect = Dialect.postgres
        let role = grantee.map(dialect.quote) ?? "PUBLIC"
        let option = isGrantable ? " WITH GRANT OPTION" : ""
        return
            "GRANT \(privilege) (\(dialect.quote(column))) ON \(dialect.quote(table)) TO \(role)\(option)"
    }
}
