import Testing

@testable import DoubleWrite

@Suite struct NameTests {
    /// A cast to a type with a modifier cuts a value off in silence; a column never does.
    @Test(arguments: [
        ("text", "text"), ("varchar(5)", "varchar"), ("character varying(20)", "varchar"),
        ("numeric(10, 2)", "numeric"), ("char(3)", "bpchar"), ("character", "bpchar"), ("bit(8)", "varbit"),
        ("bit varying(8)", "varbit"), ("timestamp(0) with time zone", "timestamp with time zone"),
        ("interval day to second(3)", "interval"), ("varchar(5)[]", "varchar[]"), ("int[][]", "int[][]"),
        ("\"a (b)\".\"c\"(4)", "\"a (b)\".\"c\""), ("\"char\"", "\"char\""),
        ("geometry(Point, 4326)", "geometry"),
    ])
    func aParameterIsCastToTheTypeWithoutItsModifier(declared: String, cast: String) {
        #expect(parameterType(of: declared) == cast)
    }

    /// The engine and the applications each make these names by themselves, so they are pinned here.
    @Test func shortenedNamesAreTheSameForEverybody() {
        let families = String(repeating: "👩‍👩‍👧", count: 8)
        let marker = ChangeID("animals." + families).marker(generation: 12)
        #expect(marker == ChangeID("animals." + families).marker(generation: 12))
        #expect(marker.utf8.count <= 63)
        #expect(marker.utf8.count > 59, "cut between scalars, not between whole families")
        #expect(marker.hasSuffix("@12"))
        let plain = Dialect.postgres.shortened(String(repeating: "a", count: 70), suffix: "@1")
        #expect(plain == String(repeating: "a", count: 47) + "~" + plain.split(separator: "~")[1])
        #expect(plain.utf8.count == 63)
    }

    @Test func textsThatLookTheSameAreNot() {
        #expect("\u{e9}" == "e\u{301}")
        #expect(ExactText("\u{e9}") != ExactText("e\u{301}"))
        #expect(Set([ExactText("\u{e9}"), ExactText("e\u{301}")]).count == 2)
        #expect(Dialect.sqlite.quote("\u{1fef}").unicodeScalars.count == 3)
    }
}
