import Foundation
import TestSupport
import Testing

@testable import MigrationFiles

/// `docs/operations/`: a page for every operation. Its example is the first YAML on it, and what it shows of the plans
/// is what `bellows plan` prints of that example (`RECORD=1` writes it anew), so it cannot rot.
@Suite("The pages of the operations") struct OperationPagesTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let pages = root.appendingPathComponent("docs/operations")

    private static let keywords = MigrationFormat.operations.map(\.title)

    /// What the example of an operation is planned behind; only PostgreSQL has types to change.
    private static func history(_ dialect: String, of keyword: String) throws -> [String: String] {
        let folder = root.appendingPathComponent("fixtures/operations")
        var names = ["0001_shelter.yaml", "0001_shelter_rules.yaml"]
        if dialect == "postgres" { names.append("0001_types.yaml") }
        let own = "0001_shelter_\(keyword).yaml"
        if FileManager.default.fileExists(atPath: folder.appendingPathComponent(own).path) {
            names.append(own)
        }
        let files = try names.map { name in
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            return ("migrations/\(name)", text)
        }
        return Dictionary(uniqueKeysWithValues: files)
    }

    @Test("every operation has a page, and no page is of anything else")
    func complete() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.pages.path)
        #expect(Set(files) == Set(Self.keywords.map { "\($0).md" } + ["README.md"]))
        let index = try String(
            contentsOf: Self.pages.appendingPathComponent("README.md"), encoding: .utf8)
        for keyword in Self.keywords { #expect(index.contains("(\(keyword).md)"), "\(keyword)") }
    }

    @Test("the page shows the plan of its own example", arguments: keywords)
    func current(_ keyword: String) throws {
        let file = Self.pages.appendingPathComponent("\(keyword).md")
        let page = try Page(String(contentsOf: file, encoding: .utf8))
        let name = "0002_\(keyword)"
        let now = try page.replacingPlans { dialect in
            let tool = try Tool(Self.history(dialect, of: keyword))
            try tool.folder.write(page.example, to: "migrations/\(name).yaml")
            let result = try tool("plan", "--dialect", dialect, name)
            return result.code == 0 ? result.output : result.complaint
        }
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Data(now.utf8).write(to: file)
        } else {
            let pairs = zip(page.text.split(separator: "\n"), now.split(separator: "\n"))
            let different = pairs.first { $0 != $1 }
            #expect(page.text == now, "\(String(describing: different)); RECORD=1 writes it anew")
        }
        #expect(page.dialects == ["postgres", "sqlite"], "a page shows the plan for either database")
    }

    /// Rows that every example can keep.
    private static let rows = [
        "INSERT INTO shelters (id, name) VALUES (1, 'North')",
        "INSERT INTO animals (id, name, kind, breed, chip, born, price, mood, cage) VALUES "
            + "(1, 'Rex Miller', 'dog', 'boxer', '276098100000001', '2020-02-29', 12.5, 'calm', 'A'), "
            + "(2, 'Anna Maria Smith', 'cat', NULL, NULL, '2021-05-01', NULL, NULL, NULL), "
            + "(3, NULL, 'cat', NULL, '276098100000003', '2022-12-24', 0, 'hungry', 'A')",
        "INSERT INTO visits (animal_id, number, day, hour, visitors) VALUES "
            + "(1, 1, '2026-11-01', '10:30', 2), (1, 2, '2026-11-02', '11:00', 1), (2, 1, NULL, NULL, 5)",
        "INSERT INTO cages (id, size) VALUES (1, 'small')",
    ]

    @Test("the example runs on a database with rows, forth, back and forth", arguments: keywords)
    func runs(_ keyword: String) throws {
        let file = Self.pages.appendingPathComponent("\(keyword).md")
        let page = try Page(String(contentsOf: file, encoding: .utf8))
        let name = "0002_\(keyword)"
        for database in Database.allCases {
            let dialect = database == .postgres ? "postgres" : "sqlite"
            let tool = try Tool(Self.history(dialect, of: keyword))
            let location = try database.location(tool)
            func run(_ arguments: String...) throws -> Tool.Result {
                try tool.run(arguments + ["--no-writers", "--database", location])
            }
            let history = try run("apply", "--through", "contract")
            #expect(history.code == 0, "\(dialect): \(history.complaint)")
            for row in Self.rows { try database.query(location, row) }
            try tool.folder.write(page.example, to: "migrations/\(name).yaml")
            let plan = try tool("plan", "--dialect", dialect, name)
            if plan.code != 0 {
                #expect(try run("apply", name).code == 1, "\(dialect) refuses it in the plan alone")
                continue
            }
            let there = try run("apply", name)
            #expect(there.code == 0, "\(dialect): \(there.complaint)")
            // What has only a contract is not begun yet.
            let begins = ["DOUBLE-WRITE  ", "EXPAND  ", "TRANSITION  "].contains(where: plan.output.contains)
            if begins, !plan.output.contains("Nothing can be undone") {
                let back = try run("rollback", name, "--discard-data")
                #expect(back.code == 0, "\(dialect): \(back.complaint)")
            }
            let again = try run("apply", name, "--through", "contract")
            #expect(again.code == 0, "\(dialect): \(again.complaint)")
        }
    }
}

/// A page of Markdown with places for plans: `<!-- plan: postgres -->`, behind which a block of text stands.
private struct Page {
    let text: String
    let example: String
    private(set) var dialects: [String] = []

    init(_ text: String) throws {
        self.text = text
        let parts = text.components(separatedBy: "```yaml\n")
        example = try #require(parts.dropFirst().first).components(separatedBy: "```\n")[0]
        dialects = text.components(separatedBy: "<!-- plan: ").dropFirst().map { place in
            String(place.prefix { $0 != " " })
        }
    }

    /// The page with each plan as `plan` gives it for a dialect.
    func replacingPlans(_ plan: (String) throws -> String) throws -> String {
        let pieces = text.components(separatedBy: "<!-- plan: ")
        var result = pieces[0]
        for piece in pieces.dropFirst() {
            let dialect = String(piece.prefix { $0 != " " })
            let rest = piece.components(separatedBy: "<!-- end -->")
            let tail = rest.dropFirst().joined(separator: "<!-- end -->")
            result += "<!-- plan: \(dialect) -->\n```text\n\(try plan(dialect))```\n<!-- end -->\(tail)"
        }
        return result
    }
}
