import Foundation
import Scratch

/// Where the story takes place: a database of its own, the migrations, and a `bellows.yaml`, in one folder.
struct Scene {
    /// The two databases.
    enum Database: String, CaseIterable, Sendable {
        case sqlite, postgres
    }

    /// The migration that the story is about.
    static let change = "0010_animals_kind_to_species"

    let database: Database
    let folder: String
    /// The database as `--database` takes it.
    let location: String
    let probe: Probe
    /// The names of the migrations before the change.
    let history: [String]

    /// Makes an empty database and everything around it, in a folder that is there.
    ///
    /// - Parameters:
    ///   - migrations: The folder of the shelter's migrations, which are copied.
    ///   - soak: The seconds between the hiding of the old column and its drop.
    init(_ database: Database, migrations: String, folder: String, soak: Int = 2) throws {
        self.database = database
        self.folder = folder
        switch database {
        case .sqlite:
            location = "sqlite:\(folder)/shelter.db"
            probe = try Probe(sqlite: "\(folder)/shelter.db")
        case .postgres:
            location = try ThrowAwayPostgres.makeDatabase()
            probe = try Probe(postgres: location)
        }
        try FileManager.default.copyItem(atPath: migrations, toPath: "\(folder)/migrations")
        history = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/migrations")
            .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
            .filter { $0 < Scene.change }.sorted()
        guard !history.isEmpty else { throw DemoError("there is no migration before \(Scene.change)") }
        try configure(soak: soak)
    }

    /// Writes `bellows.yaml`.
    func configure(soak: Int) throws {
        let configuration = """
            database: "\(location)"
            applications: [shelter]
            lease: 3s
            soak: \(soak)s

            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: "\(folder)/bellows.yaml"))
    }

    /// The database as the application opens it.
    func open() throws -> any AnimalStore {
        try DatabaseOption.open(location, named: "shelter")
    }

    /// The first `migrations` with the change in it on the way up from each of these places.
    static func migrations(above places: [String]) -> String? {
        for place in places {
            var place = URL(fileURLWithPath: place).standardizedFileURL
            while place.path != "/" {
                let folder = place.appendingPathComponent("migrations").path
                if FileManager.default.fileExists(atPath: "\(folder)/\(change).yaml") { return folder }
                place = place.deletingLastPathComponent()
            }
        }
        return nil
    }

    /// Starts the tool in the folder.
    ///
    /// - Parameter output: A file for what it says; without one it speaks where this process does.
    func bellows(_ arguments: [String], output: String? = nil) throws -> Program {
        try Program("bellows", arguments, folder: folder, output: output.map { "\(folder)/\($0)" })
    }

    /// Fills the shelter with its first animals.
    func seed(_ animals: Int64) throws {
        let arguments = ["seed", "--database", location, "--animals", "\(animals)"]
        let seed = try Program("shelter", arguments, folder: folder, output: "\(folder)/seed.output")
        guard try seed.wait() == 0 else {
            throw DemoError("the animals could not be taken in: \(seed.output)")
        }
    }
}
