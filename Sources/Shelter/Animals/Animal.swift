/// An animal of the shelter, in the shape the application speaks: with a `species`, whatever the database has.
struct Animal: Sendable {
    /// A column that the application writes; the identity is not one of them.
    enum Column: String, Sendable, Hashable, CaseIterable {
        case name, species, cage, chip
    }

    var id: Int64
    var name: String
    /// `nil` only for an animal that is taken in before anybody knows: the column's default is left to the database.
    var species: String?
    var cage: String?
    var chip: String?
}

extension Animal {
    /// What the database puts where nobody gave a species.
    static let unknownSpecies = "unknown"

    /// The value of one column as it stands in the database.
    subscript(column: Column) -> Cell {
        switch column {
        case .name: .text(name)
        case .species: .text(species ?? Animal.unknownSpecies)
        case .cage: Cell(cage)
        case .chip: Cell(chip)
        }
    }

    /// Every column with its value.
    var cells: [Column: Cell] {
        var cells: [Column: Cell] = [:]
        for column in Column.allCases { cells[column] = self[column] }
        return cells
    }

    /// Every column of an animal that is not there.
    static let gone: [Column: Cell] = Dictionary(
        uniqueKeysWithValues: Column.allCases.map { ($0, Cell.gone) })
}
