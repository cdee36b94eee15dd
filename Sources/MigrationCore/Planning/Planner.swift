public import DoubleWrite

/// Makes plans. Pure: the same migration, schema and generations give the same plan.
public struct Planner: Sendable {
    /// The database to plan for.
    public var dialect: Dialect

    /// A planner for one database.
    public init(dialect: Dialect) { self.dialect = dialect }
}

extension Planner {
    /// The plan of one migration, to be run against the database whose schema this is.
    ///
    /// - Parameters:
    ///   - generations: How often each change was expanded before (absent: never). The plan's expand is that plus one.
    ///   - finishedChanges: The changes whose stage is `done` for ever; their names cannot be used again.
    /// - Throws: Every mistake that was found, at once. Nothing has been run then.
    public func plan(
        _ migration: Migration, schema: Schema, generations: [ChangeID: Int] = [:],
        finishedChanges: Set<ChangeID> = []
    ) throws(PlanningProblems) -> Plan {
        let draft = MigrationDraft(
            migration, dialect: dialect, schema: schema, generations: generations,
            finishedChanges: finishedChanges)
        return try draft.plan(isPreview: false)
    }

    /// The plans of several migrations, each against the schema that those before it leave when they are finished: for
    /// reading. What only a database could tell stands in ``Plan/unresolved``.
    ///
    /// - Parameter proves: Whether each is looked at in every order, too.
    /// - Throws: The mistakes of all of them, in their order.
    public func planHistory(
        _ migrations: [Migration], from schema: Schema, generations: [ChangeID: Int] = [:],
        finishedChanges: Set<ChangeID> = [], proves: Bool = false
    ) throws(PlanningProblems) -> [Plan] {
        var schema = schema
        var finished = finishedChanges
        var history = History()
        var plans: [Plan] = []
        var problems: [PlanningProblem] = []
        for migration in migrations {
            let draft = MigrationDraft(
                migration, dialect: dialect, schema: schema, generations: generations,
                finishedChanges: finished,
                history: history)
            do throws(PlanningProblems) {
                let plan = try draft.plan(isPreview: true)
                plans.append(proves ? try proven(plan, of: migration, from: schema) : plan)
            } catch {
                problems += error.problems
            }
            schema = draft.schemaAfter
            finished.formUnion(draft.finishedChanges)
            history.note(migration)
        }
        guard problems.isEmpty else { throw PlanningProblems(problems) }
        return plans
    }

    /// The schema that a migration leaves behind when it is finished.
    ///
    /// - Throws: As ``plan(_:schema:generations:finishedChanges:)`` does.
    public func schema(after migration: Migration, from schema: Schema) throws(PlanningProblems) -> Schema {
        let draft = MigrationDraft(migration, dialect: dialect, schema: schema)
        _ = try draft.plan(isPreview: true)
        return draft.schemaAfter
    }
}
