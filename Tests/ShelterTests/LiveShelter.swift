import DoubleWrite
import Foundation
import MigrationCore
import PostgresDriver
import SQLiteDriver
import TestSupport
import Testing

@testable import Shelter

/// A shelter with animals in it and instances at work, on a database of its own, for one test.
final class LiveShelter {
    let folder: TemporaryFolder
    let scene: Scene
    let crew: Crew
    private let animals: Int64

    /// Makes the database with the migrations before the change, fills it, and starts the instances.
    init(
        _ database: Scene.Database, animals: Int64 = 3000, instances: Int = 3, pace: Int64 = 5,
        soak: Int = 0, autocommit: Bool = false
    ) throws {
        self.animals = animals
        folder = try TemporaryFolder()
        scene = try Scene(database, migrations: try migrationFolder(), folder: folder.path, soak: soak)
        let outcome = try Self.run(
            scene, ["apply"] + scene.history + ["--through", "contract", "--no-writers"])
        try #require(outcome.code == 0, "\(outcome.text)")
        try scene.seed(animals)
        crew = try Crew(instances, in: scene, animals: animals, pace: pace, autocommit: autocommit)
        try crew.work(10)
    }

    /// Runs the tool once.
    @discardableResult
    func bellows(_ arguments: String..., expecting codes: Set<Int32> = [0]) throws -> (
        code: Int32, text: String
    ) {
        let outcome = try Self.run(scene, arguments)
        try #require(
            codes.contains(outcome.code), "'\(arguments)' ended with \(outcome.code): \(outcome.text)")
        return outcome
    }

    /// Runs the tool until it comes through: waiting for a transaction of the instances, or for the lease of a
    /// dead run, is no failure.
    func through(_ arguments: String...) throws {
        var outcome = try Self.run(scene, arguments)
        var tries = 1
        while outcome.code == 3 || outcome.code == 5, tries < 30 {
            usleep(300_000)
            outcome = try Self.run(scene, arguments)
            tries += 1
        }
        try #require(outcome.code == 0, "'\(arguments)' ended with \(outcome.code): \(outcome.text)")
    }

    /// Says that the instances write through the helper.
    func attest() throws {
        try bellows("attest", "shelter")
    }

    /// Sends the instances home and judges them.
    func verdict() throws -> Verdict {
        try crew.stop()
        return Judge.verdict(
            try crew.journals.map { try Journal(contentsOf: $0) }, found: try scene.open().everyAnimal(),
            initial: { $0 <= self.animals ? Seed.animal($0) : nil })
    }

    /// What the instances made the server complain of, but for what is retried by right. SQLite has no log.
    func errorsInLog() throws -> [String] {
        guard scene.database == .postgres else { return [] }
        let name = try PostgresConnection(scene.location).database
        return try ThrowAwayPostgres.shared.log().split(separator: "\n").map(String.init).filter { line in
            line.contains("ERROR:") && line.contains("] shelter ") && line.contains("@\(name) ")
                && !line.contains("could not serialize") && !line.contains("deadlock detected")
        }
    }

    /// The tables as they are now, without what differs from one database to the next.
    func schema() throws -> Schema {
        try comparableSchema(scene.location)
    }

    private static func run(_ scene: Scene, _ arguments: [String]) throws -> (code: Int32, text: String) {
        let program = try scene.bellows(arguments, output: "bellows.output")
        let code = try program.wait()
        return (code, program.output)
    }
}

/// The migrations of this package.
func migrationFolder() throws -> String {
    try #require(Scene.migrations(above: [#filePath]))
}

/// The schema of a database, without the estimates and the spelling of what it says.
func comparableSchema(_ location: String) throws -> Schema {
    var schema: Schema
    if location.hasPrefix("sqlite:") {
        schema = try SQLiteConnection(path: String(location.dropFirst("sqlite:".count))).introspect()
    } else {
        schema = try PostgresConnection(location).introspect()
    }
    for index in schema.tables.indices {
        schema.tables[index].estimatedRows = nil
        schema.tables[index].bytes = nil
        // Renaming there and back leaves quotes behind.
        schema.tables[index].definition = try schema.tables[index].definition.map {
            try SQLiteDefinition($0).sql(named: schema.tables[index].name.name)
        }
        schema.tables[index].columns.sort { $0.name < $1.name }
        schema.tables[index].indexes.sort { $0.name < $1.name }
    }
    return schema
}
