import Foundation
import Testing

/// Every plan for PostgreSQL goes through the linter squawk (<https://squawkhq.com>), step by step as the engine runs it.
@Suite struct SquawkTests {
    private static let root = GoldenFile.folder.deletingLastPathComponent().deletingLastPathComponent()

    /// What the golden plans run, a transaction or a concurrent statement each, by the name of the file it is put in.
    private static func scripts() throws -> [String: String] {
        let folder = GoldenFile.folder.appending(path: "postgres")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var scripts: [String: String] = [:]
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            for (number, block) in text.components(separatedBy: "\n\n").enumerated() {
                let sql = statements(of: block)
                guard !sql.isEmpty else { continue }
                let plan = file.deletingPathExtension().lastPathComponent
                scripts["\(plan).\(number).sql"] = script(sql)
            }
        }
        return scripts
    }

    /// The lines behind `> `, each with the lines that go on with it.
    private static func statements(of block: String) -> [String] {
        var statements: [String] = []
        for line in block.components(separatedBy: "\n").dropFirst() {
            let line = line.trimmingPrefix(while: \.isWhitespace)
            if line.hasPrefix("> ") {
                statements.append(String(line.dropFirst(2)))
            } else if let last = statements.indices.last {
                statements[last] += "\n" + line
            }
        }
        return statements.filter { !$0.hasPrefix("--") }
    }

    /// With the settings that the engine gives its transactions and its sessions.
    private static func script(_ statements: [String]) -> String {
        let body = statements.map { $0 + ";\n" }.joined()
        return body.contains("CONCURRENTLY")
            ? "SET lock_timeout = 0;\nSET statement_timeout = 0;\n\(body)"
            : "BEGIN;\nSET LOCAL lock_timeout = '500ms';\nSET LOCAL statement_timeout = '5s';\n\(body)COMMIT;\n"
    }

    /// What a program prints, with what it says of its failure where that is asked for, and its exit code.
    private static func output(
        of program: String, _ arguments: [String], withErrors: Bool = false
    ) throws -> (text: String, code: Int32) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        if withErrors { process.standardError = pipe }
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (String(decoding: data, as: UTF8.self), process.terminationStatus)
    }

    /// Where the linter is. A machine on which it neither is nor can be installed fails here, with what to do.
    private static func linter() throws -> String {
        let answer = try output(of: root.appending(path: ".ci/squawk").path, [], withErrors: true)
        let last = answer.text.split(separator: "\n").last.map(String.init)
        return try #require(answer.code == 0 ? last : nil, "the linter squawk is not there: \(answer.text)")
    }

    /// The rules that may be broken, each with a reason.
    private static func exclusions() throws -> Set<String> {
        let file = GoldenFile.folder.appending(path: "squawk-exclusions.txt")
        let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n\n").last ?? ""
        let rules = lines.split(separator: "\n").map {
            $0.split(separator: ": ", maxSplits: 1).map(String.init)
        }
        #expect(rules.allSatisfy { $0.count == 2 && $0[1].count > 20 })
        return Set(rules.map { $0[0] })
    }

    @Test func onlyTheRulesThatAreExcused() throws {
        let program = try Self.linter()
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let scripts = try Self.scripts()
        #expect(scripts.count > 150)
        for (name, text) in scripts {
            try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        let files = scripts.keys.sorted().map { folder.appending(path: $0).path }
        let report = try Self.output(of: program, ["--pg-version=15", "--reporter=gcc"] + files)
        let lines = report.text.split(separator: "\n")
        var broken: [String: String] = [:]
        for line in lines {
            let parts = line.components(separatedBy: ": ")
            guard parts.count >= 3, let rule = parts[2].split(separator: " ").first else { continue }
            broken[String(rule)] = String(line).replacing(folder.path + "/", with: "")
        }
        let excused = try Self.exclusions()
        for (rule, line) in broken where !excused.contains(rule) { Issue.record("\(line)") }
        #expect(excused.subtracting(broken.keys) == [], "excused, and broken by no plan")
    }
}
