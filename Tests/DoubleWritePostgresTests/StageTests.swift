import DoubleWrite
import DoubleWriteContract
import TestSupport
import Testing

/// Every kind of statement in every stage does what it does to a table that always had the new shape.
@Suite struct StageTests {
    @Test(arguments: Station.allCases) func outsideTransactions(_ station: Station) throws {
        let scene = try Scene(try EngineStandIn())
        try scene.advance(to: station)
        for errand in Errand.all { expectNone(try scene.run(errand)) }
    }

    @Test(arguments: Station.allCases) func eachWithAFreshConnection(_ station: Station) throws {
        for errand in Errand.all {
            let scene = try Scene(try EngineStandIn())
            try scene.advance(to: station)
            expectNone(try scene.run(errand))
            break
        }
    }

    @Test(arguments: Station.allCases) func insideATransaction(_ station: Station) throws {
        let database = try EngineStandIn()
        let scene = try Scene(database)
        try scene.advance(to: station)
        for errand in Errand.all {
            try database.application(database.begin)
            let answer = try database.helper.run(errand.request(scene.table, scene.name, scene.changed))
            let expected = try database.helper.run(errand.request(scene.twin, scene.name, scene.changed))
            try database.application("COMMIT")
            expectNone(scene.compare(answer, expected, errand))
            expectNone(try scene.differences(after: errand))
        }
    }

    @Test func aWholeLifeOnOneConnection() throws {
        let database = try EngineStandIn()
        let scene = try Scene(database)
        let (change, table) = (scene.change, scene.table.name)
        var next = 100
        func work(isBackfilled: Bool = true) throws {
            for errand in Errand.all.dropLast() {
                expectNone(try scene.run(errand, isBackfilled: isBackfilled))
            }
            next += 1
            for declaration in [scene.table, scene.twin] {
                try database.helper.delete(from: declaration, where: declaration["id"] >= 7)
                try database.helper.upsert(
                    into: declaration, ["id": 1, scene.changed: .text("dog \(next)")], conflict: ["id"],
                    update: [scene.changed])
            }
        }
        try work()
        try database.createState()
        try work()
        for _ in 1...2 {
            try scene.expand()
            try work(isBackfilled: false)
            try database.copy(from: change.oldColumn, to: change.newColumn, in: table)
            try work()
            try database.flip(change, .bothReadNew)
            try work()
            try database.handOver(change, of: table, default: scene.defaultValue)
            try work()
            try database.retire(change, of: table)
            try work()
            try database.unretire(change, of: table)
            try database.handBack(change, of: table, default: scene.defaultValue)
            try work()
            try database.flip(change, .both)
            try work()
            try database.undoExpand(change, of: table)
            try work()
        }
        try database.renameInPlace(change, of: table)
        try work()
        try database.undoRenameInPlace(change, of: table)
        try work()
    }

    @Test(arguments: HostileNames.all) func hostileNames(_ name: String) throws {
        for station in [Station.untouched, .both, .new] {
            let database = try EngineStandIn()
            let old = database.dialect.shortened("o" + name)
            let scene = try Scene(database, table: name, name: "id of " + name.prefix(8), old: old, new: name)
            try scene.advance(to: station)
            for errand in Errand.all { expectNone(try scene.run(errand)) }
        }
    }
}

/// Fails with each of the differences that were found.
func expectNone(_ differences: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    for difference in differences { Issue.record("\(difference)", sourceLocation: sourceLocation) }
}
