import ArgumentParser
import Foundation
import Scratch

/// `shelter demo`: the whole story, on a database of its own.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract:
            "Rename a column of a table that three programs never stop using, and check every write and read."
    )

    @Option(help: "sqlite: a file of its own. postgres: a server of its own, gone afterwards.")
    var database = Scene.Database.sqlite

    @Option(help: "How many animals live in the shelter.")
    var animals: Int64 = 50_000

    @Option(help: "The usual pause of a Shelter between two visits, in milliseconds.")
    var pace: Int64 = 4

    @Option(
        help: "The folder with the shelter's migrations; by default looked for here and above this program.")
    var migrations: String?

    @Flag(help: "Leave the folder with the database and the journals behind.")
    var keep = false

    func validate() throws {
        guard animals >= 1000 else {
            throw ValidationError("--animals must be 1000 at least, to be worth a demo")
        }
    }

    func run() throws {
        StopSignal.listen()
        let folder = try TemporaryFolder()
        do {
            let scene = try Scene(database, migrations: try migrationFolder(), folder: folder.path)
            var demo = Demo(scene, animals: animals, pace: pace)
            try demo.run()
        } catch {
            if keep { try Self.keep(folder) }
            FileHandle.standardError.write(Data("\nshelter demo: \(error)\n".utf8))
            throw ExitCode(1)
        }
        if keep { try Self.keep(folder) }
    }

    private static func keep(_ folder: TemporaryFolder) throws {
        let place = FileManager.default.currentDirectoryPath + "/shelter-demo"
        try? FileManager.default.removeItem(atPath: place)
        try FileManager.default.copyItem(atPath: folder.path, toPath: place)
        FileHandle.standardError.write(Data("shelter demo: everything is in \(place)\n".utf8))
    }

    /// The folder that was named, or the first `migrations` on the way up from here or from this program.
    private func migrationFolder() throws -> String {
        if let migrations { return URL(fileURLWithPath: migrations).path }
        let places = [FileManager.default.currentDirectoryPath, try builtProduct(named: "shelter")]
        if let folder = Scene.migrations(above: places) { return folder }
        throw ValidationError("the shelter's migrations are not here; name their folder with --migrations")
    }
}

extension Scene.Database: ExpressibleByArgument {}
