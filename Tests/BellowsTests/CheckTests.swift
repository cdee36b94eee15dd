import Foundation
import TestSupport
import Testing

/// `bellows check`.
@Suite("check") struct CheckTests {
    private static let page = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/check.md")

    @Test("the page shows what check says of its own orders")
    func documentation() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        var parts = text.components(separatedBy: "<!-- check -->\n")
        #expect(parts.count == 8)
        for index in parts.indices.dropFirst() {
            let example = try #require(parts[index - 1].components(separatedBy: "```yaml\n").last)
            let yaml = try #require(example.components(separatedBy: "```").first)
            let result = try Tool(["species.yaml": yaml])("check", "species.yaml")
            #expect(result.code == (result.output.contains(": safe") ? 0 : 1))
            let rest = try #require(parts[index].components(separatedBy: "<!-- end -->").dropFirst().first)
            let tail = parts[index].components(separatedBy: "<!-- end -->").dropFirst(2)
            parts[index] = (["```text\n\(result.output)```\n<!-- end -->\(rest)"] + tail)
                .joined(separator: "<!-- end -->")
        }
        let now = parts.joined(separator: "<!-- check -->\n")
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Data(now.utf8).write(to: Self.page)
        }
        #expect(try String(contentsOf: Self.page, encoding: .utf8) == now, "RECORD=1 writes it anew")
    }

    private static let animals = """
        operations:
          - create_table:
              table: animals
              columns:
                id: { type: integer, primary_key: true }
                kind: { type: text }
        """
    private static let drop = "operations: [{ drop_column: { table: animals, column: kind } }]\n"

    @Test(
        "migrations are proven, and a mistake in one leaves with code 1", arguments: ["sqlite", "postgres"])
    func migrations(_ dialect: String) throws {
        let tool = try Tool([
            "migrations/0001_animals.yaml": Self.animals, "migrations/0002_drop.yaml": Self.drop,
        ])
        let result = try tool("check", "--dialect", dialect)
        #expect(result.code == 0)
        #expect(result.output.contains("0001_animals: checked: "))
        #expect(result.output.contains("0002_drop: checked: "))
        let one = try tool("check", "--dialect", dialect, "--format", "json", "migrations/0002_drop.yaml")
            .json
        #expect((one["migrations"] as? [[String: Any]])?.count == 1 && one["safe"] as? Bool == true)
        try tool.folder.write(
            "operations: [{ drop_column: { table: animls, column: kind } }]\n", to: "migrations/0003.yaml")
        let wrong = try tool("check", "--dialect", dialect)
        #expect(wrong.code == 1 && wrong.complaint.contains("did you mean 'animals'?"))
    }

    @Test("releases are walked through the plans, from files and against a database")
    func releases() throws {
        let tool = try Tool([
            "migrations/0001_animals.yaml": Self.animals, "migrations/0002_drop.yaml": Self.drop,
            "bellows.yaml": "releases: [{ name: 41, reads: { table: animals, columns: [id, kind] } }]\n",
        ])
        let words =
            "releases: not safe: 0002_drop: from step 2 on (retire 'kind' under a hidden name) the release '41' breaks: it "
            + "reads column 'kind' of 'animals', which is not there; no release is listed behind it"
        let result = try tool("check", "--dialect", "postgres")
        #expect(result.code == 1 && result.output.contains(words), "\(result.output)")
        let document = try tool("check", "--dialect", "sqlite", "--format", "json").json
        #expect((document["breach"] as? [String: Any])?["release"] as? String == "41")
        try tool.folder.write(
            "releases: [{ name: 41, reads: { table: animals, columns: kind } }, { name: 42, reads: { table: animals } }]\n",
            to: "bellows.yaml")
        let safe = try tool("check", "--dialect", "sqlite")
        #expect(safe.code == 0 && safe.output.contains("releases: '41', '42' live with every state"))
        let location = try Database.sqlite.location(tool)
        _ = try tool("apply", "0001_animals", "--database", location)
        let there = try tool("check", "--database", location)
        #expect(there.code == 0 && there.output.contains("releases: '41', '42' live"), "\(there)")
    }

    @Test("what is dangerous in statements of one's own is named with its place")
    func hazards() throws {
        let sql = """
            operations:
              - sql:
                  expand:
                    - SELECT 1
                    - UPDATE animals SET kind = 'dog'

            """
        let tool = try Tool(["migrations/0001_animals.yaml": Self.animals, "migrations/0002_sql.yaml": sql])
        let result = try tool("check", "--dialect", "sqlite")
        #expect(result.code == 1)
        #expect(
            result.output.contains(
                "migrations/0002_sql.yaml:5:11: whole-table: this statement changes every row"))
        #expect(try tool("check", "--dialect", "sqlite", "0001_animals").code == 0)
        try tool.folder.write(sql + "      accepts: whole-table\n", to: "migrations/0002_sql.yaml")
        #expect(try tool("check", "--dialect", "sqlite").code == 0)
    }

    @Test("what is wrong with a rollout or a name is told")
    func mistakes() throws {
        let tool = try Tool(["r.yaml": "rollout: { from: a }\n", "bad.yaml": "rollout: ["])
        let wrong = try tool("check", "r.yaml")
        #expect(wrong.code == 1 && wrong.complaint.contains("r.yaml:1:1: rollout needs 'to'"))
        #expect(try tool("check", "bad.yaml").complaint.contains("bad.yaml:"))
        #expect(try tool("check", "--dialect", "sqlite", "nothing").code != 0)
        #expect(try tool("check").code == 2)
        try tool.folder.write("releases: [{ nam: x }]\n", to: "bellows.yaml")
        #expect(try tool("check", "--dialect", "sqlite").complaint.contains("did you mean 'name'?"))
    }
}
