import Foundation
import Testing

/// Who follows a run or reads a plan tells its backfills apart by what they are called, forth and back.
@Suite struct BackfillTitleTests {
    @Test(arguments: ["postgres", "sqlite"]) func noTwoAreCalledAlike(_ dialect: String) throws {
        let folder = GoldenFile.folder.appending(path: dialect)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.count > 10)
        for name in names where name.hasSuffix(".txt") {
            let plan = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            let titles = plan.split(separator: "\n").filter { $0.contains("] backfill: ") }.compactMap {
                $0.components(separatedBy: "] backfill: ").last
            }
            #expect(Set(titles).count == titles.count, "\(dialect)/\(name): \(titles)")
        }
    }
}
