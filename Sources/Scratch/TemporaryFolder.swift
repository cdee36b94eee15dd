import Foundation

/// A folder of its own, removed with everything in it when the last reference goes.
public final class TemporaryFolder: Sendable {
    /// The folder's path. Short, so that a Unix socket fits in.
    public let path: String

    /// Makes the folder, readable by its owner alone.
    ///
    /// - Throws: ``ScratchError`` where it cannot be made.
    public init() throws {
        path = try Self.make()
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it, which need not exist.
    public func file(_ name: String) -> String { path + "/" + name }

    /// Writes a text file, and the folders on the way to it.
    ///
    /// - Returns: Its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        let url = URL(fileURLWithPath: file(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    /// The text of a file in it.
    public func read(_ name: String) throws -> String {
        try String(contentsOf: URL(fileURLWithPath: file(name)), encoding: .utf8)
    }

    /// In memory where there is room: SQLite waits for the disk with every commit, and nobody pulls the plug here.
    static func make() throws -> String {
        try make(in: hasRoomInMemory ? memory : "/tmp")
    }

    private static let memory = "/dev/shm"

    /// Room for the largest tables that are made here, beside everything that runs at the same time.
    private static let hasRoomInMemory: Bool = {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: memory)
        let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
        return free > 2 << 30 && FileManager.default.isWritableFile(atPath: memory)
    }()

    /// `/tmp` rather than the system's own temporary folder, whose path may be too long for a socket (107 bytes).
    static func make(in folder: String) throws -> String {
        let name = UInt64.random(in: 0...UInt64.max)
        let path = "\(folder)/bellows-" + String(name, radix: 36)
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ScratchError("cannot make the folder '\(path)': \(error)")
        }
        return path
    }
}
