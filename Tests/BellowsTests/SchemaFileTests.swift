import Foundation
import TestSupport
import Testing

/// Planning without a database, against the schema in a file.
@Suite("schema files") struct SchemaFileTests {
    /// A tool with a database in which the first migration is finished, and a snapshot of it.
    private func tool(_ database: Database) throws -> (tool: Tool, location: String) {
        let tool = try Tool(Files.both)
        let location = try database.location(tool)
        let applied = try tool.run([
            "apply", "0001_animals", "--database", location, "--no-writers", "--through", "contract",
        ])
        #expect(applied.code == 0, "\(applied.complaint)")
        try database.query(location, "CREATE INDEX animals_kind ON animals (kind, name)")
        try snapshot(tool, location)
        return (tool, location)
    }

    private func snapshot(_ tool: Tool, _ location: String) throws {
        let schema = try tool("schema", "--database", location)
        #expect(schema.code == 0, "\(schema.complaint)")
        try tool.folder.write(schema.output, to: "schema.json")
    }

    @Test("the plan from a snapshot is the plan against the database", arguments: Database.allCases)
    func sameAsTheDatabase(_ database: Database) throws {
        let (tool, location) = try tool(database)
        let offline = try tool("plan", "--schema", "schema.json", "--format", "sql")
        #expect(offline.code == 0, "\(offline.complaint)")
        #expect(offline.output == (try tool("plan", "--database", location, "--format", "sql").output))
        #expect(offline.output.contains("animals_kind"))
        let text = try tool("plan", "--schema", "schema.json").output
        #expect(text.hasPrefix(Files.name) && text.contains("against the schema in schema.json"), "\(text)")
        let check = try tool("check", "--schema", "schema.json")
        #expect(check.code == 0 && check.output.hasPrefix("\(Files.name): checked: "), "\(check)")
    }

    @Test("a snapshot says what is finished and what is in flight", arguments: Database.allCases)
    func knowsTheState(_ database: Database) throws {
        let (tool, location) = try tool(database)
        _ = try tool("apply", "--database", location, "--no-writers", "--through", "expand")
        try snapshot(tool, location)
        let open = try tool("plan", "--schema", "schema.json")
        #expect(open.code == 0 && open.output.contains("nothing to plan"))
        #expect(open.complaint.contains("'\(Files.name)' is in flight in the schema 'schema.json'"))
        _ = try tool("apply", "--database", location, "--no-writers", "--through", "contract", "--soak", "0s")
        try snapshot(tool, location)
        let over = try tool("plan", "--schema", "schema.json")
        #expect(over.complaint.isEmpty && over.output.contains("nothing to plan"), "\(over)")
        // The same column once more: the change of that name is over.
        try tool.folder.write(
            "operations: [{ rename_column: { table: animals, from: species, to: kind } }]\n",
            to: "migrations/0003_back.yaml")
        #expect(
            try tool("plan", "--schema", "schema.json", "--format", "sql").output
                == tool("plan", "--database", location, "--format", "sql").output)
    }

    @Test("two snapshots of one database are the same text", arguments: Database.allCases)
    func isStable(_ database: Database) throws {
        let (tool, location) = try tool(database)
        let again = try tool("schema", "--database", location).output
        #expect(again == (try tool.folder.read("schema.json")))
    }

    @Test("SQL is the schema before the migrations that are named")
    func sql() throws {
        let (tool, location) = try tool(.sqlite)
        let dump = try Database.sqlite.query(
            location, "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL")
        // As SQLite's shell shows it, with the tables that nobody may make.
        try tool.folder.write(
            (dump + ["CREATE TABLE sqlite_sequence(name,seq);"]).joined(separator: "\n"), to: "schema.sql")
        let plan = try tool(
            "plan", Files.name, "--dialect", "sqlite", "--schema", "schema.sql", "--format", "sql")
        #expect(plan.code == 0, "\(plan.complaint)")
        #expect(plan.output == (try tool("plan", "--database", location, "--format", "sql").output))
        let all = try tool("plan", "--dialect", "sqlite", "--schema", "schema.sql")
        #expect(all.code == 1 && all.complaint.contains("already"), "\(all.complaint)")
    }

    @Test("what pg_dump writes is read")
    func dump() throws {
        let (tool, location) = try tool(.postgres)
        let pgDump = try ThrowAwayPostgres.shared.programs + "/pg_dump"
        let dumped = try ChildProcess.run(
            pgDump, ["--schema-only", "--no-owner", "--no-privileges", "--exclude-schema=bellows", location],
            environment: [:], currentFolder: tool.folder.path)
        #expect(dumped.status == 0, "\(dumped.standardError)")
        try tool.folder.write(dumped.standardOutput, to: "schema.sql")
        let plan = try tool(
            "plan", Files.name, "--dialect", "postgres", "--schema", "schema.sql", "--format", "sql")
        #expect(plan.code == 0, "\(plan.complaint)")
        #expect(plan.output == (try tool("plan", "--database", location, "--format", "sql").output))
    }

    @Test("releases are walked from the schema in a file")
    func releases() throws {
        let (tool, _) = try tool(.sqlite)
        try tool.folder.write(
            "releases: [{ name: 41, reads: { table: animals, columns: kind } }]\n", to: "bellows.yaml")
        let check = try tool("check", "--schema", "schema.json")
        #expect(check.code == 1 && check.output.contains("the release '41' breaks"), "\(check)")
    }

    @Test("every mistake is told, with what to do")
    func mistakes() throws {
        let (tool, location) = try tool(.sqlite)
        let snapshot = try tool.folder.read("schema.json")
        try tool.folder.write(
            snapshot.replacing("\"version\" : 1", with: "\"version\" : 2"), to: "newer.json")
        try tool.folder.write(snapshot.replacing("\"isNullable\"", with: "\"isNulable\""), to: "edited.json")
        try tool.folder.write("{}", to: "empty.json")
        try tool.folder.write("CREATE TABLE animals (id INTEGER PRIMARY KEY,);", to: "wrong.sql")
        let mistakes: [([String], Int32, String)] = [
            (["--schema", "no.json"], 2, "cannot read the schema 'no.json'"),
            (["--schema", "wrong.sql"], 2, "--dialect postgres or --dialect sqlite"),
            (
                ["--schema", "schema.json", "--dialect", "postgres"], 2,
                "is of SQLite, and --dialect says postgres"
            ),
            (["--schema", "schema.json", "--database", location], 2, "give one of them"),
            (["--schema", "newer.json"], 1, "is a snapshot of version 2, and this is for version 1"),
            (["--schema", "edited.json"], 1, "write it anew"),
            (
                ["--schema", "empty.json"], 1,
                "is neither SQL nor a snapshot that 'bellows schema' has written"
            ),
            (["--schema", "wrong.sql", "--dialect", "sqlite"], 1, "cannot make the schema: "),
        ]
        for command in ["plan", "check"] {
            for (arguments, code, words) in mistakes {
                let result = try tool.run([command] + arguments)
                #expect(result.code == code && result.complaint.contains(words), "\(arguments): \(result)")
            }
        }
        #expect(try tool("schema").complaint.contains("no database is named"))
    }
}
