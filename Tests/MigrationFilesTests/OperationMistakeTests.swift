import MigrationFiles
import Testing

/// What can be wrong in one operation, told with its place.
@Suite("Mistakes in operations")
struct OperationMistakeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var mistakes: [String]
        var testDescription: String { text }

        init(_ text: String, _ mistakes: String...) {
            self.text = text
            self.mistakes = mistakes
        }
    }

    /// The operation stands in line 2 from column 5 on.
    static let cases = [
        Case("drop_table: {}", "2:5: drop_table needs 'table': the table's name; a dot is part of the name"),
        Case("drop_table: { table: a, cascade: true }", "2:29: unknown key 'cascade' in drop_table"),
        Case("rename_table: { table: a }", "2:5: rename_table needs 'to': the table's name afterwards"),
        Case("rename_table: { table: a, to: a }", "2:35: 'table' and 'to' are the same name, 'a'"),
        Case(
            "change_type: { table: a, colum: b }",
            "2:30: unknown key 'colum' in change_type; did you mean 'column'?",
            "2:5: change_type needs 'type': the new type, as SQL"),
        Case(
            "change_type: { table: a, column: b, type: int, lossy_down: yes, sync: triger }",
            "2:64: 'lossy_down' must be true or false, not 'yes'",
            "2:75: 'sync' must be double_write or trigger, not 'triger'; did you mean 'trigger'?"),
        Case(
            "change_column: { table: a, from: b, to: c }",
            "2:45: only the name of 'b' changes; write rename_column: { table: ..., from: b, to: c }"),
        Case("change_column: { table: a, from: b }", "2:38: nothing about 'b' changes; say what does"),
        Case(
            "rename_column: { table: a, from: b, to: c, strategy: in_place, sync: trigger }",
            "2:74: a rename in place has no second column to keep in step; leave 'sync' out"),
        Case(
            "rename_column: { table: a, from: b, to: c, strategy: in_place, guard: true }",
            "2:75: a rename in place has no second column to heal; leave 'guard' out"),
        Case(
            "split_column: { table: a, from: b, to: { b: { type: int, up: b } }, down: b }",
            "2:46: 'to' names one column; a split needs at least two",
            "2:46: 'b' is split and cannot bear a new column's value as well; choose another name"),
        Case(
            "split_column: { table: a, from: b, to: { c: { type: int } }, down: c }",
            "2:46: a column of 'to' needs 'up': its value made of the old one"),
        Case(
            "split_column: { table: a, from: b, to: {} }", "2:44: 'to' is empty; it needs at least one entry",
            "2:5: split_column needs 'down'"),
        Case(
            "merge_columns: { table: a, from: { b: { down: b } }, to: b, type: int, up: b }",
            "2:40: 'from' names one column; a merge needs at least two",
            "2:62: 'b' is merged and cannot bear the new value as well; choose another name"),
        Case(
            "merge_columns: { table: a, from: [b, c], to: d, type: int, up: b }",
            "2:38: 'from' must be a mapping from names, not a list"),
        Case("set_not_null: { table: a, column: b, fill: {} }", "2:42: an SQL text needs at least one of"),
        Case(
            "set_default: { table: a, column: b }",
            "2:5: set_default needs 'default': the default, an SQL expression"),
        Case(
            "drop_default: { table: a, column: b, default: 1 }", "2:42: unknown key 'default' in drop_default"
        ),
        Case("drop_not_null: { table: a }", "2:5: drop_not_null needs 'column': the column's name"),
        Case("set_comment: { table: a, comment: '' }", "2:39: 'comment' must be a text, but it is empty"),
        Case("set_comment: { table: a, comment: [x] }", "2:39: 'comment' must be a text, not a list"),
        Case("add_check: { table: a, name: c, check: ' ' }", "2:44: 'check' must be a text, but it is empty"),
        Case("add_check: { table: a, check: b > 0 }", "2:5: add_check needs 'name': the constraint's name"),
        Case(
            "add_foreign_key: { table: a, name: f, columns: [b, b], references: { table: c, column: d } }",
            "2:84: unknown key 'column' in references; did you mean 'columns'?"),
        Case(
            "add_foreign_key: { table: a, name: f, columns: [b, b], references: { table: c, columns: [d, e, f] } }",
            "2:56: 'b' stands in 'columns' more than once",
            "2:93: 'columns' has 2 and the 'columns' of 'references' 3; each column points at one"),
        Case(
            "add_foreign_key: { table: a, name: f, columns: [b], references: { table: c, on_delete: delete } }",
            "2:92: 'on_delete' must be no_action, restrict, cascade, set_null or set_default, not 'delete'"),
        Case("add_unique: { table: a, name: u, columns: [] }", "2:47: 'columns' is an empty list"),
        Case(
            "add_unique: { table: a, name: u, columns: [b, c, b] }",
            "2:54: 'b' stands in 'columns' more than once"),
        Case(
            "add_primary_key: { table: a, columns: [b, b] }", "2:47: 'b' stands in 'columns' more than once"),
        Case(
            "drop_constraint: { table: a, constraint: b }",
            "2:34: unknown key 'constraint' in drop_constraint", "2:5: drop_constraint needs 'name'"),
        Case(
            "rename_constraint: { table: a, from: b, to: b }", "2:49: 'from' and 'to' are the same name, 'b'"),
        Case(
            "replace_index: { table: a, name: i, columns: [b] }",
            "2:5: replace_index needs 'index': the name of the index that goes"),
        Case("create_enum: { name: m, values: [a, b, a] }", "2:44: 'a' stands in 'values' more than once"),
        Case("create_enum: { name: m, values: a }", "2:37: 'values' must be a list, not 'a'"),
        Case(
            "add_enum_value: { name: m, value: a, before: b, after: c }",
            "2:60: a value stands 'before' one or 'after' one; leave one of the two keys out"),
        Case(
            "add_enum_value: { name: m, value: a, after: a }",
            "2:49: 'value' and 'after' are the same name, 'a'"),
        Case(
            "move_column: { table: a, column: b, to_table: a, join: { c: e, d: e } }",
            "2:51: 'table' and 'to_table' are the same table, 'a'",
            "2:71: 'e' stands in 'join' more than once"),
        Case(
            "move_column: { table: a, column: b, to_table: c }",
            "2:5: move_column needs 'join': how a row finds"),
        Case(
            "move_column: { table: a, column: b, to_table: c, join: id }",
            "2:60: 'join' must be a mapping from names"),
        Case(
            "sql: { expand: SELECT 1, drops: { table: a } }",
            "2:37: releases use what 'drops' names until they have left it, so it goes in the contract"),
        Case(
            "sql: { expand: SELECT 1, reads: [{ columns: a }], writes: { table: a, columns: [b, b], schem: c } }",
            "2:38: a use needs 'table': the table's name; a dot is part of the name",
            "2:92: unknown key 'schem' in a use; did you mean 'schema'?"),
        Case(
            "sql: { expand: SELECT 1, writes: { table: a, columns: [b, b] } }",
            "2:63: 'b' stands in 'columns' more than once"),
        Case(
            "extract_table: { table: a, column: b, into: a }",
            "2:49: 'table' and 'into' are the same table, 'a'"),
        Case(
            "extract_table: { table: a, column: b, into: c, reference: b }",
            "2:63: 'column' and 'reference' are the same column, 'b'"),
        Case(
            "extract_table: { table: a, column: b, into: c, value: x, key: x }",
            "2:59: 'key' and 'value' are the same column, 'x'"),
        Case(
            "extract_table: { table: a, column: id, into: c }",
            "2:40: 'key' and 'value' are the same column, 'id'"),
        Case(
            "extract_table: { table: a, columns: b, into: c }",
            "2:32: unknown key 'columns' in extract_table; did you mean 'column'?"),
        Case(
            "extract_table: { table: a, into: c }",
            "2:5: extract_table needs 'column': the column whose values move"),
        Case(
            "extract_table: { table: a, column: b, into: c, sync: trigger }",
            "2:52: unknown key 'sync' in extract_table"),
        Case(
            "drop_enum: { table: m }", "2:18: unknown key 'table' in drop_enum", "2:5: drop_enum needs 'name'"
        ),
        Case(
            "set_replica_identity: { table: a, identity: full, index: i }",
            "2:5: set_replica_identity takes one key, not 2: 'identity', 'index'"),
        Case(
            "set_replica_identity: { table: a }",
            "2:5: set_replica_identity needs one of 'identity', 'index'"),
        Case(
            "set_replica_identity: { table: a, identity: none }",
            "2:49: 'identity' must be default, full or nothing, not 'none'"),
    ]

    @Test("each is told with its place", arguments: cases)
    func told(_ example: Case) {
        let found = mistakes("operations:\n  - \(example.text)\n")
        #expect(found.count == example.mistakes.count, "\(found)")
        for expected in example.mistakes where !found.contains(where: { $0.hasPrefix(expected) }) {
            Issue.record("\(expected)\nis not in\n\(found.joined(separator: "\n"))")
        }
    }
}
