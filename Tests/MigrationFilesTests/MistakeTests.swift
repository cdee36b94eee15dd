import Foundation
import MigrationFiles
import Testing

/// Every mistake is told with its place, what was expected, and the nearest name.
@Suite("Mistakes in migration files")
struct MistakeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var mistakes: [String]
        var testDescription: String { text.replacing("\n", with: "⏎") }

        init(_ text: String, _ mistakes: String...) {
            self.text = text
            self.mistakes = mistakes
        }
    }

    static let cases = [
        Case("", " the file is empty; a migration has 'operations', a list of what changes"),
        Case(
            "# only a comment\n", " the file is empty; a migration has 'operations', a list of what changes"),
        Case(
            "hello",
            "1:1: a migration must be a mapping with keys such as description, operations, not 'hello'"),
        Case(
            "- a\n",
            "1:1: a migration must be a mapping with keys such as description, operations, not a list"),
        Case("description: x\n", "1:1: a migration needs 'operations': the list of what changes"),
        Case("operations:\n", "1:12: 'operations' must be a list, not nothing"),
        Case("operations: []\n", "1:13: 'operations' is an empty list; it needs at least one entry"),
        Case(
            "operation:\n  - drop_index: {table: a, name: i}\n",
            "1:1: unknown key 'operation' in a migration; did you mean 'operations'?"),
        Case(
            "operations:\n  - rename_colum: {table: a, from: b, to: c}\n",
            "2:5: unknown operation 'rename_colum'; did you mean 'rename_column'?"),
        Case(
            "operations:\n  - explode: {}\n",
            "2:5: unknown operation 'explode'; it must be one of 'create_table', 'drop_table', 'rename_table', "
                + "'add_column', 'drop_column', 'rename_column', 'change_type', "),
        Case(
            "operations:\n  - drop_index: {table: a, name: i}\n    drop_column: {table: a, column: b}\n",
            "2:5: an operation takes one operation, not 2: 'drop_column', 'drop_index'; give each its own entry "
                + "of the list"),
        Case(
            "operations:\n  - drop_column\n",
            "2:5: an entry of 'operations' must be a mapping with keys such as create_table, drop_table, "
                + "rename_table, add_column, not 'drop_column'"),
        Case(
            "operations:\n  - drop_column: {table: animals}\n",
            "2:5: drop_column needs 'column': the column's name"),
        Case(
            "operations:\n  - drop_column: {tabel: animals, column: a}\n",
            "2:19: unknown key 'tabel' in drop_column; did you mean 'table'?"),
        Case(
            "operations:\n  - drop_column: {table: '', column: [a]}\n",
            "2:26: 'table' must be a name, but it is empty", "2:38: 'column' must be a name, not a list"),
        Case(
            "operations:\n  - drop_column: {table: \"a\\0b\", column: b}\n",
            "2:26: 'table' contains a NUL character, which no database takes"),
        Case(
            "operations:\n  - rename_column: {table: a, from: b, to: b}\n",
            "2:44: 'from' and 'to' are the same name, 'b'"),
        Case(
            "operations:\n  - rename_column: {table: a, from: b, to: c, strategy: inplace}\n",
            "2:57: 'strategy' must be copy or in_place, not 'inplace'; did you mean 'in_place'?"),
        Case(
            "operations:\n  - add_column: {table: a, column: b, type: text, nullable: yes}\n",
            "2:61: 'nullable' must be true or false, not 'yes'"),
        Case(
            "operations:\n  - add_column: {table: a, column: b, type: {postgre: text}}\n",
            "2:46: unknown key 'postgre' in an SQL text; did you mean 'postgres'?"),
        Case(
            "operations:\n  - add_column: {table: a, column: b, type: {}}\n",
            "2:39: an SQL text needs at least one of 'postgres', 'sqlite'"),
        Case(
            "operations:\n  - create_index: {table: a, name: i, columns: [{order: desc}, {column: a, expression: b}]}\n",
            "2:49: an index column needs one of 'column', 'expression'",
            "2:64: an index column takes one key, not 2: 'column', 'expression'"),
        Case(
            "operations:\n  - sql: {undo: DROP TABLE a}\n",
            "2:5: sql needs at least one of 'expand', 'transition', 'contract'"),
        Case(
            "operations:\n  - create_table:\n      table: a\n      columns: {}\n",
            "4:16: 'columns' is empty; it needs at least one entry"),
        Case(
            "operations:\n  - create_table:\n      table: a\n      columns:\n        id: {type: int, primary_key: true, "
                + "nullable: true}\n        b: {type: int, primary_key: true}\n",
            "5:54: a primary key cannot be nullable; leave 'nullable' out",
            "6:9: a second column says 'primary_key: true'; for a key of several columns write "
                + "'primary_key: [id, b]' beside 'columns'"),
        Case(
            "operations:\n  - create_table: {table: a, columns: {name: {type: int}}, primary_key: [nam, name, name]}\n",
            "2:74: 'nam' is not a column of this table; did you mean 'name'?",
            "2:85: 'name' stands in the primary key more than once"),
        Case(
            "operations:\n  - create_table: {table: a, columns: {b: {type: int, references: {table: c, on_delete: "
                + "cascde}}}}\n",
            "2:89: 'on_delete' must be no_action, restrict, cascade, set_null or set_default, not 'cascde'; did you "
                + "mean 'cascade'?"),
        Case(
            "a: 1\na: 2\n", "1:1: the key 'a' stands more than once in one mapping; each key may stand once"),
        Case(
            "operations: [\n",
            "2:1: this is not YAML: while parsing a flow node, did not find expected node content"),
        Case("\tx: 1\n", "1:1: this is not YAML"),
        Case("a: b\n---\nc: d\n", "2:1: this is not YAML"),
        Case("? [a]\n: b\n", "1:3: a key must be a text, not a list or a mapping"),
        Case("a: *b\n", "1:4: this is not YAML: found undefined alias"),
    ]

    @Test("each is told with its place", arguments: cases)
    func told(_ example: Case) {
        let found = mistakes(example.text)
        #expect(found.count == example.mistakes.count, "\(found)")
        for (line, expected) in zip(found, example.mistakes) where !line.hasPrefix(expected) {
            #expect(line == expected)
        }
    }

    @Test("all mistakes of all files are told at once, in order")
    func atOnce() throws {
        let folder = try Folder([
            "0002_b.yaml": "operations:\n  - drop_index: {table: a}\n  - drop_indx: {}\n",
            "0001_a.json": #"{"operations": [{"drop_index": {"table": 1}}]}"#,
            "0001_a.yaml": "operations:\n  - drop_index: {table: a, name: b}\n",
            "README.md": "no migration",
            ".0003_hidden.yaml": "nor this",
        ])
        let problems = #expect(throws: FileProblems.self) { try folder.migrations() }
        let lines = problems?.description.replacing(folder.path + "/", with: "").components(separatedBy: "\n")
        #expect(
            lines == [
                "0001_a.json:1:18: drop_index needs 'name': the index's name",
                "0001_a.yaml: '0001_a.json' is the migration '0001_a' already; rename one of them",
                "0002_b.yaml:2:5: drop_index needs 'name': the index's name",
                "0002_b.yaml:3:5: unknown operation 'drop_indx'; did you mean 'drop_index'?",
            ])
    }

    @Test("a missing directory, a file in its place, a directory in a file's place")
    func notThere() throws {
        let folder = try Folder(["file": "x"])
        try folder.makeDirectory("0001_x.yaml")
        #expect(
            message { try MigrationDirectory(path: folder.path + "/no").read() }.contains("no such directory")
        )
        #expect(
            message { try MigrationDirectory(path: folder.path + "/file").read() }.contains("this is a file"))
        #expect(message { try folder.migrations() }.contains("0001_x.yaml: this is not a file"))
    }

    @Test("bytes that are not UTF-8 are told with their place")
    func notUTF8() {
        let text = Array("a: 1\nb: x".utf8) + [0xFF, 0x0A]
        let found = message { try MigrationFile(text, path: "m.yaml") }
        #expect(found == "m.yaml:2:5: this is not UTF-8 text")
    }

    @Test("aliases cannot blow a small file up")
    func laughs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text +=
                "a\(level): &a\(level) ["
                + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
        }
        #expect(mistakes(text).first?.contains("too many or too deeply nested values") == true)
        let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        #expect(mistakes(deep).first?.contains("too many or too deeply nested values") == true)
    }

    private func message<Result>(_ body: () throws -> Result) -> String {
        do {
            _ = try body()
            return ""
        } catch {
            return "\(error)"
        }
    }
}
