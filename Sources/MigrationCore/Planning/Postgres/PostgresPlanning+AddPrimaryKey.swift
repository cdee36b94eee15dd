import DoubleWrite

/// `add_primary_key`, in PostgreSQL: NOT NULL first, then a unique index, both beside the writers; then it is the key.
extension PostgresPlanning {
    func plan(_ operation: AddPrimaryKey, into draft: inout OperationDraft) {
        draft.touch(operation.table, operation.columns, dialect)
        guard let table = context.table(operation.table, into: &draft) else { return }
        let name = operation.name ?? dialect.shortened(table.name.name, suffix: "_pkey")
        if !table.primaryKey.isEmpty {
            draft.refuse(
                "table",
                "'\(table.name)' has a primary key already (\(table.primaryKey.words)); drop it in an earlier migration "
                    + "(drop_constraint)")
        }
        context.checkFreeConstraint(name, in: table, path: "name", into: &draft)
        context.checkFreeObject(TableName(schema: table.name.schema, name), path: "name", into: &draft)
        refuse(
            kinds: [.partitioned, .foreign, .virtual], of: table,
            "on which no unique index can be built beside writers", into: &draft)
        guard let columns = context.columns(operation.columns, of: table, path: "columns", into: &draft)
        else {
            return
        }
        let open = columns.filter { $0.isNullable || $0.mayHoldOldNulls == true }.map(\.name)
        let demand = NewDemand.key(operation.columns, of: table, dialect)
        demand.addFirst(to: &draft)
        demand.addAgain(to: &draft)
        for (number, column) in open.enumerated() {
            for (slug, step) in PostgresNotNull(table: table.name, column: column).stepsWithUndo {
                draft.add(.expand, open.count == 1 ? slug : "\(slug)-\(number + 1)", step)
            }
        }
        addKey(UniqueConstraint(name: name, columns: operation.columns), to: table, into: &draft)
    }

    private func addKey(_ key: UniqueConstraint, to table: Table, into draft: inout OperationDraft) {
        let name = key.name ?? ""
        draft.add(
            .expand, "key-index",
            buildStep(
                "build the index of the primary key", "Rows that are not unique end it with an error.",
                PostgresCarrying.originals.build(key, on: table.name), on: table.name,
                undo: [dropStep(name, on: table.name)]))
        let alter = "ALTER TABLE \(dialect.quote(table.name))"
        let quoted = dialect.quote(name)
        draft.add(
            .expand, "key",
            Step(
                "make that index the primary key '\(name)'",
                "The index is there and no column holds NULL, so nothing is read.",
                .statements(
                    on: table.name,
                    ["\(alter) ADD CONSTRAINT \(quoted) PRIMARY KEY USING INDEX \(quoted)"]),
                lock: .accessExclusive(table.name),
                undo: [
                    Step(
                        "drop the primary key '\(name)' again", "Its index goes with it.",
                        .statements(on: table.name, ["\(alter) DROP CONSTRAINT \(quoted)"]),
                        lock: .accessExclusive(table.name))
                ]))
    }
}

extension PostgresNotNull {
    /// The steps, each with what takes it back.
    var stepsWithUndo: [(slug: String, step: Step)] {
        steps.map { slug, step in
            var step = step
            switch slug {
            case "not-null-check": step.undo = [dropCheck]
            case "not-null": step.undo = [dropNotNull]
            default: break
            }
            return (slug, step)
        }
    }

    /// The CHECK is gone already where NOT NULL has come.
    private var dropCheck: Step {
        Step(
            "let '\(column)' hold NULL again", "Where only the CHECK says otherwise so far.",
            .statements(on: table, ["\(alter) DROP CONSTRAINT IF EXISTS \(check)"]),
            lock: .accessExclusive(table))
    }

    private var dropNotNull: Step {
        Step(
            "let '\(column)' hold NULL again", "Only the catalogue changes.",
            .statements(on: table, ["\(alter) ALTER COLUMN \(dialect.quote(column)) DROP NOT NULL"]),
            lock: .accessExclusive(table))
    }
}
