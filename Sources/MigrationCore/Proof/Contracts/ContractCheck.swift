public import DoubleWrite

/// Walks releases through plans: which of them may run in which state of the schema, two adjacent ones at a time.
///
/// Releases go out in their order, at the gates of a plan or before it begins; two adjacent ones run side by side then,
/// and one may go back while its gate is open. So both of a pair must live with the schema as it is at their gate, and
/// each one with every schema until the next one is out.
public struct ContractCheck: Sendable {
    private let releases: [ReleaseContract]
    /// The releases that may be the one that runs, by their numbers.
    private var live: Set<Int>
    /// Whether the first release could run before one of the plans; what was before that is nothing to it.
    private var hasBegun = false
    /// What breaks first, if anything does.
    public private(set) var breach: ContractBreach?

    /// - Parameter releases: In the order in which they go out; the first one runs now.
    public init(_ releases: [ReleaseContract]) {
        self.releases = releases
        live = releases.isEmpty ? [] : [0]
    }
}

extension ContractCheck {
    /// Walks through the plan of one migration, behind those that were walked through before.
    ///
    /// - Parameters:
    ///   - schema: The schema before it.
    ///   - after: The schema in the end.
    public mutating func walk(_ plan: Plan, of migration: Migration, from schema: Schema, to after: Schema) {
        guard breach == nil, !releases.isEmpty else { return }
        var walk = ContractWalk(releases, live, of: migration, from: schema, to: after)
        if !hasBegun, walk.obstacle(0, walk.schema) != nil { return }
        hasBegun = true
        defer { live = walk.live }
        breach = walk.misdeclaration() ?? walk.settle(behind: nil)
        guard breach == nil else { return }
        walk.letOut()
        for (index, (phase, step)) in plan.steps.enumerated() {
            if case .release = step.action { walk.letOut() }
            walk.follow(step, in: phase)
            breach = walk.settle(behind: (index + 1, step.title))
            guard breach == nil else { return }
        }
    }

    /// Behind all plans: a first release that could run nowhere has to be able to run now.
    mutating func end(in schema: Schema) {
        guard breach == nil, !hasBegun, let first = releases.first else { return }
        let last = ContractSchema(schema, after: schema)
        guard let reason = last.obstacle(to: first, bearing: []) else { return }
        breach = ContractBreach(
            migration: "the schema", step: nil, release: first.name, reason: reason, successor: nil)
    }
}

extension Planner {
    /// What of some releases breaks first while migrations are carried through, in their order; `nil` where nothing does.
    ///
    /// - Parameters:
    ///   - releases: In the order in which they go out. The walk begins before the first migration before which the first
    ///     of them can run.
    ///   - schema: The schema before the first migration.
    /// - Throws: As ``planHistory(_:from:generations:finishedChanges:proves:)`` does.
    public func breach(
        of releases: [ReleaseContract], in migrations: [Migration], from schema: Schema,
        generations: [ChangeID: Int] = [:], finishedChanges: Set<ChangeID> = []
    ) throws(PlanningProblems) -> ContractBreach? {
        let plans = try planHistory(
            migrations, from: schema, generations: generations, finishedChanges: finishedChanges)
        var check = ContractCheck(releases)
        var schema = schema
        for (plan, migration) in zip(plans, migrations) {
            var after = schema
            for operation in migration.operations { after.apply(operation) }
            check.walk(plan, of: migration, from: schema, to: after)
            schema = after
        }
        check.end(in: schema)
        return check.breach
    }
}

/// A walk through one plan.
private struct ContractWalk {
    let migration: Migration
    let releases: [ReleaseContract]
    /// For each release, the columns that the helper takes care of.
    let borne: [Set<TouchedColumn>]
    let dialect: Dialect
    var live: Set<Int>
    var schema: ContractSchema
    /// The schema before the last step.
    var previous: ContractSchema
    /// The schema before the first operation, and the one that each leaves when it is finished.
    let schemas: [Schema]

    init(
        _ releases: [ReleaseContract], _ live: Set<Int>, of migration: Migration, from schema: Schema,
        to after: Schema
    ) {
        self.migration = migration
        self.releases = releases
        self.live = live
        dialect = schema.dialect
        schemas = migration.operations.reduce(into: [schema]) { schemas, operation in
            var next = schemas.last ?? schema
            next.apply(operation)
            schemas.append(next)
        }
        let first = ContractSchema(schema, after: after)
        self.schema = first
        previous = first
        borne = releases.map { first.touched(Self.columns(of: migration, declaredBy: $0, in: schema)) }
    }

    func obstacle(_ release: Int, _ schema: ContractSchema) -> String? {
        schema.obstacle(to: releases[release], bearing: borne[release])
    }

    /// Keeps the releases that live with the schema as it is now.
    ///
    /// - Returns: What breaks where none does.
    mutating func settle(behind step: (number: Int, title: String)?) -> ContractBreach? {
        let before = live
        live = before.filter { obstacle($0, schema) == nil }
        guard live.isEmpty, let last = before.max() else { return nil }
        return ContractBreach(
            migration: migration.name, step: step, release: releases[last].name,
            reason: obstacle(last, schema) ?? "",
            successor: last + 1 < releases.count ? successor(last + 1) : nil)
    }

    /// Lets the releases go out that live with the schema as it is now, each behind the one before it.
    mutating func letOut() {
        for release in releases.indices.dropFirst()
        where live.contains(release - 1) && obstacle(release, schema) == nil { live.insert(release) }
    }

    mutating func follow(_ step: Step, in phase: Phase) {
        previous = schema
        let index = (step.operationNumber ?? 0) - 1
        if migration.operations.indices.contains(index), case .sql(let sql) = migration.operations[index] {
            if phase == .contract { for use in sql.drops { schema.drop(use) } }
            schema.loseTrack()
            return
        }
        for effect in effects(of: step) { schema.apply(effect) }
        guard case .sqlite(let work) = step.action, schemas.indices.contains(index + 1),
            let table = schemas[index + 1][work.table]
        else { return }
        switch work {
        case .edit(let edit) where edit.addsDemand: schema.exchange(demandsOf: table)
        case .swap: schema.exchange(table)
        case .edit, .copy, .compare, .empty: break
        }
    }

    /// A release that declares a change otherwise than the migration makes it, whatever runs when.
    func misdeclaration() -> ContractBreach? {
        for (operation, schema) in zip(migration.operations, schemas) {
            guard let made = Self.made(by: operation, in: schema) else { continue }
            for release in releases {
                let wrong = release.declarations.first { declared in
                    declared.change == made.change
                        && (Set(declared.old) != Set(made.old) || Set(declared.new) != Set(made.new))
                }
                guard let wrong else { continue }
                return ContractBreach(
                    migration: migration.name, step: nil, release: release.name,
                    reason: "declares the change '\(made.change)' of \(Self.list(wrong.old)) to "
                        + "\(Self.list(wrong.new)), and the migration makes it of \(Self.list(made.old)) to "
                        + Self.list(made.new),
                    successor: "what it declares has to be what the migration says")
            }
        }
        return nil
    }

    /// The change that an operation makes, as an application has to declare it.
    private static func made(by operation: Operation, in schema: Schema) -> ReleaseContract.Declaration? {
        guard let change = operation.change else { return nil }
        if case .renameColumn(let rename) = operation {
            return .init(change: change, old: [rename.from], new: [rename.to])
        }
        return ShapeFacts(operation, in: schema).map { facts in
            .init(change: change, old: facts.olds.map(\.name), new: facts.news.map(\.name))
        }
    }

    private static func list(_ names: [String]) -> String {
        names.map { "'\($0)'" }.joined(separator: " and ")
    }

    private func successor(_ release: Int) -> String {
        let name = releases[release].name
        return obstacle(release, previous).map { "'\(name)' cannot be out before that, for it \($0) by then" }
            ?? "no gate before that step waits until '\(name)' is out"
    }

    private func effects(of step: Step) -> [Effect] {
        let reader = StatementReader(dialect: dialect)
        switch step.action {
        case .schema(let change): return reader.read(change.statements).effects
        case .buildIndex(let build): return reader.read([build.statement]).effects
        case .dropIndex(let drop): return reader.read([drop.statement]).effects
        case .sqlite(.edit(let edit)): return reader.read(edit)
        case .sqlite, .release, .backfill, .verify, .flip, .soak: return []
        }
    }

    /// The columns of both shapes of the changes that a release declares to the helper.
    private static func columns(
        of migration: Migration, declaredBy release: ReleaseContract, in schema: Schema
    ) -> [TouchedColumn] {
        var schema = schema
        var columns: [TouchedColumn] = []
        for operation in migration.operations {
            if let change = operation.change, release.changes.contains(change) {
                if let facts = ShapeFacts(operation, in: schema) {
                    columns += facts.olds.map { TouchedColumn(table: facts.source, column: $0.name) }
                    columns += facts.news.flatMap { new in
                        [new.name, new.physicalName].map { TouchedColumn(table: facts.target, column: $0) }
                    }
                } else if case .renameColumn(let rename) = operation {
                    columns += [rename.from, rename.to].map { TouchedColumn(table: rename.table, column: $0) }
                }
            }
            schema.apply(operation)
        }
        return columns
    }
}

extension DefinitionEdit {
    /// Whether it makes the table demand something of a row that it did not before.
    fileprivate var addsDemand: Bool {
        edits.contains { edit in
            switch edit {
            case .add(let clause, _), .replace(_, let clause, _): clause.content.isDemand
            case .remove, .retype: false
            }
        }
    }
}

extension SQLiteDefinition.Content {
    fileprivate var isDemand: Bool {
        switch self {
        case .check, .unique, .primaryKey: true
        case .notNull, .foreignKey, .defaultValue, .null, .collation, .generated: false
        }
    }
}
