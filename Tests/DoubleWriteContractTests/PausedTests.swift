import DoubleWriteContract
import Testing

/// A statement that was built, held back while the schema went on, and then sent neither gets lost nor acts on what
/// is no longer right.
@Suite struct PausedTests {
    @Test(arguments: StandIn.allCases, Schedule.all)
    func continuesAfterTheSchemaMoved(_ standIn: StandIn, _ schedule: Schedule) throws {
        let database = try standIn.make()
        for (number, errand) in Errand.all.enumerated() {
            expectNone(try Scene.pausedDifferences(schedule, errand, number: number, in: database))
        }
    }
}
