import Testing

@testable import DoubleWrite

let animals = TableDeclaration(
    "animals", columns: ["id": "bigint", "name": "text", "species": "text"], key: ["id"],
    changes: [.renameColumn(from: "kind", to: "species")])

@Suite struct DeclarationTests {
    @Test func aChangeIsNamedAfterWhatItMakes() {
        #expect(animals.changes.map(\.id.name) == ["animals.species"])
        let named = TableDeclaration(
            TableName(schema: "zoo", "animals"), columns: ["species": "text"], key: [],
            changes: [.renameColumn(from: "kind", to: "species", id: ChangeID("second"))])
        #expect(named.changes.map(\.id.name) == ["second"])
    }

    @Test func columnsAreListedInTheOrderOfTheDeclaration() throws {
        #expect(try animals.ordered(["species", "id"]).map(\.name) == ["id", "species"])
        #expect(throws: RequestProblem.undeclaredColumn("kind")) { try animals.ordered(["kind"]) }
    }
}
