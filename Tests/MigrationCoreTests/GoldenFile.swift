import Foundation
import Testing

/// Texts that stand in `fixtures/` for reviewers. `RECORD=1` writes them anew.
enum GoldenFile {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "fixtures/plans")

    static func check(
        _ text: String, against name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = folder.appending(path: name)
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let golden = try #require(
            try? String(contentsOf: file, encoding: .utf8),
            "fixtures/plans/\(name) is missing; RECORD=1 writes it",
            sourceLocation: sourceLocation)
        guard golden != text else { return }
        let pairs = zip(golden.split(separator: "\n"), text.split(separator: "\n"))
        let different = pairs.first { $0 != $1 }
        let was = different.map { String($0.0) } ?? "its end"
        let now = different.map { String($0.1) } ?? "its end"
        Issue.record(
            "fixtures/plans/\(name) differs: '\(was)' is now '\(now)'; RECORD=1 writes it anew",
            sourceLocation: sourceLocation)
    }
}
