import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// What the database itself is asked about the user's SQL before anything runs.
@Suite struct ProbeTests {
    /// A pair of expressions, and a word of what is said of them.
    struct Case: Sendable, CustomTestStringConvertible {
        var dialects = Dialect.allCases
        var type = PerDialect("text")
        var up: PerDialect = "n"
        var down: PerDialect = "m"
        var place: String
        var words: String

        var testDescription: String { "\(type) \(up) \(down)" }
    }

    static let bad: [Case] = [
        Case(dialects: [.postgres], type: "txet", place: "type", words: "txet"),
        Case(up: "n ||", place: "up", words: ""),
        Case(up: "m || n", place: "up", words: "m"),
        Case(up: "other || n", place: "up", words: "other"),
        Case(dialects: [.postgres], up: "ctid::text || n", place: "up", words: ""),
        Case(down: "n || m", place: "down", words: "n"),
        Case(down: "(SELECT max(m) FROM t)", place: "down", words: ""),
        Case(down: "max(m)", place: "down", words: ""),
        Case(up: "CAST(random() AS text) || n", place: "up", words: ""),
        Case(dialects: [.postgres], up: "concat_ws(' ', n, 'x')", place: "up", words: "IMMUTABLE"),
        Case(dialects: [.postgres], up: "to_char(n::integer, '9')", place: "up", words: "IMMUTABLE"),
        Case(dialects: [.postgres], type: "date", up: "n::date", place: "up", words: "IMMUTABLE"),
        Case(
            dialects: [.postgres], type: "timestamptz", up: "'2020-01-01'::timestamp::timestamptz",
            place: "up", words: "IMMUTABLE"),
        Case(dialects: [.postgres], up: "now()::text", place: "up", words: "IMMUTABLE"),
        Case(down: "CAST(random() AS text) || m", place: "down", words: ""),
        Case(dialects: [.postgres], down: "to_char(m::integer, '9')", place: "down", words: "IMMUTABLE"),
        Case(
            dialects: [.postgres], down: "current_setting('TimeZone') || m", place: "down", words: "IMMUTABLE"
        ),
        Case(dialects: [.sqlite], down: "date(m, 'localtime')", place: "down", words: "time zone"),
        Case(dialects: [.sqlite], up: "date('now') || n", place: "up", words: "clock"),
        Case(dialects: [.sqlite], up: "date(n, 'localtime')", place: "up", words: "time zone"),
        Case(dialects: [.sqlite], up: "datetime()", place: "up", words: "non-deterministic"),
        Case(dialects: [.sqlite], up: "CURRENT_TIMESTAMP || n", place: "up", words: ""),
        Case(dialects: [.sqlite], up: "nosuch(n)", place: "up", words: "nosuch"),
        Case(dialects: [.sqlite], up: "\"n o\" || n", place: "up", words: "n o"),
        Case(up: "n), (n", place: "up", words: "parenthesis"),
        Case(up: "n; SELECT 1", place: "up", words: "semicolon"),
        Case(up: "$1", place: "up", words: "parameter"),
    ]

    private func source(_ example: Case) throws -> MigrationSource {
        try MigrationSource(
            "0002_shape",
            .changeColumn(
                ChangeColumn(
                    table: "t", from: "n", to: "m", type: example.type, up: example.up, down: example.down)))
    }

    private func scratch(_ dialect: Dialect) throws -> Scratch {
        let scratch = try Scratch(dialect)
        try scratch.run("CREATE TABLE t (id integer PRIMARY KEY, n text, other text)")
        return scratch
    }

    @Test func whatIsRefused() throws {
        for dialect in Dialect.allCases {
            let scratch = try scratch(dialect)
            let before = try scratch.fingerprint()
            for example in Self.bad where example.dialects.contains(dialect) {
                let source = try source(example)
                for verb in ["plan", "apply"] {
                    let error = #expect(throws: EngineError.self, "\(dialect) \(example.testDescription)") {
                        let engine = try scratch.engine(.alone)
                        defer { engine.close() }
                        if verb == "plan" {
                            _ = try engine.plans([source])
                        } else {
                            _ = try engine.apply([source], through: .contract)
                        }
                    }
                    guard case .planning(let problems)? = error?.reason else {
                        Issue.record("\(dialect) \(example.testDescription): \(String(describing: error))")
                        continue
                    }
                    let place = "operations[0].change_column.\(example.place)"
                    let isTold = problems.contains { $0.path == place && $0.message.contains(example.words) }
                    #expect(isTold, "\(dialect) \(problems)")
                }
            }
            #expect(try scratch.fingerprint() == before)
        }
    }

    static let good: [Case] = [
        Case(place: "", words: ""),
        Case(up: "upper(n) -- n", down: "/* m */ lower(m)", place: "", words: ""),
        Case(
            dialects: [.postgres], type: "json", up: "n::json", down: "m::text", place: "",
            words: ""),
        Case(dialects: [.postgres], type: "xml", up: "NULL::xml", down: "''", place: "", words: ""),
        Case(
            dialects: [.postgres], type: "varchar(5)[]", up: "string_to_array(n, ',')", down: "m[1]",
            place: "", words: ""),
        Case(dialects: [.sqlite], up: "date(n, '+1 day')", place: "", words: ""),
        Case(dialects: [.sqlite], up: "json_extract(n, '$.a')", place: "", words: ""),
    ]

    @Test func whatIsNot() throws {
        for dialect in Dialect.allCases {
            let scratch = try scratch(dialect)
            for example in Self.good where example.dialects.contains(dialect) {
                let plans = try scratch.engine().plans([try source(example)])
                #expect(plans.count == 1)
                #expect(plans.allSatisfy { !$0.probes.isEmpty })
            }
            #expect(try scratch.run("SELECT count(*) FROM t").scalar == .integer(0))
        }
    }

    /// A type that an earlier file makes is not there yet.
    @Test func aTypeThatAnEarlierMigrationMakes() throws {
        let scratch = try scratch(.postgres)
        let sources = [
            try MigrationSource("0001", .sql(RawSQL(expand: ["CREATE TYPE mood AS ENUM ('good', 'bad')"]))),
            try MigrationSource(
                "0002",
                .changeColumn(
                    ChangeColumn(
                        table: "t", from: "n", to: "m", type: "mood",
                        up: "CASE n WHEN 'a' THEN 'good'::mood END",
                        down: "CASE m WHEN 'good' THEN 'a' END"))),
        ]
        #expect(try scratch.engine().plans(sources).count == 2)
        let report = try scratch.engine(.alone).apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished, .finished])
    }

    /// A file that nobody may write is asked as well.
    @Test func aDatabaseThatIsNotThere() throws {
        let folder = try TemporaryFolder()
        let engine = try Engine(
            .sqlite(path: folder.file("none.db")), settings: .test, observer: SilentObserver())
        let sources = [
            try MigrationSource(
                "0001",
                .createTable(CreateTable(table: "t", columns: [ColumnDefinition(name: "n", type: "text")]))),
            try source(Case(up: "random()", place: "", words: "")),
        ]
        #expect(throws: EngineError.self) { _ = try engine.plans(sources) }
    }
}
