import DoubleWrite
import PostgresDriver
import TestSupport
import Testing

@Suite struct TestSupportTests {
    @Test(arguments: [
        "\"'`; -- $1 \\ %s", HostileNames.longMultibyte, HostileNames.longASCII, "a/b?c#d@e:f=g&h",
    ])
    func aDatabaseMayHaveAnyName(_ name: String) throws {
        let server = try ThrowAwayPostgres.shared
        let location = try server.makeDatabase(named: name)
        #expect(try PostgresConnection(location).query("SELECT current_database()").scalar == .text(name))
        try server.dropDatabase(location)
        #expect(throws: PostgresError.self) { try PostgresConnection(location) }
    }

    @Test func hostileNamesAreLegal() {
        #expect(Set(HostileNames.all).count == HostileNames.all.count)
        #expect(HostileNames.all.allSatisfy { (1...63).contains($0.utf8.count) })
        #expect(HostileNames.longASCII.utf8.count == 63)
        #expect(HostileNames.longMultibyte.utf8.count == 63)
    }

    @Test func everyFailedStatementIsInTheLog() throws {
        let server = try ThrowAwayPostgres.shared
        let connection = try PostgresConnection(server.makeDatabase())
        let mark = server.logMark()
        _ = try? connection.query("SELECT column_that_is_missing")
        let log = try server.log(since: mark)
        #expect(log.contains("ERROR:  column \"column_that_is_missing\" does not exist"))
        #expect(log.contains("STATEMENT:  SELECT column_that_is_missing"))
    }

    @Test func aChildIsHeardAndEnded() throws {
        let outcome = try ChildProcess.run(
            "/bin/sh", ["-c", "cat; echo \"$A-$HOME\"; echo no >&2; exit 3"],
            environment: ["A": "b", "HOME": nil], input: "in ")
        #expect(outcome.status == 3)
        #expect(outcome.standardOutput == "in b-\n")
        #expect(outcome.standardError == "no\n")
        let child = try ChildProcess("/bin/sleep", ["600"])
        child.pause()
        child.resume()
        child.send(9)
        #expect(try child.wait().signal == 9)
        #expect(throws: TestSupportError.self) { try ChildProcess.run("/nowhere/program") }
        #expect(throws: TestSupportError.self) {
            try ChildProcess.run("/bin/sleep", ["600"], limit: .milliseconds(10))
        }
    }

    @Test func builtProgramsAreFound() throws {
        #expect(try builtProduct(named: "bellows").hasSuffix("/bellows"))
        #expect(throws: TestSupportError.self) { try builtProduct(named: "no such program") }
    }
}
