import DoubleWrite
import Foundation
import PostgresDriver
import SQLiteDriver
import TestSupport
import Testing

/// Bad input gets one clear error, and changes nothing.
@Suite("Bad input")
struct BadInputTests {
    /// Applies a file after `0001_animals`, and expects one complaint and an unchanged schema.
    private func refused(
        _ database: Database, _ files: [String: String], code: Int32 = 1, _ words: String...
    ) throws {
        var tool = try Tool(["migrations/0001_animals.yaml": Files.animals])
        let location = try database.location(tool)
        tool.variables["DATABASE_URL"] = location
        #expect(try tool("apply").code == 0)
        for (name, text) in files { try tool.folder.write(text, to: "migrations/" + name) }
        for command in [["plan"], ["apply", "--no-writers", "--through", "contract"]] {
            let result = try tool.run(command)
            #expect(result.code == code, "\(result.output)\(result.complaint)")
            for word in words { #expect(result.complaint.contains(word), "\(result.complaint)") }
            #expect(result.complaint.hasPrefix("bellows: "))
        }
        #expect(try database.columns(location, of: "animals") == ["id", "name", "kind"])
    }

    @Test("an unknown operation", arguments: Database.allCases)
    func unknownOperation(_ database: Database) throws {
        try refused(
            database,
            ["0002_x.yaml": "operations:\n  - rename_colum: { table: animals, from: kind, to: species }\n"],
            "migrations/0002_x.yaml:2:5: unknown operation 'rename_colum'; did you mean 'rename_column'?")
    }

    @Test("a misspelt table and a misspelt column", arguments: Database.allCases)
    func misspelt(_ database: Database) throws {
        try refused(
            database, ["0002_x.yaml": Files.rename.replacing("animals,", with: "animlas,")],
            "migrations/0002_x.yaml:3:29: ", "'animlas'", "did you mean 'animals'?")
        try refused(
            database, ["0002_x.yaml": Files.rename.replacing("kind,", with: "knid,")],
            "migrations/0002_x.yaml:3:44: ", "'knid'", "did you mean 'kind'?")
    }

    @Test("SQL that the database cannot read, at its place in the file", arguments: Database.allCases)
    func unreadableSQL(_ database: Database) throws {
        // The operation, the SQL in it that is pointed at, and a word of the complaint.
        let cases: [(String, String, String)] = [
            ("add_check: { table: animals, name: c, check: {} }", "\"knid <> ''\"", "knid"),
            ("add_check: { table: animals, name: c, check: {} }", "\"kind >\"", "syntax"),
            ("set_default: { table: animals, column: kind, default: {} }", "\"name || 'x'\"", "default"),
            ("add_column: { table: animals, column: age, type: integer, check: {} }", "\"aeg > 0\"", "aeg"),
            (
                "create_index: { table: animals, name: i, columns: [{ expression: {} }] }", "lower(knid)",
                "knid"
            ),
            ("create_index: { table: animals, name: i, columns: [kind], where: {} }", "\"knid = 1\"", "knid"),
            (
                "change_column: { table: animals, from: kind, to: sort, up: {}, down: sort, default: \"''\" }",
                "upper(knid)", "knid"
            ),
            (
                "change_column: { table: animals, from: kind, to: sort, up: {}, down: sort, default: \"''\" }",
                "\"upper(kind\"", "parenthesis"
            ),
        ]
        for (operation, sql, word) in cases {
            let line = "  - " + operation.replacing("{}", with: sql)
            let place = try #require(line.firstRange(of: sql)).lowerBound.utf16Offset(in: line) + 1
            try refused(
                database, ["0002_x.yaml": "description: x\noperations:\n\(line)\n"],
                "migrations/0002_x.yaml:3:\(place): ", word)
        }
    }

    @Test("a file that is not YAML", arguments: Database.allCases)
    func notYAML(_ database: Database) throws {
        try refused(
            database, ["0002_x.yaml": "operations: [\n"], "migrations/0002_x.yaml:2:1: this is not YAML")
    }

    @Test("two migrations on one column", arguments: Database.allCases)
    func twoOnOne(_ database: Database) throws {
        try refused(
            database,
            [
                "0002_x.yaml": Files.rename,
                "0003_y.yaml": Files.rename.replacing("to: species", with: "to: sort"),
            ],
            "0003_y.yaml:3:44: ", "'0002_x'", "'kind'")
    }

    @Test("an unreachable server")
    func unreachable() throws {
        let tool = try Tool(Files.both)
        let result = try tool("apply", "--database", "postgres://nobody@127.0.0.1:1/nothing")
        #expect(result.code == 1)
        #expect(result.complaint.hasPrefix("bellows: cannot open postgres://nobody@127.0.0.1:1/nothing"))
        #expect(result.output.isEmpty)
    }

    @Test("a wrong password is never printed")
    func password() throws {
        let server = try ThrowAwayPostgres.shared
        let database = try server.makeDatabase()
        let name = try PostgresConnection(database).database
        try server.makeRole(named: "guarded", password: "the-right-0ne")
        let wrong = server.location(database: name, user: "guarded", password: "wr0ng/s3cret")
        var tool = try Tool(Files.both)
        let locations = [
            wrong, "postgres://guarded:wr0ng/s3cret@127.0.0.1:1/x",
            "postgres://guarded:wr0ng%2Fs3cret@127.0.0.1:1/x",
            "host=127.0.0.1 port=1 user=guarded password=wr0ng/s3cret", "postgres//guarded:wr0ng/s3cret@h/x",
        ]
        for location in locations {
            for variable in [false, true] {
                tool.variables["DATABASE_URL"] = variable ? location : nil
                for command in [["apply"], ["plan"], ["status", "extra"], ["plan", location], ["init"]] {
                    let result = try tool.run(command + (variable ? [] : ["--database", location]))
                    for secret in ["wr0ng", "s3cret"] {
                        #expect(!result.output.contains(secret), "\(command): \(result.output)")
                        #expect(!result.complaint.contains(secret), "\(command): \(result.complaint)")
                    }
                }
            }
        }
        tool.variables["DATABASE_URL"] = wrong
        let refused = try tool("apply")
        #expect(refused.code == 1)
        #expect(refused.complaint.contains("password authentication failed"), "\(refused.complaint)")
    }

    @Test("a read-only database", arguments: Database.allCases)
    func readOnly(_ database: Database) throws {
        var tool = try Tool(Files.both)
        let location = try database.location(tool)
        tool.variables["DATABASE_URL"] = location
        try database.query(location, "CREATE TABLE other (id int)")
        switch database {
        case .sqlite:
            // A write version of 3 makes every SQLite take the file as read-only, also for root
            // (https://www.sqlite.org/fileformat.html#file_format_version_numbers).
            let file = try #require(FileHandle(forUpdatingAtPath: tool.folder.file("shelter.db")))
            try file.seek(toOffset: 18)
            try file.write(contentsOf: Data([3]))
            try file.close()
        case .postgres:
            let name = try PostgresConnection(location).database
            try database.query(location, "ALTER DATABASE \"\(name)\" SET default_transaction_read_only = on")
        }
        let result = try tool("apply")
        #expect(result.code == 1)
        #expect(
            result.complaint.contains("read-only") || result.complaint.contains("readonly"),
            "\(result.complaint)")
        #expect(try tool("plan").code == 0)
    }

    @Test("a database that another process has locked", arguments: Database.allCases)
    func locked(_ database: Database) throws {
        var tool = try Tool([
            "migrations/0001_animals.yaml": Files.animals,
            "migrations/0002_weight.yaml":
                "operations: [{add_column: {table: animals, column: weight, type: real}}]",
        ])
        let location = try database.location(tool)
        tool.variables["DATABASE_URL"] = location
        #expect(try tool("apply", "0001_animals").code == 0)
        let result: Tool.Result
        switch database {
        case .sqlite:
            let holder = try SQLiteConnection(path: tool.folder.file("shelter.db"))
            try holder.execute("BEGIN EXCLUSIVE")
            result = try tool("apply", "--lock-timeout", "10ms", "--lock-attempts", "3")
            try holder.execute("COMMIT")
        case .postgres:
            let holder = try PostgresConnection(location)
            _ = try holder.execute("BEGIN; LOCK TABLE animals IN ACCESS SHARE MODE")
            result = try tool("apply", "--lock-timeout", "10ms", "--lock-attempts", "3")
            _ = try holder.execute("COMMIT")
            #expect(result.complaint.contains("process \(holder.backendID)"), "\(result.complaint)")
        }
        #expect(result.code == 5, "\(result.output)\(result.complaint)")
        #expect(try database.columns(location, of: "animals") == ["id", "name", "kind"])
        #expect(try tool("apply").code == 0)
        #expect(try database.columns(location, of: "animals") == ["id", "name", "kind", "weight"])
    }

    @Test("a transaction that is left open holds the flip, and is named")
    func openTransaction() throws {
        var tool = try Tool(Files.both)
        let location = try Database.postgres.location(tool)
        tool.variables["DATABASE_URL"] = location
        #expect(try tool("apply", "0001_animals").code == 0)
        #expect(try tool("attest", "app").code == 0)
        let holder = try PostgresConnection(location, applicationName: "sleeper")
        _ = try holder.execute("BEGIN; SELECT 1")
        let held = try tool("apply", "--wait", "0s")
        #expect(held.code == 3)
        #expect(held.output.contains("process \(holder.backendID)"), "\(held.output)")
        #expect(held.output.contains("sleeper"))
        #expect(held.output.contains("bellows apply \(Files.name)\n"))
        _ = try holder.execute("COMMIT")
        #expect(try tool("apply").code == 0)
    }

    @Test("an identifier of 64 bytes: too long for PostgreSQL, fine in SQLite", arguments: Database.allCases)
    func longName(_ database: Database) throws {
        let name = String(repeating: "n", count: 64)
        let file = Files.rename.replacing("to: species", with: "to: \(name)")
        if database == .postgres {
            return try refused(
                database, ["0002_x.yaml": file], "migrations/0002_x.yaml:3:54: ", "64 bytes", "63")
        }
        var tool = try Tool(["migrations/0001_animals.yaml": Files.animals, "migrations/0002_x.yaml": file])
        let location = try database.location(tool)
        tool.variables["DATABASE_URL"] = location
        #expect(try tool("apply", "--no-writers", "--through", "contract").code == 0)
        #expect(try database.columns(location, of: "animals") == ["id", "name", name])
    }

    @Test("hostile names work from the file to the database", arguments: Database.allCases)
    func hostile(_ database: Database) throws {
        let names = HostileNames.all
        var files: [String: String] = [:]
        for (index, name) in names.enumerated() {
            // The longest ones leave no room for a suffix, so each is renamed to the one after it.
            let next = names[(index + 1) % names.count]
            let create: [String: Any] = [
                "table": name,
                "columns": ["id": ["type": "int", "primary_key": true], name: ["type": "text"]],
            ]
            let rename = ["table": name, "from": name, "to": next]
            let number = String(100 + index)
            files["migrations/\(number)_a.json"] = try json(["operations": [["create_table": create]]])
            files["migrations/\(number)_b.json"] = try json(["operations": [["rename_column": rename]]])
        }
        var tool = try Tool(files)
        let location = try database.location(tool)
        tool.variables["DATABASE_URL"] = location
        let result = try tool("apply", "--no-writers", "--through", "contract")
        #expect(result.code == 0, "\(result.complaint)")
        for (index, name) in names.enumerated() {
            let next = names[(index + 1) % names.count]
            let columns = try columns(database, location, of: name)
            #expect(columns == ["id", next], "\(name)")
        }
        #expect(try tool("status").code == 0)
    }

    private func columns(_ database: Database, _ location: String, of table: String) throws -> [String] {
        switch database {
        case .sqlite:
            try SQLiteConnection(path: String(location.dropFirst(7)))
                .query("SELECT name FROM pragma_table_info(?1)", [.text(table)]).rows.compactMap {
                    $0.first?.text
                }.sorted {
                    left, _ in left == "id"
                }
        case .postgres:
            try PostgresConnection(location).query(
                """
                SELECT attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                WHERE c.relname = $1 AND c.relkind = 'r' AND attnum > 0 AND NOT attisdropped ORDER BY attname <> 'id'
                """, [.text(table)]
            ).rows.compactMap { $0.first?.text }
        }
    }

    private func json(_ value: [String: Any]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
    }
}
