import DoubleWrite
public import MigrationCore

/// A release of `releases:` in `bellows.yaml`: what it reads and writes, there or in a manifest of the helper's.
public struct DeclaredRelease: Sendable, Hashable {
    /// What the file itself says.
    private let listed: ReleaseContract
    /// The manifest's path, before its variables are expanded.
    private let manifest: ConfigurationText?
    private let problem: FileProblem

    /// What the release is called.
    public var name: String { listed.name }

    init(_ value: Value, path: String) {
        func uses(_ key: String) -> [(TableUse, Value)] {
            (value[key]?.oneOrMany ?? []).map { use in
                (TableUse(table: use.tableName, columns: use.texts("columns")), use)
            }
        }
        listed = ReleaseContract(
            name: value.required("name"), reads: uses("reads").map(\.0),
            writes: uses("writes").map { use, value in
                ReleaseContract.Write(
                    use, inserts: value["inserts"]?.text != "false", nulls: value.texts("nulls"),
                    conflict: value.texts("on_conflict"),
                    values: Dictionary(
                        (value["values"]?.entries ?? []).map { entry in
                            (entry.key, entry.value.oneOrMany.compactMap(\.text))
                        }, uniquingKeysWith: { first, _ in first }))
            }, changes: value.texts("changes").map { ChangeID($0) })
        manifest = value["manifest"].flatMap { value in
            value.text.map { ConfigurationText($0, path: path, position: value.position) }
        }
        problem = FileProblem(path: path, position: value["manifest"]?.position, message: "")
    }

    /// What the release reads and writes, with what its manifest says.
    ///
    /// - Parameter variables: The environment, for the manifest's path.
    /// - Throws: Every mistake in the manifest; that there is none, with the place that names it.
    public func contract(_ variables: [String: String]) throws(FileProblems) -> ReleaseContract {
        guard let manifest else { return listed }
        let path: String
        do {
            path = try manifest.expanded(variables)
        } catch {
            throw FileProblems([error])
        }
        guard TextFile.attributes(at: path) != nil else {
            var problem = problem
            problem.message =
                "there is no manifest '\(path)' of the release '\(name)'; let the application print it "
                + "('ReleaseManifest.json'), or list what it reads and writes"
            throw FileProblems([problem])
        }
        let file = try ManifestFile(path: path)
        var contract = listed
        contract.reads += file.reads
        contract.writes += file.writes
        contract.declarations = file.declarations
        contract.changes += file.declarations.map(\.change)
        return contract
    }
}

extension Value {
    /// The texts of a key that has one or many.
    fileprivate func texts(_ key: String) -> [String] { (self[key]?.oneOrMany ?? []).compactMap(\.text) }
}
