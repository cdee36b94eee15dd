internal import DoubleWrite
internal import MigrationCore

extension Engine {
    /// What planning has to know of the database, for a file. Writes nothing.
    ///
    /// Every table is read as one is that a migration copies, so that any migration can be planned from it.
    public func snapshot() throws(EngineError) -> SchemaSnapshot {
        try wording("schema") {
            let survey = try Survey(database)
            var schema = try database.introspect(nil)
            let tables = schema.tables.map(\.name)
            if !tables.isEmpty { schema = try database.introspect(tables) }
            schema.tables.sort { $0.name.description < $1.name.description }
            schema.enums.sort { $0.name.description < $1.name.description }
            return SchemaSnapshot(
                schema: schema,
                finished: survey.records.filter { !$0.isInFlight && !survey.isPending($0.name) }.map(\.name)
                    .sorted(),
                inFlight: survey.inFlight.map(\.name).sorted(),
                changes: survey.stages.map {
                    .init(id: $0.change, generation: $0.generation, isFinished: $0.stage == .done)
                }.sorted { $0.id.name < $1.id.name })
        }
    }
}
