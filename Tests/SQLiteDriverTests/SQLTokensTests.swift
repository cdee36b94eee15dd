import MigrationCore
import TestSupport
import Testing

@Suite struct SQLTokensTests {
    @Test(arguments: [
        ("SELECT a FROM b", ["SELECT", "a", "FROM", "b"]),
        ("a--x\nb", ["a", "b"]),
        ("a/* 'b' */c", ["a", "c"]),
        ("a/*", ["a"]),
        ("/**/a/***/b", ["a", "b"]),
        ("'it''s' x'00' X'ff'", ["'it''s'", "x'00'", "X'ff'"]),
        ("\"a\"\"b\" `c``d` [e f]", ["\"a\"\"b\"", "`c``d`", "[e f]"]),
        ("'--' \"/*\"", ["'--'", "\"/*\""]),
        ("'open", ["'open"]),
        ("[open", ["[open"]),
        ("1.5e-3 .5 0x1F 1e5 12", ["1.5e-3", ".5", "0x1F", "1e5", "12"]),
        ("a.b", ["a", ".", "b"]),
        ("?1 :n @n $n ?", ["?1", ":n", "@n", "$n", "?"]),
        ("a<>-1", ["a", "<", ">", "-", "1"]),
        ("a-b", ["a", "-", "b"]),
        ("naïve 🐕", ["naïve", "🐕"]),
        ("x", ["x"]),
        ("", []),
        ("  \t\r\n\u{0C}", []),
        ("\u{FEFF}a", ["a"]),
    ])
    func tokensAreThoseOfSQLite(_ text: String, _ expected: [String]) {
        #expect(SQLTokens(text).map(\.text) == expected)
    }

    @Test func rangesAreWhereTheTokensStand() {
        let text = "ü `a b` -- c\n'd'"
        let utf8 = Array(text.utf8)
        for token in SQLTokens(text) {
            #expect(String(decoding: utf8[token.range], as: UTF8.self) == token.text)
        }
    }

    @Test(arguments: [
        ("plain", "plain"), ("\"a\"\"b\"", "a\"b"), ("`a``b`", "a`b"), ("[a\"b]", "a\"b"), ("\"\"", ""),
        ("``````", "``"),
    ])
    func namesLoseTheirQuotes(_ text: String, _ name: String) {
        #expect(SQLTokens(text).map(\.name) == [name])
    }

    @Test func stringsAreNoNames() {
        #expect(SQLTokens("'a' 1 ?1 ,").map(\.name) == [nil, nil, nil, nil])
        #expect(SQLTokens("'it''s'").map(\.unquoted) == ["it's"])
    }

    @Test func keywordsAreUnquoted() {
        let tokens = Array(SQLTokens("check \"check\""))
        #expect(tokens[0].isKeyword("CHECK"))
        #expect(!tokens[1].isKeyword("CHECK"))
    }

    @Test func onlyASCIILettersHaveACase() {
        #expect("ÄbC".asciiFolded == "Äbc")
    }

    @Test(arguments: HostileNames.all)
    func aHostileNameIsOneToken(_ name: String) {
        for mark in ["`", "\""] {
            let quoted =
                mark
                + name.split(separator: mark, omittingEmptySubsequences: false).joined(separator: mark + mark)
                + mark
            #expect(SQLTokens("(\(quoted),1)").map(\.text) == ["(", quoted, ",", "1", ")"])
            #expect(SQLTokens(quoted).map(\.name) == [name])
        }
    }
}
