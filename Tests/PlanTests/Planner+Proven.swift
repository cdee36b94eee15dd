import MigrationCore
import Testing

extension Planner {
    /// The plan with a proof that left nothing out.
    func provenPlan(_ migration: Migration, schema: Schema) throws -> Plan {
        let plan = try proven(plan(migration, schema: schema), of: migration, from: schema)
        #expect(plan.proof?.gaps == [])
        return plan
    }
}
