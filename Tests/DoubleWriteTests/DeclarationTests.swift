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
        #expect(people.changes.map(\.id.name) == ["people.name"])
        #expect(ages.changes.map(\.id.name) == ["ages.age"])
        let merged = TableDeclaration(
            "people", columns: ["name": "text"], key: [],
            changes: [
                .mergeColumns(
                    from: [
                        "given": .init(type: "text", down: "g"), "family": .init(type: "text", down: "f"),
                    ],
                    to: "name", up: "u")
            ])
        #expect(merged.changes.map(\.id.name) == ["people.name"])
    }

    @Test func columnsAreListedInTheOrderOfTheDeclaration() throws {
        #expect(try animals.ordered(["species", "id"]).map(\.name) == ["id", "species"])
        #expect(throws: RequestProblem.undeclaredColumn("kind")) { try animals.ordered(["kind"]) }
    }

    @Test func onlyAMereRenameIsAnIdentity() {
        let changes: [TableDeclaration.Change] = [
            .renameColumn(from: "a", to: "x"), .renameColumn(from: "a", to: "x").inOldShape,
            .changeColumn(from: "a", type: "text", to: "x"), .changeType("x", from: "text"),
        ]
        let identities = changes.map { change in
            let declared = change.spoken == .old ? "a" : "x"
            return TableDeclaration("t", columns: [declared: "text"], key: [], changes: [change]).changes[0]
                .isIdentity
        }
        #expect(identities == [true, true, false, false])
    }

    @Test func aChangeOfTypeIsACast() {
        let change = ages.changes[0]
        #expect(change.new[0].expression?.postgres == "CAST(\"age\" AS text)")
        #expect(change.old[0].expression?.sqlite == "CAST(`age` AS integer)")
        #expect(change.keepsAName)
        #expect("\(change)" == "'ages.age' (column 'age' keeps its name)")
        #expect("\(people.changes[0])" == "'people.name' (column 'name' becomes 'given' and 'family')")
    }

    /// What is made of a value must be made of what the column holds: rounded, and never cut off.
    @Test(arguments: [
        ("numeric(10, 2)", "numeric(10, 2)", "numeric(10, 2)"), ("varchar(5)", "varchar", "varchar(5)"),
        ("char(3)", "bpchar", "char(3)"), ("bit(8)", "varbit", "varbit"),
        ("timestamp(0)", "timestamp(0)", "timestamp(0)"),
        ("text", "text", "text"), ("int[]", "int[]", "int[]"),
    ])
    func aValueIsTakenAsItsColumnHoldsIt(declared: String, stored: String, fitting: String) {
        #expect(storedType(of: declared) == stored)
        #expect(fittingType(of: declared) == fitting)
    }
}
