internal import DoubleWrite
internal import MigrationCore

extension Engine {
    /// What is left of each, of those that are being rolled back already only what is not over.
    func refuseSharedSession(for targets: [MigrationRecord], _ plans: [Plan?]) throws {
        for (record, plan) in zip(targets, plans) {
            guard let plan else { continue }
            let isTurned = record.isInFlight && record.direction == .undo
            let walk = try isTurned ? runner.walk(record.name) : nil
            try database.refuseSharedSession(
                for: plan.steps.indices.filter { !(walk?.isOver($0) ?? false) }.map { plan.steps[$0].step })
        }
    }

    /// - Parameter others: The names of those that are rolled back before it.
    /// - Throws: ``EngineError/Reason/laterMigration(migration:later:table:)``.
    func checkNothingLater(
        than record: MigrationRecord, _ survey: Survey, besides others: Set<String> = []
    ) throws {
        guard let later = try later(than: record, survey, besides: others) else { return }
        throw EngineError(
            .laterMigration(migration: record.name, later: later.name, table: later.table.description))
    }

    /// The last migration that began after `record`, was not undone and touches a table of its.
    func later(
        than record: MigrationRecord, _ survey: Survey, besides others: Set<String> = []
    ) throws -> (name: String, table: TableName)? {
        let dialect = database.dialect
        let tables = try store.migration(record.name)?.plan.tables ?? []
        let candidates = survey.records.filter {
            $0.status != .undone && !others.contains($0.name) && $0.began(after: record)
        }
        for other in candidates.sorted(by: { $0.began(after: $1) }) {
            let touched = try store.migration(other.name)?.plan.tables ?? []
            let both = tables.first { table in
                touched.contains { TouchedColumn(whole: $0).overlaps(TouchedColumn(whole: table), dialect) }
            }
            if let both { return (other.name, both) }
        }
        return nil
    }

    /// Looks whether the tables and columns that an undo drops hold anything that nothing else holds.
    ///
    /// What a change of a column made is left out: as long as it can be undone, the old column has every value.
    ///
    /// - Throws: ``EngineError/Reason/wouldLoseValues(migration:what:count:)``.
    func checkNothingLost(_ undo: Plan, of forward: Plan) throws {
        let changing = Set(forward.steps.filter { $0.step.isOfChange }.compactMap { $0.step.operation })
        for (_, step) in undo.steps where step.operation.map({ !changing.contains($0) }) ?? true {
            guard case .schema(let change) = step.action else { continue }
            for touched in forward.touches {
                let drop = touched.dropStatement(database.dialect)
                guard change.statements.contains(where: { $0 == drop }) else { continue }
                let count = try count(touched)
                guard count == 0 else {
                    throw EngineError(
                        .wouldLoseValues(
                            migration: forward.migration, what: touched.description, count: count))
                }
            }
        }
    }

    /// The rows of a table, or the values of a column that are neither NULL nor its default, in one statement.
    private func count(_ touched: TouchedColumn) throws -> Int64 {
        let dialect = database.dialect
        guard let table = try database.introspect([touched.table])[touched.table] else { return 0 }
        var sql = "SELECT count(*) FROM \(dialect.quote(touched.table))"
        if let name = touched.column {
            guard let column = table.columns.first(where: { $0.name == name }), column.generated == nil else {
                return 0
            }
            sql += " WHERE \(column.holdsOwnValue(dialect))"
        }
        return try database.reading { try database.session.query(sql) }.scalar?.integer ?? 0
    }
}

extension MigrationRecord {
    /// Whether it began later; by name within a millisecond.
    fileprivate func began(after other: MigrationRecord) -> Bool {
        (started.milliseconds, name) > (other.started.milliseconds, other.name)
    }
}

extension TouchedColumn {
    fileprivate init(whole table: TableName) { self.init(table: table, column: nil) }

    /// As the plans of `create_table` and `add_column` take themselves back.
    fileprivate func dropStatement(_ dialect: Dialect) -> String {
        guard let column else { return "DROP TABLE \(dialect.quote(table))" }
        return "ALTER TABLE \(dialect.quote(table)) DROP COLUMN \(dialect.quote(column))"
    }
}

extension Step {
    /// Whether it makes one column of another: then the other has every value.
    fileprivate var isOfChange: Bool {
        if case .backfill = action { return true }
        return flip != nil
    }

    /// The number of the operation that it belongs to, of its id `1.expand.add-column`, or of its undo's.
    fileprivate var operation: Substring? {
        let parts = id.split(separator: ".")
        return parts.first == "undo" ? parts.dropFirst().first : parts.first
    }
}

extension Column {
    /// The condition on a row that its value is neither NULL nor the default.
    fileprivate func holdsOwnValue(_ dialect: Dialect) -> String {
        let quoted = dialect.quote(name)
        guard let defaultValue, !isDefaultVolatile else { return "\(quoted) IS NOT NULL" }
        switch dialect {
        case .postgres:
            // As texts: not every type has an equality.
            let usual = "CAST((\(defaultValue)) AS \(type))::text"
            return "\(quoted) IS NOT NULL AND \(quoted)::text IS DISTINCT FROM \(usual)"
        case .sqlite:
            return "\(quoted) IS NOT NULL AND \(quoted) IS NOT (\(defaultValue))"
        }
    }
}
