internal import DoubleWrite
internal import MigrationCore
internal import MigrationEngine

/// Makes a ``Scene``: fills a copy of the database before the migration with rows, carries the migration out on another
/// copy with nobody there, and learns from the two what every row is in either shape.
struct SceneBuilder {
    let place: ScratchPlace
    let sources: [MigrationSource]
    let migration: MigrationSource
    let options: RehearsalOptions
    /// How many rows are made up for each one that is there at the beginning: what is written later comes from them.
    private static var spares: Int { 5 }

    /// - Parameter base: A database as it is before the migration.
    func scene(from base: DatabaseLocation) throws -> Scene {
        var notes: [String] = []
        let template = try place.copy(base)
        let (before, plan) = try prepare(template, &notes)
        let end = try place.copy(template)
        defer { place.drop(end) }
        try Scene.apply([migration.migration.name], of: sources, to: end)
        let session = try Session(template, patience: .seconds(5))
        let finished = try Session(end, patience: .seconds(5))
        defer {
            session.close()
            finished.close()
        }
        let after = try finished.introspect()
        var subjects: [Subject] = []
        var tables: [ChangedTable] = []
        for table in changedTables(plan, before, after) {
            let name = (table.before ?? table.after)?.name.description ?? ""
            if let obstacle = table.obstacle {
                notes.append("'\(name)' \(obstacle); no application writes it in this rehearsal")
                continue
            }
            let reader = RowReader(table: table, before: session, after: finished, options: options)
            var subject = try reader.subject()
            subject.canDelete = !isReferred(table, before, after)
            if subject.keys.isEmpty {
                notes.append("'\(name)' has no rows to write to in this rehearsal")
                continue
            }
            subject.bearsParts = table.bearsParts
            subjects.append(subject)
            tables.append(table)
        }
        try removeSpares(&subjects, session)
        for (index, table) in tables.enumerated() {
            try SubjectCheck(session: session, dialect: plan.dialect).check(&subjects[index])
            try MixtureMaker(table: table, before: session, after: finished).make(&subjects[index])
        }
        return Scene(
            sources: sources, migration: migration, plan: plan, template: template, subjects: subjects,
            notes: notes)
    }

    /// Rows, and the plan for them.
    private func prepare(
        _ template: DatabaseLocation, _ notes: inout [String]
    ) throws -> (before: Schema, plan: Plan) {
        let session = try Session(template, patience: .seconds(5))
        defer { session.close() }
        let before = try session.introspect()
        notes += try fill(session, before)
        let engine = try Engine(
            template, settings: Scene.settings(options.applications), observer: SilentObserver())
        defer { engine.close() }
        guard let made = try engine.plans(sources, names: [migration.migration.name]).first else {
            throw RehearsalError("'\(migration.migration.name)' has no plan")
        }
        return (before, made)
    }

    /// Rows of somebody's own where there are any, and rows that are made up elsewhere.
    private func fill(_ session: Session, _ schema: Schema) throws -> [String] {
        var maker = RowMaker(session, schema, options)
        maker.demands = Demands(schema: schema, migration: migration.migration)
        let count = options.rows * (1 + Self.spares)
        var empty = schema.tables.filter { isOrdinary($0.name) }
        if let location = options.copyFrom {
            empty = try CopiedRows(from: location, to: session, schema).copy(empty, count: count)
        }
        try maker.fill(empty, count: count)
        return maker.shortfalls
    }

    /// The operations by the table that they change.
    private func changedTables(_ plan: Plan, _ before: Schema, _ after: Schema) -> [ChangedTable] {
        var names: [TableName] = []
        var operations: [TableName: [MigrationCore.Operation]] = [:]
        var renamed: [TableName: TableName] = [:]
        for operation in migration.migration.operations {
            guard var table = operation.table else { continue }
            if case .moveColumn(let move) = operation { table = move.toTable }
            table = named(table)
            let first = renamed[table] ?? table
            if !names.contains(first) { names.append(first) }
            operations[first, default: []].append(operation)
            if case .renameTable(let rename) = operation {
                renamed[named(TableName(schema: table.schema, rename.to))] = first
            }
        }
        // SQL of one's own may do anything to any table.
        if migration.migration.operations.contains(where: { if case .sql = $0 { true } else { false } }) {
            for table in before.tables where isOrdinary(table.name) && !names.contains(named(table.name)) {
                names.append(named(table.name))
            }
        }
        let staged = Set(plan.steps.compactMap { $0.step.flip?.change })
        return names.map { name in
            let last = renamed.first { $0.value == name }?.key ?? name
            return ChangedTable(
                dialect: plan.dialect, before: before[name], after: after[last],
                operations: operations[name] ?? [], staged: staged)
        }
    }

    /// Whether it is not one of Bellows' own.
    private func isOrdinary(_ table: TableName) -> Bool {
        table.schema != "bellows" && !table.name.hasPrefix("bellows_")
    }

    /// With its schema, so that one table has one name.
    private func named(_ table: TableName) -> TableName {
        TableName(schema: table.schema ?? options.dialect.defaultSchema, table.name)
    }

    private func isReferred(_ table: ChangedTable, _ before: Schema, _ after: Schema) -> Bool {
        let names = Set([table.before, table.after].compactMap { $0?.name.name })
        return (before.tables + after.tables).contains { other in
            other.foreignKeys.contains { names.contains($0.target.table.name) }
        }
    }

    /// Takes the rows away that only showed what a row may be. Those that something points at stay.
    private func removeSpares(_ subjects: inout [Subject], _ session: Session) throws {
        let dialect = options.dialect
        for subject in subjects.reversed() {
            guard let speech = subject.releases[0].first else { continue }
            for number in subject.keys.indices.dropFirst(options.rows) {
                let key = subject.keys[number].values(speech.shape)
                let condition = Statements.condition(speech.key, from: 1, dialect)
                _ = try attempt {
                    if case .source(let source, let column, let names) = speech.manner {
                        try session.run(
                            "UPDATE \(dialect.quote(source)) SET \(dialect.quote(column)) = NULL WHERE "
                                + Statements.condition(names, from: 1, dialect), key)
                    }
                    try session.run("DELETE FROM \(dialect.quote(speech.table)) WHERE \(condition)", key)
                }
            }
        }
        // A row may have gone with another one.
        for index in subjects.indices {
            guard let speech = subjects[index].releases[0].first else {
                subjects[index].present = [:]
                continue
            }
            let found = Set(
                try session.run("SELECT \(dialect.quote(speech.key)) FROM \(dialect.quote(speech.table))")
                    .rows)
            let keys = subjects[index].keys
            subjects[index].present = subjects[index].present.filter {
                found.contains(keys[$0.key].values(speech.shape))
            }
        }
    }

    private func attempt(_ body: () throws -> Void) throws -> Bool {
        do {
            try body()
            return true
        } catch let error where Setback(error).isAnswer {
            return false
        }
    }
}
