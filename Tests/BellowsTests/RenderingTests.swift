import MigrationCore
import MigrationEngine
import Testing

@testable import bellows

/// The pure functions behind what is shown.
@Suite("Rendering")
struct RenderingTests {
    @Test("words are wrapped by columns, and nothing is lost")
    func wrap() {
        #expect(wrapped("one two three four", width: 9) == ["one two", "three", "four"])
        #expect(wrapped("a\nb", width: 9) == ["a", "b"])
        #expect(wrapped("", width: 9) == [""])
        #expect(wrapped("unbreakable-word x", width: 5) == ["unbreakable-word", "x"])
        #expect(wrapped("犬犬 犬犬", width: 5) == ["犬犬", "犬犬"])
        #expect("犬🐕a".columns == 5)
        #expect("犬".padded(to: 4) == "犬  ")
    }

    @Test(
        "SQL is broken only at spaces outside of quotes",
        arguments: [
            "ALTER TABLE \"a  b\" ADD COLUMN \"select from where and or\" text DEFAULT 'it''s  a long, long text (or'",
            "SELECT count(*) FILTER (WHERE (`a b` COLLATE BINARY) IS NOT (`c` COLLATE BINARY)) FROM `main`.`t`",
            "UPDATE t SET a = 'unclosed",
            "SELECT 1 -- a comment that is longer than the width of the line and must not be broken at all",
            "  indented  with   spaces",
            "",
        ], [20, 40, 80])
    func breakSQL(_ sql: String, _ width: Int) {
        let lines = sqlLines(sql, width: width)
        let margin = sql.prefix { $0 == " " }
        let joined = lines.enumerated().map { index, line in
            index == 0 ? line : String(line.dropFirst(margin.count + 2))
        }.joined(separator: " ")
        #expect(joined == sql)
    }

    @Test("a line of SQL fits where it can")
    func fitSQL() {
        let sql =
            "SELECT count(*) FILTER (WHERE \"species\" IS DISTINCT FROM \"kind\") FROM \"public\".\"animals\";"
        #expect(
            sqlLines(sql, width: 78) == [
                "SELECT count(*) FILTER (WHERE \"species\" IS DISTINCT FROM \"kind\")",
                "  FROM \"public\".\"animals\";",
            ])
    }

    @Test("numbers and times")
    func numbers() {
        #expect(Words.number(1_234_567) == "1,234,567")
        #expect(Words.number(-1000) == "-1,000")
        #expect(Words.number(.min) == "-9,223,372,036,854,775,808")
        #expect(Words.count(1, "row") == "1 row")
        #expect(Words.duration(.milliseconds(40)) == "40 ms")
        #expect(Words.duration(.milliseconds(12_340)) == "12.3 s")
        #expect(Words.duration(.seconds(245)) == "4 min 5 s")
        #expect(Words.duration(.seconds(7200)) == "2 h")
        #expect(Words.duration(.seconds(3 * 86_400 + 4 * 3600)) == "3 days 4 h")
        #expect(Words.bytes(8192) == "8,192 bytes")
        #expect(Words.bytes(89 << 20) == "89 MB")
        #expect(Words.bytes(.max) == "8,589,934,591 GB")
        #expect(Words.shellQuoted("it's") == "'it'\\''s'")
        #expect(Words.shellQuoted("") == "''")
        #expect(Words.list(["a", "b", "c"]) == "a, b and c")
    }

    @Test("colour on a terminal only, and never with NO_COLOR")
    func colour() {
        #expect(Style(isTerminal: true, variables: [:]).usesColour)
        #expect(Style(isTerminal: true, variables: ["NO_COLOR": ""]).usesColour)
        #expect(!Style(isTerminal: true, variables: ["NO_COLOR": "1"]).usesColour)
        #expect(!Style(isTerminal: false, variables: [:]).usesColour)
        #expect(Style.plain("x", .red) == "x")
        #expect(Style(isTerminal: true, variables: [:])("x", .red) == "\u{1B}[31mx\u{1B}[0m")
    }

    @Test("control characters of a name do not reach the terminal")
    func control() {
        #expect("a\u{1B}[31mb\nc".onOneLine == "a␣[31mb␣c")
    }

    @Test("progress with rate and time left")
    func progress() {
        let progress = Progress(
            rowsDone: 1_200_000, rowsTotal: 3_000_000, fraction: 0.4, rowsPerSecond: 50_000,
            remaining: .seconds(36))
        let text = ProgressText(progress: progress)
        #expect(text.words == " 40%  1,200,000 rows, 50,000/s, 36.0 s left")
        #expect(text.bar(width: 90).columns <= 90)
        #expect(text.bar(width: 90).hasPrefix("━"))
        #expect(text.bar(width: 20) == text.words)
        let odd = Progress(
            rowsDone: 0, rowsTotal: nil, fraction: .nan, pass: 3, rowsPerSecond: 0, remaining: nil)
        #expect(ProgressText(progress: odd).words == "  0%  0 rows (pass 3)")
    }

    @Test(
        "secrets are taken out of messages",
        arguments: [
            "postgres://u:hunter2@h/d", "postgres://u@h/d?password=hunter2&x=1",
            "user=u password=hunter2 host=h",
            "postgres://u:hunter2%40x@h/d", "postgres://u:a/hunter2@h/d",
        ])
    func redact(_ location: String) {
        let redaction = Redaction(arguments: ["bellows", location], variables: [:])
        #expect(!redaction("cannot open \(location)").contains("hunter2"))
        #expect(!redaction("invalid port \"hunter2\"").contains("hunter2"))
        #expect(redaction("cannot open the database") == "cannot open the database")
        let variable = Redaction(arguments: [], variables: ["PGPASSWORD": "hunter2"])
        #expect(!variable("hunter2").contains("hunter2"))
    }

    @Test("JSON is sorted, and a missing value is null")
    func json() {
        struct Document: Encodable {
            var secondKey: Nullable<String> = Nullable(nil)
            var first: [String] = []
            var text = "a\n[\n]\"/é"
        }
        #expect(
            JSONDocument.text(Document()) == """
                {
                  "first" : [],
                  "second_key" : null,
                  "text" : "a\\n[\\n]\\"/é"
                }

                """)
    }

    @Test("the next number of a migration")
    func number() {
        #expect(NewCommand.number(after: []) == "0001")
        #expect(NewCommand.number(after: ["migrations/0009_a.yaml", "migrations/0002_b.yaml"]) == "0010")
        #expect(NewCommand.number(after: ["m/00041_a.json"]) == "00042")
        #expect(NewCommand.number(after: ["m/a.json"]) == "0001")
        #expect(NewCommand.number(after: ["m/9999_a.json"]) == "10000")
    }
}
