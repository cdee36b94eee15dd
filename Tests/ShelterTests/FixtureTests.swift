import Foundation
import PostgresDriver
import SQLiteDriver
import TestSupport
import Testing

@testable import Shelter

extension RealPrograms {
    @Suite("The shelter's history and its fixtures", .serialized)
    struct FixtureTests {
        @Test("the migrations make the schema of the fixtures", arguments: Scene.Database.allCases)
        func schema(_ database: Scene.Database) throws {
            let folder = try TemporaryFolder()
            defer { withExtendedLifetime(folder) {} }
            let scene = try Scene(database, migrations: try migrationFolder(), folder: folder.path)
            let tool = try scene.bellows(
                ["apply"] + scene.history + ["--through", "contract", "--no-writers"], output: "output")
            try #require(try tool.wait() == 0, "\(tool.output)")
            let fixture = try Self.fixture("schema.\(database.rawValue).sql")
            let other: String
            switch database {
            case .sqlite:
                other = "sqlite:" + folder.file("fixture.db")
                try SQLiteConnection(path: folder.file("fixture.db"), mode: .create).execute(fixture)
            case .postgres:
                other = try ThrowAwayPostgres.makeDatabase()
                _ = try PostgresConnection(other).execute(fixture)
            }
            #expect(try comparableSchema(scene.location) == comparableSchema(other))
        }

        @Test("the animals of the fixture are the first that the shelter begins with")
        func animals() throws {
            #expect(try Self.fixture("animals.sql") == SeedText.sql(200))
        }

        private static func fixture(_ name: String) throws -> String {
            let path = URL(fileURLWithPath: try migrationFolder()).deletingLastPathComponent()
                .appendingPathComponent("fixtures/shelter/\(name)").path
            return try String(contentsOfFile: path, encoding: .utf8)
        }
    }
}
