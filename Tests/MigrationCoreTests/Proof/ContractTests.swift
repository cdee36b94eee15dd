import DoubleWrite
import MigrationCore
import Testing

/// Releases on their way through plans.
@Suite struct ContractTests {
    private func breach(
        _ releases: [ReleaseContract], _ operations: MigrationCore.Operation..., dialect: Dialect = .postgres
    ) throws -> ContractBreach? {
        try Planner(dialect: dialect).breach(
            of: releases, in: [Migration(name: "m", operations: operations)], from: .animals(dialect))
    }

    private func release(
        _ name: String, reads: [String] = [], writes: [String] = [], inserts: Bool = true,
        changes: [ChangeID] = []
    ) -> ReleaseContract {
        ReleaseContract(
            name: name, reads: reads.isEmpty ? [] : [TableUse(table: "animals", columns: reads)],
            writes: writes.isEmpty
                ? [] : [.init(TableUse(table: "animals", columns: writes), inserts: inserts)],
            changes: changes)
    }

    private let drop = MigrationCore.Operation.dropColumn(DropColumn(table: "animals", column: "kind"))
    private let rename = MigrationCore.Operation.renameColumn(
        RenameColumn(table: "animals", from: "kind", to: "species"))

    @Test(arguments: Dialect.allCases)
    func aColumnThatGoes(dialect: Dialect) throws {
        let old = release("41", reads: ["id", "kind"])
        let found = try breach([old], drop, dialect: dialect)
        #expect(found?.release == "41" && found?.step?.title == "retire 'kind' under a hidden name")
        #expect(found?.reason == "reads column 'kind' of 'animals', which is not there")
        #expect(found?.successor == nil)
        #expect(try breach([old, release("42", reads: ["id"])], drop, dialect: dialect) == nil)
        // The one behind it is no better.
        let still = try breach([old, release("42", reads: ["kind", "id"])], drop, dialect: dialect)
        #expect(still?.release == "42")
    }

    /// A release of the new name cannot be out before the column is there, and there is a gate behind that only where its
    /// own code takes either shape.
    @Test func aRenameByOwnCode() throws {
        let old = release("41", reads: ["kind"], writes: ["id", "kind"])
        let new = release("42", reads: ["species"], writes: ["id", "species"])
        #expect(try breach([old, new], rename) == nil)
        let found = try breach([old], rename)
        #expect(found?.reason == "reads column 'kind' of 'animals', which is not there")
        #expect(found?.description.contains("(retire 'kind' under a hidden name)") == true)
    }

    @Test func aRenameByTheHelper() throws {
        let helper = release(
            "42", reads: ["species"], writes: ["id", "species"], changes: [ChangeID("animals.species")])
        #expect(try breach([release("41", reads: ["kind"]), helper], rename) == nil)
        #expect(try breach([helper], rename) == nil)
        // Another change's name is none.
        let other = release("42", reads: ["species"], changes: [ChangeID("animals.kind")])
        #expect(try breach([other], rename) == nil)
    }

    @Test func aColumnThatIsNeeded() throws {
        let add = MigrationCore.Operation.addColumn(
            AddColumn(
                table: "animals",
                column: ColumnDefinition(name: "chip", type: "text", isNullable: false, defaultValue: "'x'")))
        #expect(try breach([release("41", writes: ["id", "kind"])], add) == nil)
        let drop = MigrationCore.Operation.dropDefault(DropDefault(table: "animals", column: "kind"))
        var schema = Schema.animals(.postgres)
        schema["animals"]?.columns[1].isNullable = false
        schema["animals"]?.columns[1].defaultValue = "'x'"
        let planner = Planner(dialect: .postgres)
        let migration = Migration(name: "m", operations: [drop])
        let before = release("41", writes: ["id"])
        let found = try planner.breach(of: [before], in: [migration], from: schema)
        #expect(
            found?.reason == "inserts into 'animals' without 'kind', which is NOT NULL and has no default")
        let updates = release("41", writes: ["id"], inserts: false)
        #expect(try planner.breach(of: [updates], in: [migration], from: schema) == nil)
        let next = release("42", writes: ["id", "kind"])
        #expect(try planner.breach(of: [before, next], in: [migration], from: schema) == nil)
    }

    /// Several releases may go out at one gate, each beside the next; none is passed over.
    @Test func everyPairLivesWithTheGate() throws {
        let chain = [
            release("1", reads: ["kind"]), release("2", reads: ["kind", "id"]), release("3", reads: ["id"]),
        ]
        #expect(try breach(chain, drop) == nil)
        let gap = [
            release("1", reads: ["kind"]), release("2", reads: ["other"]), release("3", reads: ["id"]),
        ]
        let found = try breach(gap, drop)
        #expect(found?.release == "1")
        #expect(
            found?.successor
                == "'2' cannot be out before that, for it reads column 'other' of 'animals', which is not there by then"
        )
    }

    @Test func whatStatementsDropAndViewsBear() throws {
        let sql = MigrationCore.Operation.sql(
            RawSQL(contract: ["DROP TABLE animals"], drops: [TableUse(table: "animals")]))
        let found = try breach([release("41", reads: ["id"])], sql)
        #expect(found?.reason == "reads the table 'animals', which is not there")
        let move = MigrationCore.Operation.renameTable(RenameTable(table: "animals", to: "beings"))
        let new = ReleaseContract(name: "42", reads: [TableUse(table: "beings", columns: ["id", "kind"])])
        #expect(try breach([release("41", reads: ["id"]), new], move) == nil)
        #expect(try breach([release("41", reads: ["id"])], move)?.reason.contains("'animals'") == true)
    }

    /// What was before the first release could run is nothing to it; where it can run nowhere, that is told.
    @Test func theWalkBeginsWithTheFirstRelease() throws {
        let create = Migration(
            name: "0001",
            operations: [
                .createTable(
                    CreateTable(table: "owners", columns: [ColumnDefinition(name: "id", type: "integer")]))
            ])
        let release = ReleaseContract(name: "1", reads: [TableUse(table: "owners", columns: ["id"])])
        let planner = Planner(dialect: .sqlite)
        #expect(try planner.breach(of: [release], in: [create], from: .animals(.sqlite)) == nil)
        let lost = ReleaseContract(name: "1", reads: [TableUse(table: "owner")])
        let found = try planner.breach(of: [lost], in: [create], from: .animals(.sqlite))
        #expect(
            found?.description
                == "the schema: before the first step the release '1' breaks: it reads the table 'owner', which is not there; "
                + "no release is listed behind it")
    }
}
