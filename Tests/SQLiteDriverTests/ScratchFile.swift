import Foundation
import SQLiteDriver

/// A directory of one test, gone with its owner, and the path of a database in it.
final class ScratchFile {
    let directory: String
    let path: String

    init(_ name: String = "test.db") throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent(
            "bellows-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        directory = root.path
        path = directory + "/" + name
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func connect(
        _ mode: SQLiteConnection.Mode = .create, busyTimeout: Duration = .zero
    ) throws -> SQLiteConnection {
        try SQLiteConnection(path: path, mode: mode, busyTimeout: busyTimeout)
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: directory + "/" + name)
    }
}
