public import DoubleWrite

/// Makes plans. Pure: the same migration, schema and generations give the same plan.
public struct Planner: Sendable {
    public var dialect: Dialect

    public init(dialect: Dialect) { self.dialect = dialect }
}

// The verbs (implemented in Planner+*.swift):
//
// func plan(_ migration: Migration, schema: Schema, generations: [ChangeID: Int]) throws(PlanningProblems) -> Plan
//     `generations`: how often each change was expanded before (absent: 0). The plan's expand is that plus one.
// func planHistory(_ migrations: [Migration], from: Schema) throws(PlanningProblems) -> [Plan]
//     each against the schema that those before leave behind.
// func conflicts(...)
