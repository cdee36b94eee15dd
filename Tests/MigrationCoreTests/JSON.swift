import Foundation
import MigrationCore

/// A plan as it comes back from where the engine stores it.
func planOverJSON(_ plan: Plan) throws -> Plan {
    try JSONDecoder().decode(Plan.self, from: JSONEncoder().encode(plan))
}
