import MigrationFiles
import Testing

@Suite("bellows.yaml")
struct ConfigurationTests {
    static let text = """
        database: ${BASE}/shelter   # expanded
        direct_database: ${BASE}/direct
        migrations: db/migrations
        applications: [api, 1]
        lease: 30s
        soak: 24h
        lock_timeout: 500ms
        environments: { production: { soak: 7d }, test: { soak: 0s, database: "sqlite:t.db" } }
        """

    private func configuration(_ text: String, _ environment: String? = nil) throws(FileProblems)
        -> Configuration
    {
        let folder: Folder
        do { folder = try Folder(["bellows.yaml": text]) } catch {
            throw FileProblems([FileProblem(path: "", message: "\(error)")])
        }
        return try Configuration(path: folder.path + "/bellows.yaml", environment: environment)
    }

    @Test("everything it may say")
    func everything() throws {
        let read = try configuration(Self.text)
        #expect(try read.database?.expanded(["BASE": "postgres://h"]) == "postgres://h/shelter")
        #expect(try read.directDatabase?.expanded(["BASE": "postgres://h"]) == "postgres://h/direct")
        #expect(try read.migrations?.expanded([:]) == "db/migrations")
        #expect(read.applications == ["api", "1"])
        #expect(read.lease == .seconds(30))
        #expect(read.soak == .seconds(86_400))
        #expect(read.lockTimeout == .milliseconds(500))
    }

    @Test("an environment replaces what it names")
    func environments() throws {
        let test = try configuration(Self.text, "test")
        #expect(test.soak == .zero)
        #expect(test.database?.text == "sqlite:t.db")
        #expect(test.lease == .seconds(30))
        let unknown = #expect(throws: FileProblems.self) { try configuration(Self.text, "prodution") }
        #expect(
            unknown?.description.contains("no environment 'prodution'; did you mean 'production'?") == true)
    }

    @Test("an empty file says nothing")
    func empty() throws {
        #expect(try configuration("") == Configuration())
        #expect(throws: FileProblems.self) { try configuration("", "test") }
    }

    @Test("variables: unset, unfinished, escaped")
    func variables() throws {
        let unset = try configuration("x_: 1".replacing("x_: 1", with: "database: a${PASS}b"))
        let problem = #expect(throws: FileProblem.self) { try unset.database?.expanded([:]) }
        #expect(problem?.message == "the environment variable 'PASS' is not set")
        #expect(problem?.position == SourcePosition(line: 1, column: 11))
        #expect(try unset.database?.expanded(["PASS": "$x${y}"]) == "a$x${y}b")
        #expect(throws: FileProblem.self) { try configuration("database: a${PASS").database?.expanded([:]) }
        #expect(try configuration("database: a$${PASS}$").database?.expanded([:]) == "a${PASS}$")
    }

    @Test(
        "mistakes",
        arguments: [
            ("databse: x", "1:1: unknown key 'databse' in bellows.yaml; did you mean 'database'?"),
            (
                "soak: 3 weeks",
                "1:7: 'soak' must be a duration such as 500ms, 30s, 2m, 24h or 7d, not '3 weeks'"
            ),
            ("soak: 99999999999d", "1:7: 'soak' must be a duration"),
            ("applications: api", "1:15: 'applications' must be a list, not 'api'"),
            (
                "environments: {a: {lese: 1s}}",
                "1:20: unknown key 'lese' in an environment; did you mean 'lease'?"
            ),
        ])
    func mistakes(_ text: String, _ expected: String) {
        let problems = #expect(throws: FileProblems.self) { try configuration(text) }
        let lines = problems?.problems.map(\.description) ?? []
        #expect(lines.count == 1)
        #expect(lines.first?.contains("bellows.yaml:" + expected) == true, "\(lines)")
    }

    @Test("durations")
    func durations() {
        for (text, duration) in [
            ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("2m", .seconds(120)),
            ("24h", .seconds(86_400)), ("7d", .seconds(7 * 86_400)), ("0s", .zero),
        ] {
            #expect(DurationText.duration(text) == duration)
        }
        for text in ["", "1", "s", "-1s", "1.5s", "1 s", "1w", "1S", "١s", "999999999999d"] {
            #expect(DurationText.duration(text) == nil, "\(text)")
        }
        #expect(DurationText.text(.seconds(86_400)) == "1d")
        #expect(DurationText.text(.seconds(90)) == "90s")
        #expect(DurationText.text(.milliseconds(1500)) == "1500ms")
        #expect(DurationText.text(.zero) == "0s")
    }
}
