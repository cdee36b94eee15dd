import DoubleWriteContract
import Testing

/// A statement that was built, held back while the schema went on, and then sent neither gets lost nor acts on what
/// is no longer right.
@Suite struct PausedTests {
    @Test(arguments: Schedule.all) func continuesAfterTheSchemaMoved(_ schedule: Schedule) throws {
        let database = try EngineStandIn()
        for (number, errand) in Errand.all.enumerated() {
            expectNone(try Scene.pausedDifferences(schedule, errand, number: number, in: database))
        }
    }
}
