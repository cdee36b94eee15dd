import DoubleWrite
import Foundation
import PostgresDriver
import TestSupport
import Testing

@testable import bellows

/// Passwords, and values of rows, in nothing that the tool says, writes or shows.
@Suite struct SecretTests {
    private static let password = "hunter22-pass"
    private static let value = "secret-value-123"

    /// The ways to give a password.
    enum Way: CaseIterable, Sendable {
        case url, urlParameter, keywords, environment, file, databaseURL, list
    }

    private struct Scene {
        let tool: Tool
        let arguments: [String]
        let superuser: String
    }

    /// A table whose rows hold the value, and a role that must give its password to reach it.
    private func scene(_ way: Way, up: String) throws -> Scene {
        var tool = try Tool([
            "migrations/0001_kinds.yaml": """
            operations:
              - change_type:
                  table: animals
                  column: kind
                  type: integer
                  up: "\(up)"
                  down: "kind::text"
            """
        ])
        let server = try ThrowAwayPostgres.shared
        let superuser = try server.makeDatabase()
        let session = try PostgresConnection(superuser)
        let role = "anna_\(UInt32.random(in: .min ... .max))"
        try server.makeRole(named: role, password: Self.password)
        _ = try session.execute(
            """
            CREATE TABLE animals (id bigint PRIMARY KEY, kind text);
            ALTER TABLE animals OWNER TO \(role);
            INSERT INTO animals VALUES (1, '\(Self.value)'), (2, '7');
            GRANT CREATE ON DATABASE \(session.database) TO \(role);
            GRANT ALL ON SCHEMA public TO \(role)
            """)
        let folder = server.folder.replacing("/", with: "%2F")
        let open = "postgres:///\(session.database)?host=\(folder)&user=\(role)"
        let url = "postgres://\(role):\(Self.password)@/\(session.database)?host=\(folder)"
        var arguments = ["--database", open]
        switch way {
        case .url: arguments = ["--database", url]
        case .urlParameter: arguments = ["--database", "\(open)&password=\(Self.password)"]
        case .keywords:
            try tool.folder.write("database: ${DSN}\n", to: "bellows.yaml")
            tool.variables["DSN"] =
                "postgres://?host=\(folder)&dbname=\(session.database)&user=\(role)&password=\(Self.password)"
            arguments = []
        case .list:
            try tool.folder.write(
                """
                host=\(server.folder) dbname=\(session.database) user=\(role) password=\(Self.password)
                """, to: "fleet.txt")
            arguments = ["--databases", "fleet.txt"]
        case .environment: tool.variables["PGPASSWORD"] = Self.password
        case .file:
            let path = try tool.folder.write("*:*:*:*:\(Self.password)\n", to: "passwords")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            tool.variables["PGPASSFILE"] = path
        case .databaseURL:
            tool.variables["DATABASE_URL"] = url
            arguments = []
        }
        return Scene(tool: tool, arguments: arguments, superuser: superuser)
    }

    private func expectNoSecret(_ text: String, _ place: String, value: Bool = true) {
        #expect(!text.contains(Self.password), "\(place): \(text)")
        #expect(!text.contains("hunter22"), "\(place): \(text)")
        if value { #expect(!text.contains(Self.value), "\(place): \(text)") }
    }

    /// Everything that the state holds, as text.
    private func state(_ superuser: String) throws -> String {
        let session = try PostgresConnection(superuser)
        let tables = try session.query(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('bellows') AND relkind = 'r'"
        ).rows.compactMap { $0[0].text }
        return try tables.map { table in
            try session.query("SELECT string_agg(t::text, ';') FROM bellows.\"\(table)\" AS t").scalar?.text
                ?? ""
        }.joined(separator: "\n")
    }

    /// The rows fail at the expression: what the server says of it quotes them.
    @Test(arguments: Way.allCases)
    func nothingIsSaid(_ way: Way) throws {
        let scene = try scene(way, up: "kind::integer")
        let mark = try ThrowAwayPostgres.shared.logMark()
        for command in [
            ["plan", "--format", "json"], ["status"], ["apply", "--no-writers"],
            ["apply", "--no-writers", "--format", "json"],
            ["attest", "app"], ["apply"], ["status", "--format", "json"], ["rollback"], ["verify"],
            ["check"],
        ] {
            let result = try scene.tool.run(command + scene.arguments)
            expectNoSecret(result.output + result.complaint, "\(command)")
            if command.first == "apply" { #expect([1, 3].contains(result.code), "\(command): \(result)") }
            if command.first == "apply", result.code == 1 {
                let said = result.output + result.complaint
                #expect(said.contains("22P02") || said.contains("waits"), "\(said)")
            }
        }
        expectNoSecret(try state(scene.superuser), "state")
        // The server itself quotes a row where an expression fails at it; no statement of ours does.
        let log = try ThrowAwayPostgres.shared.log(since: mark)
        #expect(!log.contains(Self.password))
    }

    /// While it runs: what other users of the machine and of the server see of it.
    @Test(arguments: [Way.url, .urlParameter])
    func nothingIsShownWhileItRuns(_ way: Way) throws {
        let scene = try scene(way, up: "length(kind)")
        let holder = try PostgresConnection(scene.superuser)
        _ = try holder.execute("BEGIN; LOCK TABLE animals IN ACCESS EXCLUSIVE MODE")
        let process = try ChildProcess(
            try builtProduct(named: "bellows"),
            ["apply", "--no-writers", "--lock-attempts", "1000"] + scene.arguments,
            environment: ["DATABASE_URL": nil, "PGHOST": nil], currentFolder: scene.tool.folder.path)
        let sees = try PostgresConnection(scene.superuser)
        let activity = """
            SELECT string_agg(application_name || ' ' || query, E'\\n') FROM pg_stat_activity
            WHERE application_name LIKE 'bellows/%' AND datname = current_database()
            """
        var seen = ""
        let limit = ContinuousClock.now + .seconds(30)
        while seen.isEmpty {
            seen = try sees.query(activity).scalar?.text ?? ""
            try #require(ContinuousClock.now < limit, "it does not connect")
        }
        expectNoSecret(seen, "pg_stat_activity")
        #if os(Linux)
            let place = "/proc/\(process.processIdentifier)/"
            let title = try String(
                decoding: Data(contentsOf: URL(fileURLWithPath: place + "cmdline")), as: UTF8.self)
            expectNoSecret(title, "cmdline")
            #expect(title.contains("apply") && title.contains("xxxx"), "\(title)")
            let name = try String(contentsOfFile: place + "comm", encoding: .utf8)
            #expect(name == "bellows\n")
        #endif
        while !process.standardOutput.contains("waits for a lock") {
            try #require(ContinuousClock.now < limit, "it does not wait")
            Thread.sleep(forTimeInterval: 0.01)
        }
        process.send(SIGINT)
        while !process.standardError.contains("once more") {
            try #require(ContinuousClock.now < limit, "it does not hear the signal")
            Thread.sleep(forTimeInterval: 0.01)
        }
        process.send(SIGINT)
        _ = try process.wait(limit: .seconds(20))
        expectNoSecret(process.standardOutput + process.standardError, "the end")
    }

    @Test(arguments: [
        ("a --database=postgres://me:pw12@host/db", "a --database=postgres://me:xxxx@host/db"),
        ("postgres://me@host/db?password=pw&x=1", "postgres://me@host/db?password=xx&x=1"),
        ("postgres://me:p@w:x@host/db", "postgres://me:xxxxx@host/db"),
        ("host=a password='p \\'w' user=me", "host=a password=xxxxxx' user=me"),
        ("sslpassword=abc", "sslpassword=xxx"),
        ("postgres://host/db", "postgres://host/db"), ("sqlite:a.db", "sqlite:a.db"), ("", ""),
    ])
    func masksPasswordsAndNothingElse(_ argument: String, _ masked: String) {
        let given = Array("bellows".utf8) + [0] + Array(argument.utf8) + [0]
        let expected = Array("bellows".utf8) + [0] + Array(masked.utf8) + [0]
        #expect(CommandLineSecrets.masked(given) == expected)
    }
}
