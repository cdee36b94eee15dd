/// What the people in the shelter do next: a pure function of the seed and of what was done before.
struct Workload: Sendable {
    private var random: RandomNumbers
    /// Whether several errands may be done in one transaction.
    private let usesTransactions: Bool
    /// The animals with the lowest numbers, at which everybody looks most.
    private let hot: Int64
    private var breeds = 0

    init(seed: UInt64, usesTransactions: Bool = true, hot: Int64 = 240) {
        random = RandomNumbers(seed: seed)
        self.usesTransactions = usesTransactions
        self.hot = hot
    }

    /// How long to wait before the next visit, in milliseconds, around `pace`.
    mutating func pause(around pace: Int64) -> Int64 {
        pace <= 0 ? 0 : random.number(in: pace / 2...pace * 3 / 2)
    }

    mutating func next(_ owned: OwnedAnimals) -> Visit {
        guard usesTransactions, random.chance(0.25) else {
            return Visit(errands: [errand(owned)], isolation: nil)
        }
        var errands: [Errand] = []
        var touched: Set<Int64> = []
        for _ in 0..<random.number(in: 2...4) {
            let next = errand(owned)
            let animals = next.writes.map(\.animal)
            // No animal twice in one transaction: its journal would not say which write came first.
            guard touched.isDisjoint(with: animals) else { continue }
            touched.formUnion(animals)
            errands.append(next)
        }
        return Visit(errands: errands.readsFirst, isolation: random.pick(Isolation.allCases))
    }

    private mutating func errand(_ owned: OwnedAnimals) -> Errand {
        guard let animal = owned.pick(&random, hot: hot) else { return .takeIn(newcomers(owned, count: 1)) }
        switch random.number(in: 0...99) {
        case 0..<8: return .takeIn(newcomers(owned, count: 1))
        case 8..<12: return .takeIn(newcomers(owned, count: random.number(in: 2...5)))
        case 12..<20: return .rename(animal, to: name())
        case 20..<42: return .correct(animal, species: breed(owned))
        case 42..<49: return .move(animal, cage: random.chance(0.85) ? Names.cage(&random) : nil)
        case 49..<53: return .rehome(animal)
        case 53..<57: return .register(complete(animal, owned))
        case 57..<60: return .register(complete(owned.newID(), owned))
        case 60..<68: return search(owned, animal)
        case 68..<72: return .tour(cage: Names.cage(&random))
        default: return .look(anybody(owned))
        }
    }

    /// Any animal of the shelter, whoever writes it, mostly one at which everybody looks.
    private mutating func anybody(_ owned: OwnedAnimals) -> Int64 {
        if owned.seeded > 0, random.chance(0.85) {
            let last = random.chance(0.7) ? min(hot, owned.seeded) : owned.seeded
            return random.number(in: 1...last)
        }
        // The others take in about as many as we do.
        return random.number(in: owned.seeded + 1...max(owned.seeded + 1, owned.newID()))
    }

    private mutating func search(_ owned: OwnedAnimals, _ animal: Int64) -> Errand {
        guard let species = owned.species[animal], species != Animal.unknownSpecies else {
            return .look(animal)
        }
        return random.chance(0.7) ? .search(animal, species: species) : .tally(animal, species: species)
    }

    private mutating func newcomers(_ owned: OwnedAnimals, count: Int64) -> [Animal] {
        // Nobody knows yet what they are: the default of the column is left to the database.
        let isKnown = random.chance(0.85)
        return (0..<count).map { offset in
            var animal = complete(owned.newID(offset), owned)
            if !isKnown { animal.species = nil }
            if random.chance(0.4) { animal.chip = nil }
            return animal
        }
    }

    private mutating func complete(_ id: Int64, _ owned: OwnedAnimals) -> Animal {
        Animal(
            id: id, name: name(), species: breed(owned), cage: random.chance(0.8) ? Names.cage(&random) : nil,
            chip: Seed.chip(id))
    }

    private mutating func name() -> String {
        switch random.number(in: 0...19) {
        case 0: random.pick(Seed.awkwardTexts)
        case 1..<6: random.pick(Names.given) + " " + random.pick(Names.family)
        default: random.pick(Names.given)
        }
    }

    /// A breed that nobody wrote before, so that a stale one cannot hide: `corgi 2-1207`.
    private mutating func breed(_ owned: OwnedAnimals) -> String {
        breeds += 1
        return "\(random.pick(Names.breeds)) \(owned.instance)-\(owned.lastSerial).\(breeds)"
    }
}

extension [Errand] {
    /// Reads before writes: what a transaction reads after its own writes is nobody else's business yet.
    fileprivate var readsFirst: [Errand] {
        filter(\.writes.isEmpty) + filter { !$0.writes.isEmpty }
    }
}
