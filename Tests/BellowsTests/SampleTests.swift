import Foundation
import TestSupport
import Testing

/// The rows that stop a migration: the same in the text and in the JSON.
@Suite struct SampleTests {
    @Test(arguments: Database.allCases)
    func textAndJSONShowTheSameRows(_ database: Database) throws {
        let tool = try Tool(Files.both)
        let location = try database.location(tool)
        let common = ["--database", location]
        let apply = ["apply", "--no-writers"] + common
        #expect(try tool.run(apply + ["0001_animals", "--through", "contract"]).code == 0)
        try database.query(
            location, "INSERT INTO animals (id, name, kind) VALUES (1, 'Rex', 'dog'), (2, 'Mia', 'cat')")
        #expect(try tool.run(apply + ["--through", "expand"]).code == 0)
        let long = String(repeating: "w", count: 50)
        try database.query(location, "UPDATE animals SET species = '\(long)' WHERE id = 1")

        let text = try tool.run(["verify"] + common)
        #expect(text.code == 1)
        let json = try tool.run(["verify", "--format", "json"] + common)
        #expect(json.code == 1)
        let reports = try #require(try json.json["verifications"] as? [[String: Any]])
        let violated = try #require(reports.first { $0["holds"] as? Bool == false })
        try expectSamples(violated, text.output)

        let waiting = try tool.run(apply + ["--through", "transition", "--format", "json"])
        #expect(waiting.code == 3, "\(waiting.complaint)")
        for document in [waiting, try tool.run(["status", "--format", "json"] + common)] {
            let migrations = try #require(try document.json["migrations"] as? [[String: Any]])
            let gate = try #require((migrations.last?["waits_for"] as? [[String: Any]])?.first)
            #expect(gate["condition"] as? String == "violations")
            try expectSamples(
                try #require(gate["verification"] as? [String: Any]),
                try tool.run(["status"] + common).output)
        }
    }

    private func expectSamples(_ verification: [String: Any], _ text: String) throws {
        let samples = try #require(verification["samples"] as? [String: Any])
        let columns = try #require(samples["columns"] as? [String])
        let row = try #require((samples["rows"] as? [[Any]])?.first)
        let values = Dictionary(zip(columns, row.map { "\($0)" })) { first, _ in first }
        #expect(values["id"] == "1")
        #expect(values["kind"] == "dog")
        #expect(values["species"] == String(repeating: "w", count: 40) + "...")
        for column in columns { #expect(text.contains(column), "\(text)") }
        #expect(text.contains("'\(String(repeating: "w", count: 40))...'"), "\(text)")
    }
}
