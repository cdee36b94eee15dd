import Foundation

/// The directory of migration files.
public struct MigrationDirectory: Sendable, Hashable {
    /// The directory's path as the user wrote it.
    public var path: String

    /// The directory at a path; nothing is read yet.
    public init(path: String) { self.path = path }

    /// The extensions of migration files. Anything else in the directory is left alone.
    static let extensions = ["yaml", "yml", "json"]

    /// Whether a path is that of a migration file, by its extension.
    public static func isMigrationFile(_ path: String) -> Bool {
        extensions.contains(fileExtension(path))
    }

    /// All migrations, in the order of their names.
    ///
    /// - Throws: every mistake in every file.
    public func read() throws(FileProblems) -> [MigrationFile] {
        var files: [MigrationFile] = []
        var problems: [FileProblem] = []
        var paths: [String: String] = [:]
        for path in try filePaths() {
            let name = MigrationFile.name(ofFileAt: path)
            if let other = paths.updateValue(path, forKey: name) {
                problems.append(
                    FileProblem(
                        path: path,
                        message: "'\(other)' is the migration '\(name)' already; rename one of them"))
            }
            do {
                files.append(try Self.file(at: path))
            } catch {
                problems += error.problems
            }
        }
        guard problems.isEmpty else { throw FileProblems(problems) }
        return files
    }

    /// The paths of the migration files, in the order of their names' bytes.
    ///
    /// - Throws: ``FileProblems`` where there is no such directory.
    public func filePaths() throws(FileProblems) -> [String] {
        guard let attributes = TextFile.attributes(at: path) else {
            throw FileProblems([
                FileProblem(
                    path: path,
                    message:
                        "there is no such directory; 'bellows init' makes one, '--migrations DIR' names another"
                )
            ])
        }
        guard attributes[.type] as? FileAttributeType == .typeDirectory else {
            throw FileProblems([
                FileProblem(path: path, message: "this is a file, not a directory of migrations")
            ])
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw FileProblems([
                FileProblem(path: path, message: "cannot read the directory: \(TextFile.reason(error))")
            ])
        }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        return
            names
            .filter { !$0.hasPrefix(".") && Self.isMigrationFile($0) }
            .sorted { (MigrationFile.name(ofFileAt: $0), $0) < (MigrationFile.name(ofFileAt: $1), $1) }
            .map { prefix + $0 }
    }

    private static func file(at path: String) throws(FileProblems) -> MigrationFile {
        let bytes: [UInt8]
        do {
            bytes = try TextFile.bytes(at: path)
        } catch {
            throw FileProblems([error])
        }
        return try MigrationFile(bytes, path: path)
    }

    private static func fileExtension(_ name: String) -> String {
        name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]).lowercased() } ?? ""
    }
}
