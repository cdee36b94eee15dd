/// Numbers that follow from a seed alone, on every machine and in every version (SplitMix64, Steele and others, 2014).
struct RandomNumbers: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// The numbers of one schedule: another schedule of the same seed has others.
    init(seed: UInt64, schedule: Int) {
        self.init(seed: seed)
        state = next() ^ (UInt64(schedule) &* 0x9E37_79B9_7F4A_7C15)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `limit - 1`.
    mutating func below(_ limit: Int) -> Int {
        precondition(limit > 0, "there is no number below \(limit)")
        return Int(next() % UInt64(limit))
    }

    /// Whether something happens that happens so many times in a hundred.
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    /// One of them; `nil` where there is none.
    mutating func pick<Items: RandomAccessCollection>(_ items: Items) -> Items.Element? {
        guard !items.isEmpty else { return nil }
        return items[items.index(items.startIndex, offsetBy: below(items.count))]
    }

    /// One of them, each as often as its weight says.
    mutating func pick<Item>(weighted items: [(item: Item, weight: Int)]) -> Item? {
        let total = items.reduce(0) { $0 + $1.weight }
        guard total > 0 else { return nil }
        var number = below(total)
        for (item, weight) in items {
            if number < weight { return item }
            number -= weight
        }
        return nil
    }

    /// The same items in another order.
    mutating func shuffled<Item>(_ items: [Item]) -> [Item] {
        var items = items
        for index in items.indices.reversed() where index > 0 { items.swapAt(index, below(index + 1)) }
        return items
    }
}
