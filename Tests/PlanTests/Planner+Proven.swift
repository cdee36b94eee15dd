import MigrationCore
import Testing

extension Planner {
    /// The plan with a proof that left nothing out but what is named.
    func provenPlan(_ migration: Migration, schema: Schema, leavingOpen open: String? = nil) throws -> Plan {
        let plan = try proven(plan(migration, schema: schema), of: migration, from: schema)
        let gaps = plan.proof?.gaps.map { gap in open.map { gap.contains($0) ? $0 : gap } ?? gap }
        #expect(gaps == (open.map { [$0] } ?? []))
        return plan
    }
}
