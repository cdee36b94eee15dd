/// The databases behind the helper, each with somebody who plays the engine.
package enum StandIn: String, CaseIterable, Sendable {
    case postgres, sqlite

    /// A fresh database of this kind, with a helper beside it.
    package func make() throws -> any ContractDatabase {
        switch self {
        case .postgres: try PostgresStandIn()
        case .sqlite: try SQLiteStandIn()
        }
    }
}
