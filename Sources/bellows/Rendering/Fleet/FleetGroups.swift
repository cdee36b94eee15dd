import MigrationCore

/// Databases of which the same is to be said, said once.
struct FleetGroups<Key: Hashable> {
    /// The groups: the largest first, of two that are as large the one whose first database comes first.
    private(set) var groups: [(key: Key, names: [String])] = []

    /// - Parameter items: The databases' names in their order, and what is to be said of each.
    init(_ items: [(name: String, key: Key)]) {
        var places: [Key: Int] = [:]
        for (name, key) in items {
            if let place = places[key] {
                groups[place].names.append(name)
            } else {
                places[key] = groups.count
                groups.append((key, [name]))
            }
        }
        groups = groups.enumerated().sorted { left, right in
            (-left.element.names.count, left.offset) < (-right.element.names.count, right.offset)
        }.map(\.element)
    }
}

extension Words {
    /// `a, b and c`; of many the first, and how many more.
    static func some(_ names: [String], most: Int = 6) -> String {
        let shown = names.map(\.onOneLine)
        guard shown.count > most else { return list(shown) }
        return shown.prefix(most - 1).joined(separator: ", ") + " and \(shown.count - most + 1) more"
    }

    /// The same for numbers of databases: `1 database`, `20 databases`.
    static func databases(_ count: Int) -> String { self.count(Int64(count), "database") }
}
