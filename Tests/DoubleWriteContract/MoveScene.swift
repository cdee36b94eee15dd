package import DoubleWrite

/// Animals whose chips' codes move to a table of their own, and beside them tables that always had that shape.
package final class MoveScene {
    package let database: any ContractDatabase
    /// What the application declares: the table that the column moves to.
    package let table: TableDeclaration
    /// The same table in its new shape, with names that differ.
    package let twin: TableDeclaration
    package let source: TableName
    package let twinSource: TableName
    package let code: String
    private let chip: String

    private var change: DeclaredChange { table.followed[0] }
    private var dialect: Dialect { database.dialect }

    /// - Parameter names: Of the tables and the moved column in either.
    package init(
        _ database: any ContractDatabase, source: String = "animals", target: String = "chips",
        chip: String = "chip", code: String = "code"
    ) throws {
        self.database = database
        self.source = TableName(source)
        self.code = code
        self.chip = chip
        twinSource = TableName("twin's animals")
        let columns: KeyValuePairs = ["animal_id": "bigint", code: "text", "maker": "text"]
        table = TableDeclaration(
            TableName(target), columns: columns, key: ["animal_id"],
            moved: .init(code, from: self.source, column: chip, join: ["id": "animal_id"]))
        twin = TableDeclaration("twin's chips", columns: columns, key: ["animal_id"])
        try makeTables()
    }

    private func makeTables() throws {
        let key = dialect == .postgres ? "bigint" : "INTEGER"
        for (animals, chips, isOld) in [(source, table.name, true), (twinSource, twin.name, false)] {
            let (a, c) = (dialect.quote(animals), dialect.quote(chips))
            let old = isOld ? ", \(dialect.quote(chip)) text" : ""
            let new = isOld ? "" : ", \(dialect.quote(code)) text"
            let parent = dialect.quote(animals.name)
            _ = try database.engine("CREATE TABLE \(a) (id \(key) PRIMARY KEY, name text\(old))")
            _ = try database.engine(
                "CREATE TABLE \(c) (animal_id \(key) PRIMARY KEY REFERENCES \(parent) ON DELETE CASCADE, maker text\(new))"
            )
            for id in 1...9 {
                // 1 to 3 have a value and a row; 4 and 5 a value alone; 6 a row alone; 7 to 9 neither.
                let value = id <= 5 ? dialect.literal("c\(id)") : "NULL"
                _ = try database.engine(
                    "INSERT INTO \(a) VALUES (\(id), 'n\(id)'\(isOld ? ", \(value)" : ""))")
                let hasRow = isOld ? id <= 3 || id == 6 : id <= 6
                let maker = id <= 3 ? "'m\(id)'" : "NULL"
                guard hasRow else { continue }
                _ = try database.engine(
                    "INSERT INTO \(c) VALUES (\(id), \(maker)\(isOld ? "" : ", \(value)"))")
            }
        }
    }

    // MARK: - What the engine does

    package func make(_ move: Move) throws {
        switch move {
        case .expand: try expand()
        case .copyForward: try copyForward()
        case .bothReadNew:
            try copyForward()
            try database.flip(change, .bothReadNew)
        case .new: try database.flip(change, .new)
        case .retire: try database.alter(source, "RENAME COLUMN \(dialect.quote(chip)) TO gone")
        case .unretire: try database.alter(source, "RENAME COLUMN gone TO \(dialect.quote(chip))")
        case .drop: try together(["ALTER TABLE \(dialect.quote(source)) DROP COLUMN gone"], .done)
        case .handBack:
            try database.flip(change, .bothReadNew)
            try copyBack()
        case .backToBoth:
            try copyBack()
            try database.flip(change, .both)
        case .undoExpand:
            try together(
                ["ALTER TABLE \(dialect.quote(table.name)) DROP COLUMN \(dialect.quote(code))"], .old)
        case .renameInPlace, .undoRename: preconditionFailure("not of a move")
        }
    }

    /// The statements of an expand.
    package func expandSQL() throws -> [String] {
        let number = try database.generation(of: change) + 1
        let lock = "LOCK TABLE \(dialect.quote(source)) IN SHARE ROW EXCLUSIVE MODE"
        let add = "ALTER TABLE \(dialect.quote(table.name)) ADD COLUMN \(dialect.quote(code)) text"
        return (dialect == .postgres ? [lock] : []) + [add]
            + (database.markerSQL(change, generation: number).map { [$0] } ?? [])
            + [database.flipSQL(change, .both, generation: number)]
    }

    private func expand() throws { try together(try expandSQL(), nil) }

    private func together(_ statements: [String], _ stage: Stage?) throws {
        _ = try database.engine("BEGIN")
        for statement in statements + (stage.map { [database.flipSQL(change, $0)] } ?? []) {
            _ = try database.engine(statement)
        }
        _ = try database.engine("COMMIT")
    }

    private func copyForward() throws {
        let (s, t) = (dialect.quote(source), dialect.quote(table.name))
        let (old, new) = (dialect.quote(chip), dialect.quote(code))
        _ = try database.engine(
            "INSERT INTO \(t) AS t (animal_id, \(new)) SELECT id, \(old) FROM \(s) WHERE \(old) IS NOT NULL "
                + "ON CONFLICT (animal_id) DO UPDATE SET \(new) = excluded.\(new)")
        _ = try database.engine(
            "UPDATE \(t) SET \(new) = NULL WHERE animal_id IN (SELECT id FROM \(s) WHERE \(old) IS NULL)")
    }

    private func copyBack() throws {
        let (s, t) = (dialect.quote(source), dialect.quote(table.name))
        _ = try database.engine(
            "UPDATE \(s) SET \(dialect.quote(chip)) = (SELECT \(dialect.quote(code)) FROM \(t) WHERE animal_id = \(s).id)"
        )
    }

    /// Takes everything forward to a station.
    package func advance(to station: Station) throws {
        guard station != .untouched else { return }
        try database.createState()
        guard station != .state else { return }
        try expand()
        if station == .undone { return try make(.undoExpand) }
        let moves: [(Station, Move)] = [
            (.both, .copyForward), (.bothReadNew, .bothReadNew), (.new, .new), (.retired, .retire),
            (.dropped, .drop),
        ]
        for (end, move) in moves {
            try make(move)
            if end == station { return }
        }
    }
}

// MARK: - Comparing

extension MoveScene {
    /// Carries out an errand on both, and says in what they differ.
    package func run(_ errand: MoveErrand, comparesRows: Bool = true) throws -> [String] {
        let answer = Result { try database.helper.run(errand.request(table, code)) }
        let expected = Result { try database.helper.run(errand.request(twin, code)) }
        return compare(answer, expected, errand)
            + (comparesRows ? try differences(after: errand.description) : [])
    }

    package func compare(
        _ answer: Result<ResultSet, any Error>, _ expected: Result<ResultSet, any Error>, _ errand: MoveErrand
    ) -> [String] {
        switch (answer, expected) {
        case (.success(let answer), .success(let expected)):
            let isSame =
                answer.rows == expected.rows && answer.affectedRows == expected.affectedRows
                && (answer.rows.isEmpty || answer.columns == expected.columns)
            return isSame ? [] : ["\(errand): answered \(answer), not \(expected)"]
        case (.failure(let error), .failure(let other)):
            let (reason, wanted) = (
                (error as? DoubleWriteError)?.reason, (other as? DoubleWriteError)?.reason
            )
            return reason == wanted ? [] : ["\(errand): \(error), not \(other)"]
        case (.success(let answer), .failure(let error)): return ["\(errand): \(answer), not \(error)"]
        case (.failure(let error), .success(let expected)): return ["\(errand): \(error), not \(expected)"]
        }
    }

    /// Where the two tables do not hold what the twin's hold, as the state of the database has it.
    package func differences(after what: String) throws -> [String] {
        let expected = try rows(
            "SELECT animal_id, maker, \(dialect.quote(code)) FROM \(dialect.quote(twin.name))")
        let (s, t) = (dialect.quote(source), dialect.quote(table.name))
        let (old, new) = (dialect.quote(chip), dialect.quote(code))
        let hasOld = try database.engine("SELECT * FROM \(s) LIMIT 0").columns.contains(chip)
        let hasNew = try database.engine("SELECT * FROM \(t) LIMIT 0").columns.contains(code)
        let stage = hasNew ? try stage() : "old"
        var found: [String] = []
        if hasNew, stage != "both" {
            let stored = try rows("SELECT animal_id, maker, \(new) FROM \(t)")
            if stored != expected { found.append("\(what): the target holds \(stored), not \(expected)") }
        }
        if hasOld, stage == "old" || stage == "both" || stage == "both-read-new" {
            let stored = try rows(
                "SELECT animal_id, maker, \(old) FROM \(t) JOIN \(s) ON id = animal_id UNION ALL "
                    + "SELECT id, NULL, \(old) FROM \(s) WHERE \(old) IS NOT NULL AND id NOT IN (SELECT animal_id FROM \(t))"
            )
            if stored != expected { found.append("\(what): the source holds \(stored), not \(expected)") }
        }
        return found
    }

    /// Rows that the application wrote while both tables were written, and that differ between the two.
    package func disagreements() throws -> [[SQLValue]] {
        let (s, t) = (dialect.quote(source), dialect.quote(table.name))
        return try rows(
            "SELECT id, \(dialect.quote(chip)), \(dialect.quote(code)) FROM \(s) LEFT JOIN \(t) ON id = animal_id "
                + "WHERE \(dialect.differs(dialect.quote(chip), dialect.quote(code)))")
    }

    private func stage() throws -> String? {
        try database.engine(
            "SELECT stage FROM \(StageTable.name(dialect)) WHERE change = \(dialect.literal(change.id.name))"
        ).scalar?.text
    }

    private func rows(_ sql: String) throws -> [[SQLValue]] {
        try database.engine("SELECT * FROM (\(sql)) AS q ORDER BY 1").rows
    }
}
