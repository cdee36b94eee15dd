import DoubleWrite
import Testing

/// What the helper says of a release.
@Suite("Release manifests") struct ReleaseManifestTests {
    private let animals = TableDeclaration(
        "animals", columns: ["id": "bigint", "species": "text", "given": "text", "family": "text"],
        key: ["id"],
        changes: [
            .splitColumn(from: "name", type: "text", to: ["given": "name", "family": "''"], down: "given"),
            .renameColumn(from: "kind", to: "species"),
        ])
    private let cages = TableDeclaration(
        TableName(schema: "zoo", "cages"), columns: ["number": "integer"], key: ["number"])

    @Test("it is sorted by name, and the same in any order")
    func text() {
        let manifest = ReleaseManifest([.reads(cages), .inserts(animals)])
        #expect(
            manifest.json == """
                {
                  "format": "bellows manifest 1",
                  "tables": [
                    {
                      "table": "animals",
                      "use": "inserts",
                      "columns": ["family", "given", "id", "species"],
                      "changes": [
                        {
                          "change": "animals.name",
                          "old": ["name"],
                          "new": ["family", "given"]
                        },
                        {
                          "change": "animals.species",
                          "old": ["kind"],
                          "new": ["species"]
                        }
                      ]
                    },
                    {
                      "table": "cages",
                      "schema": "zoo",
                      "use": "reads",
                      "columns": ["number"]
                    }
                  ]
                }

                """)
        #expect(ReleaseManifest([.inserts(animals), .reads(cages)]).json == manifest.json)
        #expect(ReleaseManifest([.updates(cages)]).json.contains("\"use\": \"updates\""))
    }

    @Test("a column that moves is a change of the table that it moves to")
    func moved() {
        let chips = TableDeclaration(
            "chips", columns: ["animal_id": "bigint", "code": "text"], key: ["animal_id"],
            moved: .init("code", from: "animals", column: "chip", join: ["id": "animal_id"]))
        let text = ReleaseManifest([.inserts(chips)]).json
        #expect(
            text.contains("\"change\": \"chips.code\"") && text.contains("\"old\": [\"chip\"]"), "\(text)")
    }
}
