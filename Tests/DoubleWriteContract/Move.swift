import DoubleWrite

/// Something the engine does to a change, with the backfill that belongs to it.
package enum Move: String, Sendable {
    case expand, bothReadNew, new, retire, drop
    case unretire, handBack, backToBoth, undoExpand
    case renameInPlace, undoRename
    case copyForward
}

/// From where a change stands to where it is when a paused process continues.
package struct Schedule: Sendable, CustomStringConvertible {
    package let start: Station
    package let moves: [Move]

    package init(start: Station, moves: [Move]) {
        self.start = start
        self.moves = moves
    }

    package var description: String {
        "\(start): " + moves.map(\.rawValue).joined(separator: ", ")
    }

    /// All of at least two flips in a row, forward, back and to and fro, and the shorter ones.
    package static let all: [Schedule] = [
        Schedule(start: .untouched, moves: [.expand, .bothReadNew]),
        Schedule(start: .untouched, moves: [.expand, .bothReadNew, .new, .retire, .drop]),
        Schedule(start: .untouched, moves: [.renameInPlace]),
        Schedule(start: .state, moves: [.expand]),
        Schedule(start: .state, moves: [.expand, .bothReadNew]),
        Schedule(start: .state, moves: [.expand, .undoExpand]),
        Schedule(start: .state, moves: [.expand, .undoExpand, .expand]),
        Schedule(start: .state, moves: [.renameInPlace]),
        Schedule(start: .state, moves: [.renameInPlace, .undoRename]),
        Schedule(start: .undone, moves: [.expand, .bothReadNew, .new]),
        Schedule(start: .undone, moves: [.expand, .undoExpand, .expand]),
        Schedule(start: .both, moves: []),
        Schedule(start: .both, moves: [.bothReadNew]),
        Schedule(start: .both, moves: [.bothReadNew, .new]),
        Schedule(start: .both, moves: [.bothReadNew, .new, .retire]),
        Schedule(start: .both, moves: [.undoExpand]),
        Schedule(start: .both, moves: [.undoExpand, .expand]),
        Schedule(start: .both, moves: [.bothReadNew, .backToBoth]),
        Schedule(start: .bothReadNew, moves: [.new, .retire]),
        Schedule(start: .bothReadNew, moves: [.new, .retire, .drop]),
        Schedule(start: .bothReadNew, moves: [.new, .handBack]),
        Schedule(start: .bothReadNew, moves: [.backToBoth, .undoExpand]),
        Schedule(start: .new, moves: [.retire, .drop]),
        Schedule(start: .new, moves: [.handBack, .backToBoth]),
        Schedule(start: .new, moves: [.retire, .unretire, .handBack, .backToBoth, .undoExpand]),
        Schedule(start: .retired, moves: [.drop]),
        Schedule(start: .retired, moves: [.unretire, .handBack, .backToBoth]),
    ]
}

extension Schedule {
    /// Those of changes that are no mere rename and have their stage recorded before the expand.
    package static let ofShapes = all.filter { schedule in
        schedule.start != .untouched && !schedule.moves.contains(.renameInPlace)
    }
}

extension Scene {
    package func make(_ move: Move) throws {
        let name = table.name
        switch move {
        case .expand:
            try database.createState()
            try expand()
            try database.copy(from: change.oldColumn, to: change.newColumn, in: name)
        case .bothReadNew: try database.flip(change, .bothReadNew)
        case .new: try database.handOver(change, of: name, default: defaultValue)
        case .retire: try database.retire(change, of: name)
        case .drop: try database.dropRetired(change, of: name)
        case .unretire: try database.unretire(change, of: name)
        case .handBack: try database.handBack(change, of: name, default: defaultValue)
        case .backToBoth: try database.flip(change, .both)
        case .undoExpand: try database.undoExpand(change, of: name)
        case .renameInPlace: try database.renameInPlace(change, of: name)
        case .copyForward: try database.copy(from: change.oldColumn, to: change.newColumn, in: name)
        case .undoRename: try database.undoRenameInPlace(change, of: name)
        }
    }

    /// What differs when a process is stopped before its statement, and continues after the schedule's moves.
    package static func pausedDifferences(
        _ schedule: Schedule, _ errand: Errand, number: Int, in database: any ContractDatabase
    ) throws -> [String] {
        try database.dropState()
        let scene = try Scene(database, table: "animals \(number)")
        try scene.advance(to: schedule.start)
        var first = Paused(.count(in: scene.table, where: scene.table[scene.changed] == nil), database)
        _ = try first.resume()
        var paused = Paused(
            errand.request(scene.table, scene.name, scene.changed), database, memory: first.memory)
        guard paused.statement != nil else { return ["\(errand): no statement is held back"] }
        for move in schedule.moves { try scene.make(move) }
        let answer = try paused.resume()
        let expected = try database.helper.run(errand.request(scene.twin, scene.name, scene.changed))
        let found = scene.compare(answer, expected, errand) + (try scene.differences(after: errand))
        return found.map { "\(schedule): \($0)" }
    }
}
