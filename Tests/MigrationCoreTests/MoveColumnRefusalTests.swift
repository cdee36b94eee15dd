import DoubleWrite
import MigrationCore
import Testing

/// What keeps a column from moving to another table, and what the message says.
@Suite struct MoveColumnRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var dialects = Dialect.allCases
        var words: [String]
        var move: @Sendable (inout MoveColumn) -> Void = { _ in }
        var source: @Sendable (inout Table) -> Void = { _ in }
        var target: @Sendable (inout Table) -> Void = { _ in }

        var testDescription: String { name }
    }

    private static let cases: [Case] = [
        Case(
            name: "no such table", words: [".to_table: table 'chip' does not exist; did you mean 'chips'?"],
            move: { $0.toTable = "chip" }),
        Case(
            name: "the same table", words: [".to_table: 'animals' is the table that the column is in"],
            move: { $0.toTable = "animals" }),
        Case(
            name: "no such column", words: [".column: column 'ship' of 'animals' does not exist"],
            move: { $0.column = "ship" }),
        Case(
            name: "a name that is taken", words: [".to: 'chips' has a column 'maker' already"],
            move: { $0.to = "maker" }),
        Case(
            name: "a guard", words: [".guard: a guard sees one table's rows only"],
            move: { $0.isGuarded = true }),
        Case(name: "no join", words: [".join: names no columns"], move: { $0.join = [] }),
        Case(
            name: "a joined column that is not there",
            words: [".join.id: column 'animal' of 'chips' does not exist"],
            move: { $0.join = [.init(source: "id", target: "animal")] }),
        Case(
            name: "joined by itself", words: ["'chip' is the column that moves"],
            move: { $0.join = [.init(source: "chip", target: "maker")] }),
        Case(
            name: "several rows in the target",
            words: ["'animal_id' of 'chips' is not unique", "add a UNIQUE constraint"],
            target: { $0.primaryKey = [] }),
        Case(
            name: "several rows in the source", words: ["'id' of 'animals' is not unique"],
            source: { $0.primaryKey = [] }),
        Case(
            name: "a target's row without a row",
            words: ["'animal_id' of 'chips' may be NULL", "set_not_null"],
            target: {
                $0.columns[0].isNullable = true
                $0.columns[0].type = "text"
            }),
        Case(
            name: "no foreign key",
            words: ["'chips' has no foreign key over 'animal_id' to 'animals'", "add_foreign_key"],
            target: { $0.foreignKeys = [] }),
        Case(
            name: "a foreign key that is not validated", dialects: [.postgres],
            words: ["the foreign key 'own' of 'chips' must be"],
            target: { $0.foreignKeys[0].isValidated = false }),
        Case(
            name: "a foreign key that lets go", words: ["neither SET NULL nor SET DEFAULT"],
            target: { $0.foreignKeys[0].target.onDelete = .setNull }),
        Case(
            name: "a foreign key that holds only in the end", words: ["not deferrable"],
            target: { $0.foreignKeys[0].attributes = "DEFERRABLE INITIALLY DEFERRED" }),
        Case(
            name: "NOT NULL", words: [".column: 'chip' is NOT NULL", "drop_not_null"],
            source: { $0.columns[1].isNullable = false }),
        Case(
            name: "a default", words: [".column: 'chip' has a default", "drop_default"],
            source: { $0.columns[1].defaultValue = "'x'" }),
        Case(
            name: "the primary key", words: ["is in the primary key of 'animals'"],
            source: { $0.primaryKey = ["id", "chip"] }),
        Case(
            name: "generated", words: ["the database itself gives 'chip'"],
            source: { $0.columns[1].generated = "'x'" }),
        Case(
            name: "UNIQUE", words: ["the UNIQUE 'lone' of 'animals' is on 'chip'"],
            source: { $0.uniqueConstraints = [UniqueConstraint(name: "lone", columns: ["chip"])] }),
        Case(
            name: "CHECK", words: ["the CHECK 'fine' of 'animals' is on 'chip'"],
            source: {
                $0.checks = [
                    CheckConstraint(
                        name: "fine", definition: SQLTemplate("CHECK ({chip} > '')"), columns: ["chip"])
                ]
            }),
        Case(
            name: "a unique index", words: ["the unique index 'one' is on 'chip'", "drop_index"],
            source: {
                $0.indexes = [
                    Index(name: "one", isUnique: true, definition: SQLTemplate("({chip})"), columns: ["chip"])
                ]
            }),
        Case(
            name: "a view", words: ["the view 'seen'"],
            source: { $0.dependents = [Dependent(kind: .view, name: "seen", columns: ["chip"])] }),
        Case(
            name: "another column that must be given", words: [".to_table: 'maker' of 'chips' is NOT NULL"],
            target: { $0.columns[1].isNullable = false }),
        Case(
            name: "another column with a value of its own",
            words: [".to_table: 'maker' of 'chips' has a value of its own"],
            target: { $0.columns[1].defaultValue = "'m'" }),
        Case(
            name: "a CHECK of the target's", dialects: [.sqlite],
            words: ["the CHECK 'made' of 'chips' may refuse a row with NULL"],
            target: {
                $0.checks = [
                    CheckConstraint(
                        name: "made", definition: SQLTemplate("CHECK (maker > '')"), columns: ["maker"])
                ]
            }),
        Case(
            name: "row security", dialects: [.postgres],
            words: [".to_table: row security of 'chips' is active", "policies: 'p'"],
            target: { $0.rowSecurity = RowSecurity(isForced: false, policies: ["p"]) }),
        Case(
            name: "publications", dialects: [.postgres], words: ["'chips' is in the publication 'p'"],
            target: { $0.publications = ["p"] }),
        Case(
            name: "partitions", dialects: [.postgres], words: [".table: 'animals' is a partitioned table"],
            source: { $0.kind = .partitioned }),
        Case(
            name: "keys of two affinities", dialects: [.sqlite],
            words: [".join.id: 'id' and 'animal_id' are declared differently"],
            target: { $0.columns[0].type = "text" }),
    ]

    static func schema(_ dialect: Dialect, _ example: Case? = nil) -> Schema {
        var animals = Table(
            name: "animals",
            columns: [
                Column(name: "id", type: "integer", isNullable: false), Column(name: "chip", type: "text"),
            ],
            primaryKey: ["id"])
        var chips = Table(
            name: "chips",
            columns: [
                Column(name: "animal_id", type: "integer", isNullable: false),
                Column(name: "maker", type: "text"),
            ], primaryKey: ["animal_id"],
            foreignKeys: [
                ForeignKey(
                    name: "own", columns: ["animal_id"],
                    target: ForeignKeyTarget(table: "animals", columns: ["id"]))
            ])
        example?.source(&animals)
        example?.target(&chips)
        return Schema(dialect: dialect, tables: [animals, chips])
    }

    static let move = MoveColumn(
        table: "animals", column: "chip", toTable: "chips", to: "code",
        join: [.init(source: "id", target: "animal_id")])

    @Test(arguments: cases)
    func refuses(example: Case) {
        for dialect in example.dialects {
            var move = Self.move
            example.move(&move)
            let found = Planner(dialect: dialect).refusals(.moveColumn(move), Self.schema(dialect, example))
                .joined(separator: "\n")
            for words in example.words { #expect(found.contains(words), "\(dialect): \(found)") }
        }
    }

    @Test(arguments: Dialect.allCases)
    func plansWhatIsFit(dialect: Dialect) throws {
        let schema = Self.schema(dialect)
        #expect(Planner(dialect: dialect).refusals(.moveColumn(Self.move), schema) == [])
        let plan = try Planner(dialect: dialect).plan(Migration(.moveColumn(Self.move)), schema: schema)
        try GoldenFile.check(PlanText.render(plan), against: "\(dialect.rawValue)/move_column.txt")
    }

    /// Every statement that writes or counts names both tables whole: an alias could be the other table's name.
    @Test func aFinishedChangesNameIsNotTakenAgain() {
        let found = Planner(dialect: .postgres).refusals(
            .moveColumn(Self.move), Self.schema(.postgres), finished: [ChangeID("chips.code")])
        #expect(found.first?.contains("finished a change named 'chips.code'") == true)
    }
}
