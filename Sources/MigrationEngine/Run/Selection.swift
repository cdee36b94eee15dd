internal import DoubleWrite
internal import MigrationCore

/// The migrations that a verb is asked for, beside all there are.
struct Selection {
    /// Every file, by name.
    let all: [MigrationSource]
    /// The ones that were named, or all, by name.
    let chosen: [MigrationSource]

    /// - Throws: ``EngineError/Reason/unknownMigrations(_:)`` for names that no file has.
    init(_ sources: [MigrationSource], names: [String]) throws {
        all = sources.sorted { $0.migration.name < $1.migration.name }
        let known = Set(all.map(\.migration.name))
        let unknown = names.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw EngineError(
                .unknownMigrations(
                    Dictionary(unknown.map { ($0, NearestName.of($0, among: known)) }) { first, _ in first }))
        }
        chosen = names.isEmpty ? all : all.filter { names.contains($0.migration.name) }
    }

    /// The chosen ones, and every one that comes before the last of them.
    var upToChosen: ArraySlice<MigrationSource> {
        all.prefix { $0.migration.name <= chosen.last?.migration.name ?? "" }
    }
}

/// What the files say, held against what the state and the live schema say. Only reads.
struct Survey {
    let database: any TargetDatabase
    /// The recorded migrations; none without a state.
    let records: [MigrationRecord]
    let byName: [String: MigrationRecord]
    let stages: [ChangeStage]

    init(_ database: any TargetDatabase) throws {
        let store = StateStore(database: database)
        let hasState = try store.exists()
        self.database = database
        records = hasState ? try store.migrations() : []
        byName = Dictionary(records.map { ($0.name, $0) }) { first, _ in first }
        stages = hasState ? try store.stages() : []
    }

    func record(_ name: String) -> MigrationRecord? { byName[name] }

    var inFlight: [MigrationRecord] { records.filter(\.isInFlight) }

    /// Whether the migration has not begun, or was rolled back.
    func isPending(_ name: String) -> Bool { record(name).map { $0.status == .undone } ?? true }

    /// - Throws: Files that were edited, or are gone, after their migration began.
    func checkFiles(_ sources: [MigrationSource]) throws {
        let edited = sources.filter { isEdited($0) }
        guard edited.isEmpty else {
            // What is in flight is the more urgent.
            let open = edited.filter { record($0.migration.name)?.isInFlight == true }
            guard open.isEmpty else {
                throw EngineError(.editedFiles(open.map { $0.path ?? $0.migration.name }))
            }
            throw EngineError(.editedFinishedFiles(edited.map { $0.path ?? $0.migration.name }))
        }
        let missing = missingFiles(sources)
        guard missing.isEmpty else { throw EngineError(.missingFiles(missing)) }
    }

    func isEdited(_ source: MigrationSource) -> Bool {
        guard let record = record(source.migration.name), record.status != .undone else { return false }
        return record.checksum != source.checksum
    }

    /// The recorded migrations that no file has.
    func missingFiles(_ sources: [MigrationSource]) -> [String] {
        let names = Set(sources.map(\.migration.name))
        return records.filter { $0.status != .undone && !names.contains($0.name) }.map(\.name)
    }

    /// The tables of migrations in flight that are not as those left them.
    func drift() throws -> [Drift] {
        guard !inFlight.isEmpty else { return [] }
        let recorded = try StateStore(database: database).shapes()
        var seen: Set<String> = []
        return try database.reading {
            try inFlight.flatMap(\.plan.tables).compactMap { table in
                let key = StateStore.key(table, database.dialect)
                guard seen.insert(key).inserted, let shape = recorded[key] else { return nil }
                return ShapeLine.drift(of: table, recorded: shape, live: try database.shape(of: table))
            }
        }
    }

    /// - Throws: ``EngineError/Reason/drift(_:)``.
    func checkDrift() throws {
        let drift = try drift()
        guard drift.isEmpty else { throw EngineError(.drift(drift)) }
    }

    /// What uses a column that a migration in flight takes away, and did not when that began. Reads the
    /// catalogue only.
    func newUses(of chosen: [MigrationRecord]) throws -> [Drift] {
        try chosen.filter { $0.isInFlight && $0.direction == .forward }.flatMap { record in
            let goes = GoingColumns(record.plan)
            guard !goes.columns.isEmpty else { return [Drift]() }
            return goes.newUses(in: try database.introspect(goes.tables), since: record.uses)
        }
    }

    // MARK: - Planning

    /// The plan of one migration, with its proof, against the schema as it is now, and that schema.
    func plan(_ migration: Migration) throws -> (plan: Plan, schema: Schema) {
        let schema = try schema(for: [migration])
        let planner = Planner(dialect: database.dialect)
        let plan = try planner.plan(
            migration, schema: schema, generations: generations, finishedChanges: finishedChanges)
        try probe([plan])
        return (try planner.proven(plan, of: migration, from: schema), schema)
    }

    /// The plans of several, each against what those before leave behind.
    ///
    /// - Parameter proves: Whether each gets its proof.
    func planHistory(_ migrations: [Migration], proves: Bool = false) throws -> [Plan] {
        guard !migrations.isEmpty else { return [] }
        let plans = try Planner(dialect: database.dialect).planHistory(
            migrations, from: schema(for: migrations), generations: generations,
            finishedChanges: finishedChanges, proves: proves)
        try probe(plans)
        return plans
    }

    /// What of some releases breaks first while these migrations are carried through.
    func breach(of releases: [ReleaseContract], in migrations: [Migration]) throws -> ContractBreach? {
        try Planner(dialect: database.dialect).breach(
            of: releases, in: migrations, from: schema(for: migrations), generations: generations,
            finishedChanges: finishedChanges)
    }

    /// The same for the chosen ones that are not begun. Where that fails for want of one that was not named, it is said.
    func planChosen(_ selection: Selection) throws -> [Plan] {
        let pending = selection.chosen.map(\.migration).filter { isPending($0.name) }
        do {
            return try planHistory(pending)
        } catch var problems as PlanningProblems {
            let all = selection.upToChosen.map(\.migration).filter { isPending($0.name) }
            let unnamed = all.filter { !pending.contains($0) }.map { "'\($0.name)'" }
            guard !unnamed.isEmpty, (try? planHistory(all)) != nil, let last = pending.last else {
                throw problems
            }
            problems.problems.append(
                PlanningProblem(
                    migration: last.name, path: nil,
                    message:
                        "it needs what comes before it and is not applied: \(unnamed.joined(separator: ", ")); "
                        + "name those as well, or none"))
            throw problems
        }
    }

    /// - Throws: What the database finds wrong with the user's SQL of all of them.
    private func probe(_ plans: [Plan]) throws {
        let probing = Probing(database: database)
        let problems = try plans.enumerated().flatMap { try probing.problems(of: $1, isFirst: $0 == 0) }
        guard problems.isEmpty else { throw PlanningProblems(problems) }
    }

    /// All tables, and those whose columns are copied in full: there the server has to say how each CHECK and
    /// index reads for another column, which takes it a while.
    private func schema(for migrations: [Migration]) throws -> Schema {
        var schema = try database.introspect(nil)
        let copied = Set(migrations.flatMap(\.operations).filter { $0.change != nil }.compactMap(\.table))
        let present = copied.filter { schema[$0] != nil }
        guard !present.isEmpty else { return schema }
        for table in try database.introspect(Array(present)).tables { schema[table.name] = table }
        return schema
    }

    private var generations: [ChangeID: Int] {
        Dictionary(stages.map { ($0.change, $0.generation) }) { first, _ in first }
    }

    private var finishedChanges: Set<ChangeID> {
        Set(stages.filter { $0.stage == .done }.map(\.change))
    }
}
