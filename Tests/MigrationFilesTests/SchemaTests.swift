import Foundation
import MigrationCore
import MigrationFiles
import Testing

/// `docs/` holds the schemas that the tables of keys give. `RECORD=1` writes them anew.
@Suite("JSON Schemas")
struct SchemaTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test(
        "the published schema is the format's",
        arguments: [
            "docs/migration.schema.json", "docs/configuration.schema.json", "docs/rollout.schema.json",
            "docs/manifest.schema.json",
        ])
    func published(_ path: String) throws {
        let schema =
            path.contains("migration.")
            ? FormatSchema.migration()
            : path.contains("rollout.")
                ? FormatSchema.rollout()
                : path.contains("manifest.") ? FormatSchema.manifest() : FormatSchema.configuration()
        let file = Self.root.appendingPathComponent(path)
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Data(schema.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == schema, "RECORD=1 writes it anew")
        _ = try JSONSerialization.jsonObject(with: Data(schema.utf8))
    }

    @Test("every example of the documentation is a migration")
    func examples() throws {
        let page = try String(
            contentsOf: Self.root.appendingPathComponent("docs/migration-files.md"), encoding: .utf8)
        let blocks = page.components(separatedBy: "```yaml\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(blocks.count >= 8)
        for block in blocks where !block.contains("database:") {
            let text = block.hasPrefix("- ") ? "operations:\n" + block : block
            do throws(FileProblems) {
                _ = try MigrationFile(Array(text.utf8), path: "docs/migration-files.md")
            } catch {
                Issue.record("\(error)\n\(block)")
            }
        }
    }
}

/// `bellows new` writes files that can be read.
@Suite("Templates")
struct TemplateTests {
    @Test("every operation has one", arguments: MigrationTemplate.operations)
    func template(_ operation: String) throws {
        let text = try #require(MigrationTemplate.text(operation: operation))
        #expect(try migration(text).operations.map(\.keyword) == [operation])
    }

    @Test("nothing else has")
    func unknown() {
        #expect(MigrationTemplate.text(operation: "explode") == nil)
    }
}
