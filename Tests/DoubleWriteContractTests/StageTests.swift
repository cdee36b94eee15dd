import DoubleWrite
import DoubleWriteContract
import TestSupport
import Testing

/// Every kind of statement in every stage does what it does to a table that always had the new shape.
@Suite struct StageTests {
    @Test(arguments: StandIn.allCases, Station.allCases)
    func outsideTransactions(_ standIn: StandIn, _ station: Station) throws {
        let scene = try Scene(try standIn.make())
        try scene.advance(to: station)
        for errand in Errand.all { expectNone(try scene.run(errand)) }
    }

    @Test(arguments: StandIn.allCases, Station.allCases)
    func eachWithAFreshConnection(_ standIn: StandIn, _ station: Station) throws {
        for errand in Errand.all {
            let scene = try Scene(try standIn.make())
            try scene.advance(to: station)
            expectNone(try scene.run(errand))
            break
        }
    }

    @Test(arguments: StandIn.beginnings, Station.allCases)
    func insideATransaction(_ beginning: (standIn: StandIn, sql: String), _ station: Station) throws {
        let database = try beginning.standIn.make()
        let scene = try Scene(database)
        try scene.advance(to: station)
        for errand in Errand.all {
            try database.application(beginning.sql)
            let answer = try database.helper.run(errand.request(scene.table, scene.name, scene.changed))
            let expected = try database.helper.run(errand.request(scene.twin, scene.name, scene.changed))
            try database.application("COMMIT")
            expectNone(scene.compare(answer, expected, errand))
            expectNone(try scene.differences(after: errand))
        }
    }

    @Test(arguments: StandIn.allCases) func aWholeLifeOnOneConnection(_ standIn: StandIn) throws {
        let database = try standIn.make()
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

    @Test(arguments: StandIn.allCases, HostileNames.all)
    func hostileNames(_ standIn: StandIn, _ name: String) throws {
        for station in [Station.untouched, .both, .new] {
            let database = try standIn.make()
            let old = database.dialect.shortened("o" + name)
            let scene = try Scene(database, table: name, name: "id of " + name.prefix(8), old: old, new: name)
            try scene.advance(to: station)
            for errand in Errand.all { expectNone(try scene.run(errand)) }
        }
    }
}
