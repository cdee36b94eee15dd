import Foundation
import TestSupport
import Testing

/// What an application's helper says of its release, walked through the plans.
@Suite("manifests") struct ManifestTests {
    private static let animals = """
        operations:
          - create_table:
              table: animals
              columns:
                id: { type: { postgres: bigint, sqlite: integer }, primary_key: true }
                name: { type: text }
                kind: { type: text }
                cage: { type: text }
                chip: { type: text }
        """

    /// A tool with what the built example application says of itself.
    private func tool(_ second: String) throws -> Tool {
        let tool = try Tool([
            "migrations/0001_animals.yaml": Self.animals, "migrations/0002_second.yaml": second,
            "bellows.yaml": "releases: [{ name: 42, manifest: 42.json }]\n",
        ])
        let printed = try ChildProcess.run(
            try builtProduct(named: "shelter"), ["manifest"], environment: [:],
            currentFolder: tool.folder.path)
        #expect(printed.status == 0, "\(printed.standardError)")
        try tool.folder.write(printed.standardOutput, to: "42.json")
        return tool
    }

    @Test("an application's own declaration lives with its change", arguments: ["sqlite", "postgres"])
    func lives(_ dialect: String) throws {
        let tool = try tool("operations: [{ rename_column: { table: animals, from: kind, to: species } }]\n")
        let check = try tool("check", "--dialect", dialect)
        #expect(check.code == 0 && check.output.contains("releases: '42' live with every state"), "\(check)")
    }

    @Test("and the first statement that breaks is named", arguments: ["sqlite", "postgres"])
    func breaks(_ dialect: String) throws {
        let tool = try tool(
            """
            operations:
              - rename_column: { table: animals, from: kind, to: species }
              - drop_column: { table: animals, column: cage }
            """)
        let check = try tool("check", "--dialect", dialect)
        #expect(check.code == 1)
        #expect(
            check.output.contains(
                "(retire 'cage' under a hidden name) the release '42' breaks: it reads column 'cage'"),
            "\(check)")
        // What it declares is not what the migration does.
        try tool.folder.write(
            "operations: [{ rename_column: { table: animals, from: name, to: species } }]\n",
            to: "migrations/0002_second.yaml")
        let other = try tool("check", "--dialect", dialect)
        #expect(
            other.output.contains(
                "the release '42' breaks: it declares the change 'animals.species' of 'kind' to 'species', and the "
                    + "migration makes it of 'name' to 'species'"), "\(other)")
    }

    @Test("a column that it does not know has to have a default", arguments: ["sqlite", "postgres"])
    func needed(_ dialect: String) throws {
        let tool = try tool(
            """
            operations:
              - rename_column: { table: animals, from: kind, to: species }
              - add_column: { table: animals, column: age, type: integer, nullable: false, default: "0" }
              - drop_default: { table: animals, column: age }
            """)
        let check = try tool("check", "--dialect", dialect)
        #expect(check.code == 1)
        #expect(
            check.output.contains(
                "it inserts into 'animals' without 'age', which is NOT NULL and has no default"),
            "\(check)")
    }

    @Test("a mistake in it is told with its place")
    func mistakes() throws {
        let tool = try tool("operations: [{ drop_column: { table: animals, column: cage } }]\n")
        let text = try tool.folder.read("42.json")
        try tool.folder.write(text.replacing("bellows manifest 1", with: "bellows manifest 2"), to: "42.json")
        let newer = try tool("check", "--dialect", "sqlite")
        #expect(newer.code == 1)
        #expect(
            newer.complaint.contains("42.json:2:13: 'format' must be bellows manifest 1, not"), "\(newer)")
        try tool.folder.write(text.replacing("\"use\"", with: "\"uze\""), to: "42.json")
        #expect(try tool("check", "--dialect", "sqlite").complaint.contains("did you mean 'use'?"))
        try tool.folder.write("releases: [{ name: 42, manifest: 43.json }]\n", to: "bellows.yaml")
        let missing = try tool("check", "--dialect", "sqlite")
        #expect(
            missing.complaint.contains(
                "bellows.yaml:1:34: there is no manifest '43.json' of the release '42'"))
        // Whatever does not check releases does not need it.
        #expect(try tool("plan", "--dialect", "sqlite").code == 0)
    }
}
