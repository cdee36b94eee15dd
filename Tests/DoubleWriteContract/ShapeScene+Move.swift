import DoubleWrite

// What the engine does.
extension ShapeScene {
    private var keepsAName: Bool { change.new.contains { physicalName($0) != $0.name } }

    private func retiredName(_ column: String) -> String { dialect.shortened("_bellows_retired_" + column) }

    private func alter(_ what: String) throws { try database.alter(table.name, what) }

    private func rename(_ column: String, to other: String) throws {
        try alter("RENAME COLUMN \(dialect.quote(column)) TO \(dialect.quote(other))")
    }

    private func transact(_ body: () throws -> Void) throws {
        _ = try database.engine(database.begin)
        try body()
        _ = try database.engine("COMMIT")
    }

    /// Creates what stages are recorded in. A change that keeps a name is recorded before anything else happens.
    package func createState() throws {
        try database.createState()
        if keepsAName { try database.flip(change, .old) }
    }

    /// Adds the new columns, and records that.
    ///
    /// SQLite cannot give a column a default afterwards, so it has it from the beginning.
    package func expand() throws {
        let number = try database.generation(of: change) + 1
        try transact {
            try createLookup()
            for (column, made) in zip(change.new, shape.new) {
                let value = dialect == .sqlite ? made.defaultValue.map { " DEFAULT \($0)" } ?? "" : ""
                let type = made.type[dialect] + reference
                try alter("ADD COLUMN \(dialect.quote(physicalName(column))) \(type)\(value)")
            }
            if let marker = database.markerSQL(change, generation: number) { _ = try database.engine(marker) }
            _ = try database.engine(database.flipSQL(change, .both, generation: number))
        }
    }

    /// Fills the new columns from the old ones.
    package func backfill() throws {
        try fillLookup()
        let values = change.new.map { column in
            "\(dialect.quote(physicalName(column))) = "
                + expression(column, over: change.old) { "t." + dialect.quote($0.name) }
        }
        _ = try database.engine("UPDATE \(name) AS t SET \(values.joined(separator: ", "))")
    }

    private func backfillBackwards() throws {
        let values = change.old.map { column in
            "\(dialect.quote(column.name)) = " + expression(column, over: change.new, physical)
        }
        _ = try database.engine("UPDATE \(name) AS t SET \(values.joined(separator: ", "))")
    }

    private func setDefaults(isNew: Bool) throws {
        guard dialect == .postgres else { return }
        for (column, made) in zip(change.new, shape.new) {
            try alter(
                "ALTER COLUMN \(dialect.quote(physicalName(column))) "
                    + (isNew
                        ? made.defaultValue.map { "SET DEFAULT \($0)" } ?? "DROP DEFAULT" : "DROP DEFAULT"))
        }
        for (column, made) in zip(change.old, shape.old) {
            try alter(
                "ALTER COLUMN \(dialect.quote(column.name)) "
                    + (isNew
                        ? "DROP DEFAULT" : made.defaultValue.map { "SET DEFAULT \($0)" } ?? "DROP DEFAULT"))
        }
    }

    package func make(_ move: Move) throws {
        switch move {
        case .expand:
            try createState()
            try expand()
            try backfill()
        case .copyForward: try backfill()
        case .bothReadNew: try database.flip(change, .bothReadNew)
        case .new:
            try transact {
                try setDefaults(isNew: true)
                try database.flip(change, .new)
            }
        case .handBack:
            try transact {
                try setDefaults(isNew: false)
                try database.flip(change, .bothReadNew)
            }
            try backfillBackwards()
        case .backToBoth: try database.flip(change, .both)
        case .undoExpand:
            try transact {
                for column in change.new { try alter("DROP COLUMN \(dialect.quote(physicalName(column)))") }
                if let lookup { _ = try database.engine("DROP TABLE \(dialect.quote(lookup.name))") }
                try database.flip(change, .old)
            }
        case .retire, .unretire: try transact { try swapNames(isBack: move == .unretire) }
        case .drop:
            try transact {
                for column in change.old {
                    try alter("DROP COLUMN \(dialect.quote(retiredName(column.name)))")
                }
                if !keepsAName { try database.flip(change, .done) }
            }
        case .renameInPlace, .undoRename: preconditionFailure("only a rename is done in place")
        }
    }

    /// Retires the old columns; where a new one bears an old one's name, it gets it in the same transaction.
    private func swapNames(isBack: Bool) throws {
        var renames = change.old.map { ($0.name, retiredName($0.name)) }
        renames += change.new.filter { physicalName($0) != $0.name }.map { (physicalName($0), $0.name) }
        for (old, new) in isBack ? renames.reversed() : renames {
            try rename(isBack ? new : old, to: isBack ? old : new)
        }
        if keepsAName { try database.flip(change, isBack ? .new : .done) }
    }

    /// Takes the change forward to a station.
    package func advance(to station: Station) throws {
        guard station != .untouched else { return }
        try createState()
        let moves: [Move] =
            switch station {
            case .untouched, .state: []
            case .undone: [.expand, .undoExpand]
            case .both: [.expand]
            case .bothReadNew: [.expand, .bothReadNew]
            case .new: [.expand, .bothReadNew, .new]
            case .retired: [.expand, .bothReadNew, .new, .retire]
            case .dropped: [.expand, .bothReadNew, .new, .retire, .drop]
            }
        for move in moves { try make(move) }
    }

    /// What differs when a process is stopped before its statement, and continues after the schedule's moves.
    package static func pausedDifferences(
        _ schedule: Schedule, _ errand: ShapeErrand, _ shape: ShapeCase, number: Int,
        in database: any ContractDatabase
    ) throws -> [String] {
        try database.dropState()
        let scene = try ShapeScene(database, shape, table: "people \(number)")
        try scene.advance(to: schedule.start)
        var first = Paused(.count(in: scene.table, where: scene.table[shape.columns[0]] == nil), database)
        _ = try first.resume()
        var paused = Paused(errand.request(scene.table), database, memory: first.memory)
        guard paused.statement != nil else { return ["\(errand): no statement is held back"] }
        for move in schedule.moves { try scene.make(move) }
        let answer = try paused.resume()
        let expected = try database.helper.run(errand.request(scene.twin))
        let found =
            scene.compare(answer, expected, errand) + (try scene.differences(after: errand.description))
        return found.map { "\(schedule): \($0)" }
    }
}
