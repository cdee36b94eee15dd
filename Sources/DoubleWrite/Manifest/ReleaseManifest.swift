/// What one release of an application reads and writes through the helper, as a text that `bellows check` walks through
/// the plans.
///
/// The application prints it when it is built; `releases:` in `bellows.yaml` names the file:
///
///     let manifest = ReleaseManifest([.inserts(animals), .updates(owners), .reads(cages)])
///     print(manifest.json, terminator: "")
///
/// The text is the same for the same declarations, whatever their order, so that a file in version control changes only
/// where the release does.
public struct ReleaseManifest: Sendable, Hashable {
    /// A table, and the most that the release does with it.
    public struct Table: Sendable, Hashable {
        /// The most that is done: who inserts may update as well, and who writes reads.
        public enum Use: String, Sendable, Hashable, CaseIterable {
            case reads, updates, inserts
        }

        /// The table.
        public let declaration: TableDeclaration
        /// What is done with it.
        public let use: Use

        /// The release only reads it, or deletes from it.
        public static func reads(_ table: TableDeclaration) -> Self { Self(declaration: table, use: .reads) }

        /// The release changes rows, and inserts none.
        public static func updates(_ table: TableDeclaration) -> Self {
            Self(declaration: table, use: .updates)
        }

        /// The release inserts rows.
        public static func inserts(_ table: TableDeclaration) -> Self {
            Self(declaration: table, use: .inserts)
        }
    }

    /// What the text says it is, with the version of its format.
    public static let format = "bellows manifest 1"

    /// The tables.
    public let tables: [Table]

    /// The manifest of a release that uses these tables.
    public init(_ tables: [Table]) { self.tables = tables }
}

extension ReleaseManifest {
    /// The text: JSON with a line end, everything in the order of its names.
    public var json: String {
        let sorted = tables.sorted { left, right in
            let (one, other) = (left.declaration.name.description, right.declaration.name.description)
            return one == other ? left.use.rawValue < right.use.rawValue : one < other
        }
        return JSONText.of(["format": .string(Self.format), "tables": .array(sorted.map(\.json))]).text()
            + "\n"
    }
}

extension ReleaseManifest.Table {
    fileprivate var json: JSONText {
        var members: [JSONText.Member] = [.init(key: "table", value: .string(declaration.name.name))]
        if let schema = declaration.name.schema {
            members.append(.init(key: "schema", value: .string(schema)))
        }
        members.append(.init(key: "use", value: .string(use.rawValue)))
        members.append(.init(key: "columns", value: .names(declaration.columns.map(\.name))))
        let changes = declaration.followed.sorted { $0.id.name < $1.id.name }.map(\.json)
        if !changes.isEmpty { members.append(.init(key: "changes", value: .array(changes))) }
        return .object(members)
    }
}

extension DeclaredChange {
    fileprivate var json: JSONText {
        .of([
            "change": .string(id.name), "old": .names(old.map(\.name)), "new": .names(new.map(\.name)),
        ])
    }
}

extension JSONText {
    fileprivate static func names(_ names: [String]) -> JSONText {
        .array(names.sorted().map { .string($0) })
    }
}
