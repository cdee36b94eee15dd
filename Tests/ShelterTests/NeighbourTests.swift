import SQLiteDriver
import TestSupport
import Testing

@testable import MigrationEngine
@testable import Shelter

/// Whether the engine sees who else has a SQLite file open: where nobody has, a backfill needs no pauses.
extension RealPrograms {
    @Suite("Neighbours in a SQLite file", .serialized)
    struct NeighbourTests {
        @Test("another process is seen for as long as it has the file open, and this one is none")
        func anotherProcess() throws {
            let shelter = try LiveShelter(.sqlite, animals: 10, instances: 1)
            let database = try SQLiteDatabase(
                path: shelter.folder.file("shelter.db"), mode: .readWrite, busyTimeout: .seconds(5))
            defer { database.close() }
            #expect(try database.main.isOpenInAnotherProcess() == true)
            #expect(try database.mayOthersWrite())
            try shelter.crew.stop()
            #expect(try database.main.isOpenInAnotherProcess() == false)
        }
    }
}
