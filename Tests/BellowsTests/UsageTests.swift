import Foundation
import TestSupport
import Testing

/// What the tool says to a misuse, and the exit codes that scripts depend on.
@Suite("Usage")
struct UsageTests {
    @Test(
        "a misuse is told on standard error and leaves with code 2",
        arguments: [
            (["plna"], "unknown command 'plna'; did you mean 'plan'?"),
            (["plan", "--dialekt", "sqlite"], "Unknown option '--dialekt'"),
            (["plan", "--dialect", "oracle"], "'oracle'"),
            (["plan", "--format", "xml"], "'xml'"),
            (["apply", "--through", "double-write"], "'double-write'"),
            (["apply", "--soak", "soon"], "'soon'"),
            (["apply", "--lock-attempts", "0"], "--lock-attempts must be from 1 to 10000"),
            (
                ["apply", "--database", "sqlite:x.db", "--direct-database", "sqlite:y.db"],
                "--direct-database is for PostgreSQL behind a pooler"
            ),
            (["attest"], "Missing expected argument '<application>'"),
            (["attest", "app", "--as", "nothing"], "'nothing'"),
            (["plan"], "no database is named"),
            (["status"], "no database is named"),
            (["status", "--database", "shelter"], "the database's location has no form that is known"),
            (["status", "--database", ""], "no database is named"),
            (["plan", "--dialect", "sqlite", "--database", "sqlite:x"], "give one of them"),
            (["plan", "--dialect", "sqlite", "0002"], "no migration is called '0002'"),
            (
                ["plan", "--dialect", "sqlite", "0001_animal"],
                "no migration is called '0001_animal'; did you mean '0001_animals'?"
            ),
            (["status", "--environment", "test"], "there is no bellows.yaml here"),
            (["new", "x", "--operation", "rename_colum"], "did you mean 'rename_column'?"),
            (["new", "a/b"], "does not make a file name"),
            (["verify", "--database", "sqlite:x.db", "0001_animal"], "no migration is called '0001_animal'"),
            (["attest", "ap", "--database", "sqlite:x.db"], "did you mean 'app'?"),
            (["rollback", "--database", "sqlite:x.db"], "nothing to roll back"),
        ])
    func misuse(_ arguments: [String], _ expected: String) throws {
        let tool = try Tool(Files.both)
        let result = try tool.run(arguments)
        #expect(result.code == 2)
        #expect(result.output.isEmpty)
        #expect(result.complaint.hasPrefix("bellows: "))
        #expect(result.complaint.contains(expected), "\(result.complaint)")
    }

    @Test("a migration may be named by its file")
    func byFile() throws {
        let tool = try Tool(Files.both)
        let byName = try tool("plan", "--dialect", "sqlite", "0001_animals")
        #expect(byName.code == 0)
        #expect(byName.output.contains("0001_animals"))
        for file in ["migrations/0001_animals.yaml", "0001_animals.yaml"] {
            #expect(try tool("plan", "--dialect", "sqlite", file).output == byName.output)
        }
        let wrong = try tool("plan", "--dialect", "sqlite", "migrations/0001_animal.yaml")
        #expect(
            wrong.complaint.contains("no migration is called '0001_animal'; did you mean '0001_animals'?"))
    }

    @Test("a folder that has migrations is told what to do next")
    func nextAfterInit() throws {
        #expect(try Tool(Files.both)("init").output.contains("'bellows plan' shows"))
        #expect(try Tool()("init").output.contains("'bellows new NAME'"))
    }

    @Test("help and version are answers")
    func help() throws {
        let tool = try Tool()
        for arguments in [["--help"], ["help", "plan"], ["plan", "--help"], [], ["--version"]] {
            let result = try tool.run(arguments)
            #expect(result.code == 0)
            #expect(result.complaint.isEmpty)
            #expect(!result.output.isEmpty)
        }
    }

    @Test("init makes a project, and never writes over one")
    func initialise() throws {
        let tool = try Tool()
        #expect(try tool("init", "--database", "sqlite:it's a file.db").code == 0)
        let again = try tool("init")
        #expect(again.code == 1)
        #expect(again.complaint == "bellows: 'bellows.yaml' is there already; nothing was written\n")
        let new = try tool("new", "animals kind to species")
        #expect(new.output == "wrote migrations/0001_animals_kind_to_species.yaml\n")
        #expect(try tool("new", "more", "--operation", "sql").output == "wrote migrations/0002_more.yaml\n")
        let plan = try tool("plan")
        #expect(plan.code == 1)
        #expect(
            plan.complaint.contains("migrations/0001_animals_kind_to_species.yaml:5:14: "),
            "\(plan.complaint)")
        #expect(try tool("status").code != 2)
    }

    @Test("init keeps a password out of the file")
    func noPassword() throws {
        let tool = try Tool()
        let result = try tool("init", "--database", "postgres://u:s3cret@h/d")
        #expect(result.code == 2)
        #expect(!result.complaint.contains("s3cret"))
        #expect(!FileManager.default.fileExists(atPath: tool.folder.file("bellows.yaml")))
    }

    @Test("settings come from the options, then the file, then the environment")
    func precedence() throws {
        var tool = try Tool(Files.both)
        tool.variables["DATABASE_URL"] = "sqlite:variable.db"
        #expect(try tool("plan").output.contains("sqlite:variable.db"))
        try tool.folder.write(
            """
            database: sqlite:file.db
            environments: { test: { database: "sqlite:${NAME}.db" } }
            """, to: "bellows.yaml")
        #expect(try tool("plan").output.contains("sqlite:file.db"))
        let unset = try tool("plan", "--environment", "test")
        #expect(unset.code == 1)
        #expect(
            unset.complaint.hasPrefix(
                "bellows: bellows.yaml:2:35: the environment variable 'NAME' is not set"))
        tool.variables["NAME"] = "named"
        #expect(try tool("plan", "--environment", "test").output.contains("sqlite:named.db"))
        #expect(try tool("plan", "--database", "sqlite:option.db").output.contains("sqlite:option.db"))
        let unknown = try tool("plan", "--environment", "tset")
        #expect(unknown.complaint.contains("no environment 'tset'; did you mean 'test'?"))
    }
}
