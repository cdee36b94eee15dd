/// One thing that somebody in the shelter does.
enum Errand: Sendable {
    /// New animals arrive: one, or several in one statement.
    case takeIn([Animal])
    case rename(Int64, to: String)
    /// Somebody knows better what the animal is: the column in change.
    case correct(Int64, species: String)
    case move(Int64, cage: String?)
    /// An animal finds a home and leaves.
    case rehome(Int64)
    /// An animal is registered by its chip, whether it is known already or not.
    case register(Animal)
    /// Look at one animal.
    case look(Int64)
    /// Look at everybody in one cage.
    case tour(cage: String)
    /// Find an animal by the species it has: nobody else has it.
    case search(Int64, species: String)
    /// Count the animals of that species: it is one.
    case tally(Int64, species: String)
}

/// What is done in one go: one errand by itself, or several in a transaction.
struct Visit: Sendable {
    var errands: [Errand]
    /// `nil`: every errand is a statement of its own.
    var isolation: Isolation?
}

extension Errand {
    /// What it writes, without serials and moments.
    var writes: [(verb: Write.Verb, animal: Int64, cells: [Animal.Column: Cell])] {
        switch self {
        case .takeIn(let animals): animals.map { (.insert, $0.id, $0.cells) }
        case .rename(let id, let name): [(.update, id, [.name: .text(name)])]
        case .correct(let id, let species): [(.update, id, [.species: .text(species)])]
        case .move(let id, let cage): [(.update, id, [.cage: Cell(cage)])]
        case .rehome(let id): [(.delete, id, Animal.gone)]
        case .register(let animal): [(.upsert, animal.id, animal.cells)]
        case .look, .tour, .search, .tally: []
        }
    }
}
