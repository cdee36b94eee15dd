import DoubleWrite

/// What is particular to a change that takes values to a table of their own.
package struct LookupScene {
    private let scene: ShapeScene

    package init(_ scene: ShapeScene) { self.scene = scene }

    private var database: any ContractDatabase { scene.database }

    /// Writes a new value whose row in the lookup table is deleted before the row that refers to it is written.
    package func vanish() throws {
        var paused = Paused(.insert(into: scene.table, rows: [["id": 100, "breed": "pug"]]), database)
        try paused.step()
        _ = try database.engine("DELETE FROM breeds WHERE name = 'pug'")
        _ = try paused.resume()
    }

    /// The conditions that find other rows than they find in a table that has the column.
    package func differentConditions() throws -> [String] {
        let breed = ColumnReference("breed")
        let values: [SQLValue] = ["boxer", "nobody's", "", nil]
        var conditions: [Condition] = [breed.isLike("b%"), .not(breed.isLike("b%"))]
        for value in values {
            conditions += [breed == value, breed != value, .not(breed == value), .not(breed != value)]
            conditions += [breed < value, breed >= value, .not(.all([breed == value, breed == "boxer"]))]
            for other in values {
                let both = breed.isOne(of: [value, other])
                conditions += [both, .not(both), both && ColumnReference("id") > 2, both || breed == "Boxer"]
            }
        }
        var found: [String] = []
        for condition in conditions {
            func rows(_ table: TableDeclaration) throws -> [[SQLValue]] {
                try database.helper.select(
                    from: table, columns: ["id", "breed"], where: condition,
                    orderBy: [.descending("breed"), .ascending("id")]
                ).rows
            }
            if try rows(scene.table) != rows(scene.twin) { found.append("\(condition)") }
        }
        return found
    }
}
