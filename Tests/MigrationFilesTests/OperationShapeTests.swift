import DoubleWrite
import MigrationCore
import MigrationFiles
import Testing

/// Every operation on tables, constraints, indexes and types comes out as the value it stands for.
@Suite("Shapes of operations")
struct OperationShapeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var operation: MigrationCore.Operation
        var testDescription: String { text }

        init(_ text: String, _ operation: MigrationCore.Operation) {
            self.text = text
            self.operation = operation
        }
    }

    static let animals = TableName(schema: "s", "a.b")

    static let tables = [
        Case("drop_table: { table: a.b, schema: s }", .dropTable(DropTable(table: animals))),
        Case(
            "rename_table: { table: a.b, schema: s, to: on }",
            .renameTable(RenameTable(table: animals, to: "on"))),
        Case(
            "set_comment: { table: a.b, schema: s, column: 1, comment: it's }",
            .setComment(SetComment(table: animals, column: "1", comment: "it's"))),
        Case("set_comment: { table: a, comment: null }", .setComment(SetComment(table: "a", comment: nil))),
        Case(
            "set_comment: { table: a, comment: 'null' }", .setComment(SetComment(table: "a", comment: "null"))
        ),
        Case("set_comment: { table: a }", .setComment(SetComment(table: "a", comment: nil))),
        Case(
            "set_replica_identity: { table: a, identity: default }",
            .setReplicaIdentity(SetReplicaIdentity(table: "a", identity: .primaryKey))),
        Case(
            "set_replica_identity: { table: a, identity: full }",
            .setReplicaIdentity(SetReplicaIdentity(table: "a", identity: .full))),
        Case(
            "set_replica_identity: { table: a, identity: nothing }",
            .setReplicaIdentity(SetReplicaIdentity(table: "a", identity: .nothing))),
        Case(
            "set_replica_identity: { table: a, index: full }",
            .setReplicaIdentity(SetReplicaIdentity(table: "a", identity: .index("full")))),
        Case(
            "create_enum: { name: mood, schema: s, values: [yes, ' two words ', 1] }",
            .createEnum(
                CreateEnum(name: TableName(schema: "s", "mood"), values: ["yes", " two words ", "1"]))),
        Case(
            "add_enum_value: { name: mood, value: off }",
            .addEnumValue(AddEnumValue(name: "mood", value: "off"))),
        Case(
            "add_enum_value: { name: mood, value: off, before: on }",
            .addEnumValue(AddEnumValue(name: "mood", value: "off", place: .before("on")))),
        Case(
            "add_enum_value: { name: mood, value: off, after: on }",
            .addEnumValue(AddEnumValue(name: "mood", value: "off", place: .after("on")))),
        Case(
            "drop_enum: { name: mood, schema: s }", .dropEnum(DropEnum(name: TableName(schema: "s", "mood")))),
    ]

    static let columns = [
        Case("set_not_null: { table: a, column: b }", .setNotNull(SetNotNull(table: "a", column: "b"))),
        Case(
            "set_not_null: { table: a, column: b, fill: { postgres: c, sqlite: d } }",
            .setNotNull(SetNotNull(table: "a", column: "b", fill: PerDialect(postgres: "c", sqlite: "d")))),
        Case(
            "drop_not_null: { table: a.b, schema: s, column: c }",
            .dropNotNull(DropNotNull(table: animals, column: "c"))),
        Case(
            "set_default: { table: a, column: b, default: \"'x'\" }",
            .setDefault(SetDefault(table: "a", column: "b", defaultValue: "'x'"))),
        Case("drop_default: { table: a, column: b }", .dropDefault(DropDefault(table: "a", column: "b"))),
    ]

    static let constraints = [
        Case(
            "add_check: { table: a, name: c, check: \"b > 0\" }",
            .addCheck(AddCheck(table: "a", name: "c", check: "b > 0"))),
        Case(
            "add_foreign_key: { table: a, name: f, columns: [b, c], references: { table: d, schema: s, columns: [e, f], "
                + "on_delete: cascade, on_update: set_null } }",
            .addForeignKey(
                AddForeignKey(
                    table: "a", name: "f", columns: ["b", "c"],
                    target: ForeignKeyTarget(
                        table: TableName(schema: "s", "d"), columns: ["e", "f"], onDelete: .cascade,
                        onUpdate: .setNull)))),
        Case(
            "add_foreign_key: { table: a, name: f, columns: b, references: { table: d } }",
            .addForeignKey(
                AddForeignKey(table: "a", name: "f", columns: ["b"], target: ForeignKeyTarget(table: "d")))),
        Case(
            "add_unique: { table: a, name: u, columns: [b, n] }",
            .addUnique(AddUnique(table: "a", name: "u", columns: ["b", "n"]))),
        Case(
            "add_primary_key: { table: a, columns: b }",
            .addPrimaryKey(AddPrimaryKey(table: "a", columns: ["b"]))),
        Case(
            "add_primary_key: { table: a, name: k, columns: [b, c] }",
            .addPrimaryKey(AddPrimaryKey(table: "a", name: "k", columns: ["b", "c"]))),
        Case(
            "drop_constraint: { table: a, name: u }", .dropConstraint(DropConstraint(table: "a", name: "u"))),
        Case(
            "rename_constraint: { table: a, from: u, to: v }",
            .renameConstraint(RenameConstraint(table: "a", from: "u", to: "v"))),
        Case(
            "replace_index: { table: a, index: i, columns: [b], unique: true, where: \"b > 0\" }",
            .replaceIndex(
                ReplaceIndex(
                    old: "i",
                    new: CreateIndex(
                        table: "a", name: "i", keys: [.init(.column("b"))], isUnique: true, condition: "b > 0"
                    )))),
        Case(
            "replace_index: { table: a, index: i, name: j, columns: [{ expression: lower(b), order: desc }] }",
            .replaceIndex(
                ReplaceIndex(
                    old: "i",
                    new: CreateIndex(
                        table: "a", name: "j", keys: [.init(.expression("lower(b)"), isDescending: true)])))),
    ]

    static let shapes = [
        Case(
            "move_column: { table: a, schema: s, column: b, to_table: c.d, to_schema: u, to: on, "
                + "join: { 1: yes, 'x y': n }, change: again }",
            .moveColumn(
                MoveColumn(
                    table: TableName(schema: "s", "a"), column: "b", toTable: TableName(schema: "u", "c.d"),
                    to: "on",
                    join: [.init(source: "1", target: "yes"), .init(source: "x y", target: "n")],
                    change: "again"))),
        Case(
            "move_column: { table: a, column: b, to_table: c, join: { id: id } }",
            .moveColumn(
                MoveColumn(table: "a", column: "b", toTable: "c", join: [.init(source: "id", target: "id")]))),
        Case(
            "extract_table: { table: a, schema: s, column: on, into: c.d, into_schema: u, value: yes, key: 1, "
                + "reference: 'x y', change: again }",
            .extractTable(
                ExtractTable(
                    table: TableName(schema: "s", "a"), column: "on", into: TableName(schema: "u", "c.d"),
                    value: "yes", key: "1", reference: "x y", change: "again"))),
        Case(
            "extract_table: { table: a, column: b, into: c }",
            .extractTable(
                ExtractTable(
                    table: "a", column: "b", into: "c", value: "b", key: "id", reference: "b_id"))),
        Case(
            "rename_column: { table: a, from: b, to: c, sync: trigger }",
            .renameColumn(RenameColumn(table: "a", from: "b", to: "c", sync: .trigger))),
        Case(
            "change_type: { table: a, column: b, type: bigint }",
            .changeType(ChangeType(table: "a", column: "b", type: "bigint"))),
        Case(
            "change_type: { table: a, column: b, type: int, up: b * 2, down: b / 2, lossy_down: true, sync: trigger, "
                + "change: again }",
            .changeType(
                ChangeType(
                    table: "a", column: "b", type: "int", up: "b * 2", down: "b / 2", isLossyDown: true,
                    sync: .trigger, change: "again"))),
        Case(
            "change_column: { table: a, from: b, nullable: false }",
            .changeColumn(ChangeColumn(table: "a", from: "b", to: "b", isNullable: false))),
        Case(
            "change_column: { table: a, from: b, to: c, type: int, nullable: true, default: 0, check: c > 0, "
                + "comment: d, up: b * 2, down: c / 2, lossy_down: false, sync: double_write, change: again }",
            .changeColumn(
                ChangeColumn(
                    table: "a", from: "b", to: "c", type: "int", isNullable: true, defaultValue: "0",
                    check: "c > 0",
                    comment: "d", up: "b * 2", down: "c / 2", change: "again"))),
        Case(
            "split_column: { table: a, from: b, to: { c: { type: int, up: b / 2, nullable: false }, "
                + "d: { type: int, up: b % 2, unique: true, references: { table: e, column: f } } }, down: c * 2 + d }",
            .splitColumn(
                SplitColumn(
                    table: "a", from: "b",
                    to: [
                        DerivedColumn(
                            definition: ColumnDefinition(name: "c", type: "int", isNullable: false),
                            up: "b / 2"),
                        DerivedColumn(
                            definition: ColumnDefinition(
                                name: "d", type: "int", isUnique: true,
                                references: ForeignKeyTarget(table: "e", columns: ["f"])), up: "b % 2"),
                    ], down: "c * 2 + d"))),
        Case(
            "merge_columns: { table: a, from: { n: { down: e / 2 }, d: { down: e % 2 } }, to: e, type: int, "
                + "up: n * 2 + d, default: 0, lossy_down: true, sync: trigger, change: again }",
            .mergeColumns(
                MergeColumns(
                    table: "a",
                    from: [MergedColumn(name: "n", down: "e / 2"), MergedColumn(name: "d", down: "e % 2")],
                    to: DerivedColumn(
                        definition: ColumnDefinition(name: "e", type: "int", defaultValue: "0"),
                        up: "n * 2 + d"),
                    isLossyDown: true, sync: .trigger, change: "again"))),
    ]

    @Test("a text is its value", arguments: tables + columns + constraints + shapes)
    func read(_ example: Case) throws {
        #expect(try operation(example.text) == example.operation)
    }

    @Test("every operation has its shape here or in the other suite")
    func complete() {
        let here = Set((Self.tables + Self.columns + Self.constraints + Self.shapes).map(\.operation.keyword))
        let others: Set = [
            "create_table", "add_column", "drop_column", "rename_column", "create_index", "drop_index", "sql",
        ]
        #expect(here.union(others) == Set(MigrationTemplate.operations))
    }

    @Test("a problem of a new column is shown where the column stands")
    func positions() throws {
        let text = """
            operations:
              - split_column:
                  table: a
                  from: b
                  to:
                    c: { type: int, up: b / 2 }
                    d: { type: int, up: b % 2 }
                  down: c * 2 + d
            """
        let file = try MigrationFile(Array(text.utf8), path: "m.yaml")
        #expect(
            file.position(of: "operations[0].split_column.to[1].up") == SourcePosition(line: 7, column: 29))
        #expect(
            file.position(of: "operations[0].split_column.to.d.up") == SourcePosition(line: 7, column: 29))
        #expect(file.position(of: "operations[0].split_column.down") == SourcePosition(line: 8, column: 13))
    }
}
