import DoubleWrite
import Foundation
import MigrationCore
import MigrationFiles
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
            let scene = try Self.scene(database, with: folder)
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
            let (made, wanted) = (try comparableSchema(scene.location), try comparableSchema(other))
            #expect(made.tables.map(\.name) == wanted.tables.map(\.name))
            for (made, wanted) in zip(made.tables, wanted.tables) { #expect(made == wanted) }
            #expect(made == wanted)
        }

        @Test("the rows come through the history as they went in", arguments: Scene.Database.allCases)
        func rows(_ database: Scene.Database) throws {
            let folder = try TemporaryFolder()
            defer { withExtendedLifetime(folder) {} }
            let location = try Self.scene(database, with: folder).location
            func all(_ sql: String) throws -> [[SQLValue]] {
                switch database {
                case .sqlite: try SQLiteConnection(path: folder.file("shelter.db")).query(sql).rows
                case .postgres: try PostgresConnection(location).query(sql).rows
                }
            }
            #expect(
                try all("SELECT id, given_name, family_name, phone FROM owners ORDER BY id") == [
                    [1, "Ada", "Fisher", "+4915550001"], [2, "Ben", "O'Malley", "+4915550002"],
                    [3, "Carla", "von Katzenstein", .null], [4, "Madonna", .null, "+4915550004"],
                ])
            #expect(
                try all(
                    "SELECT id, animal, owner_id, CAST(day AS text), fee_cents FROM adoptions ORDER BY id")
                    == [
                        [1, "Biscuit", 1, "2024-03-02", 2490], [2, "Momo", 2, "2024-03-09", 8000],
                        [3, "Salem", 3, "2024-04-13", 0], [4, "Pepper", 1, "2024-05-25", 50],
                    ])
            #expect(
                try all("SELECT id, owner_id, seen FROM appointments ORDER BY id") == [
                    [1, 1, "2024-02-24 10:30"], [2, 2, "2024-03-09 14:00"], [3, 4, "2024-06-01"],
                    [4, 3, .null],
                ])
        }

        @Test("the whole history is planned without a database", arguments: Dialect.allCases)
        func plans(_ dialect: Dialect) throws {
            let migrations = try MigrationDirectory(path: migrationFolder()).read().map(\.migration)
            let plans = try Planner(dialect: dialect).planHistory(migrations, from: Schema(dialect: dialect))
            #expect(plans.map(\.migration) == migrations.map(\.name))
            #expect(plans.map(\.migration).last == Scene.change)
            #expect(plans.allSatisfy { !$0.steps.isEmpty })
            let used = Set(migrations.flatMap(\.operations).map(\.keyword))
            #expect(used.count >= 15, "\(used.sorted())")
        }

        @Test("the animals of the fixture are the first that the shelter begins with")
        func animals() throws {
            #expect(try Self.fixture("animals.sql") == SeedText.sql(200))
        }

        /// A scene with the history before the change.
        private static func scene(_ database: Scene.Database, with folder: TemporaryFolder) throws -> Scene {
            let scene = try Scene(database, migrations: try migrationFolder(), folder: folder.path)
            let tool = try scene.bellows(
                ["apply"] + scene.history + ["--through", "contract", "--no-writers"], output: "output")
            try #require(try tool.wait() == 0, "\(tool.output)")
            return scene
        }

        private static func fixture(_ name: String) throws -> String {
            let path = URL(fileURLWithPath: try migrationFolder()).deletingLastPathComponent()
                .appendingPathComponent("fixtures/shelter/\(name)").path
            return try String(contentsOfFile: path, encoding: .utf8)
        }
    }
}
