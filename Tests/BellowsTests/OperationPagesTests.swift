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

    /// What each example is planned behind; only PostgreSQL has types to change.
    private static func history(_ dialect: String) throws -> [String: String] {
        let folder = root.appendingPathComponent("fixtures/operations")
        var names = ["0001_shelter.yaml"]
        if dialect == "postgres" { names.append("0001_types.yaml") }
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
            let tool = try Tool(Self.history(dialect))
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
