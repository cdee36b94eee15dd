import DoubleWrite
import MigrationCore

/// A file with what the helper says of a release: `ReleaseManifest.json`.
struct ManifestFile {
    /// What the release reads.
    private(set) var reads: [TableUse] = []
    /// What it writes.
    private(set) var writes: [ReleaseContract.Write] = []
    /// The changes that it declares.
    private(set) var declarations: [ReleaseContract.Declaration] = []

    /// Reads a file.
    ///
    /// - Throws: Every mistake in it.
    init(path: String) throws(FileProblems) {
        let root: Value?
        do {
            root = try Document(TextFile.text(TextFile.bytes(at: path), path: path), path: path).root
        } catch {
            throw FileProblems([error])
        }
        guard let root else {
            throw FileProblems([
                FileProblem(
                    path: path, message: "the file is empty; 'ReleaseManifest.json' is what belongs into it")
            ])
        }
        var checker = Checker(path: path)
        checker.check(root, .keys(ManifestFormat.file), "a manifest")
        guard checker.problems.isEmpty else { throw FileProblems(checker.problems) }
        for table in root["tables"]?.values ?? [] { add(table) }
    }

    private mutating func add(_ table: Value) {
        let use = TableUse(
            table: table.tableName, columns: (table["columns"]?.values ?? []).compactMap(\.text))
        reads.append(use)
        switch ReleaseManifest.Table.Use(rawValue: table.required("use")) {
        case .reads, nil: break
        case .updates: writes.append(.init(use, inserts: false))
        case .inserts: writes.append(.init(use))
        }
        declarations += (table["changes"]?.values ?? []).map { change in
            ReleaseContract.Declaration(
                change: ChangeID(change.required("change")),
                old: (change["old"]?.values ?? []).compactMap(\.text),
                new: (change["new"]?.values ?? []).compactMap(\.text))
        }
    }
}
