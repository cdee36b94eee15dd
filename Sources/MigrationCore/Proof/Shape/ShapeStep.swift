import DoubleWrite

/// A step of a plan, as far as one change of shape goes.
struct ShapeStep {
    enum Action {
        /// Nothing to this change: a soak, an index, a step of another change.
        case pass
        case gate(Release)
        case change([ShapeEffect])
        case backfill(ShapeBackfill)
        case verify(conditions: [ShapeCondition], countsLosses: Bool)
    }

    var step: Step
    var action: Action
    /// The sides whose tables nobody has a lock on while it runs.
    var excludes: ShapeSides = []
    /// Whether all that was open at the last flip or attestation has ended before it runs.
    var settles = false
    /// What it counts in its own transaction, and waits for while there is such a row; `nil` where it counts nothing.
    var awaited: [ShapeCondition]?
    /// Whether its undo runs only where it has happened as a whole.
    var isAtomic: Bool { step.isAtomic }
    var undo: [ShapeStep] = []
}

/// One or both of the shapes.
struct ShapeSides: OptionSet, Hashable {
    let rawValue: UInt8
    static let old = ShapeSides(rawValue: 1)
    static let new = ShapeSides(rawValue: 2)
}

/// Batches that make one shape of the other, or empty it.
struct ShapeBackfill: Hashable {
    /// Whether the new shape is made of the old one; else it is the other way round.
    var fillsNew: Bool
    var empties: Bool
    /// Whether the values get their rows in the lookup table first.
    var notesValues = false
    /// The rows that need it.
    var condition: ShapeCondition
}

/// A name that a shape's deciding column may bear, by its number.
typealias ShapeName = UInt8

/// What a statement does to the two shapes.
enum ShapeEffect: Hashable {
    case appear(ShapeName, value: ShapeValue)
    case vanish(ShapeName)
    case rename(ShapeName, to: ShapeName)
    /// Columns of a side, as bits.
    case require(ShapeColumns, UInt8, Bool)
    case fall(ShapeColumns, UInt8, Effect.Fallback)
    case demand(UInt16, Bool)
    /// An edit of a stored text takes this demand, and fails where it is not there.
    case take(UInt16)
    /// The same of NOT NULL.
    case relax(ShapeColumns, UInt8)
    /// An edit of a stored text speaks of a column that does not bear that name.
    case misses
    case trigger(ShapeTriggers, Bool)
    case flip(Stage)
    /// The lookup table appears or goes.
    case lookup(Bool)
    /// All rows at once, in the step's own transaction.
    case fill(ShapeBackfill)
}

/// Where columns are: on one side, or on the one that bears a name at that moment.
enum ShapeColumns: Hashable {
    case side(isNew: Bool)
    case named(ShapeName)
}

/// The ways in which triggers keep the two shapes in step.
struct ShapeTriggers: OptionSet, Hashable {
    let rawValue: UInt8
    static let insertOld = ShapeTriggers(rawValue: 1)
    static let insertNew = ShapeTriggers(rawValue: 2)
    static let updateOld = ShapeTriggers(rawValue: 4)
    static let updateNew = ShapeTriggers(rawValue: 8)
    static let all: ShapeTriggers = [.insertOld, .insertNew, .updateOld, .updateNew]

    /// What a trigger of a plan does, by its name; none where it is not one of those.
    init(named name: String, of change: ChangeID) {
        guard name.contains("bellows_sync") else {
            self = []
            return
        }
        switch name.split(separator: ":").last {
        case "insert-old": self = .insertOld
        case "insert-new": self = .insertNew
        case "update-old": self = .updateOld
        case "update-new": self = .updateNew
        case "insert-both", "update-both": self = []
        default: self = .all
        }
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }
}

/// A demand of the database on one of the shapes.
struct ShapeDemand {
    var kind: Effect.Demand.Kind
    var isOnNew: Bool
    /// Whether the column cannot be dropped while it holds (SQLite).
    var holdsColumn = false
}
