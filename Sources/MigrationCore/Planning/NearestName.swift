/// Finds the name that somebody meant who wrote another.
public enum NearestName {
    /// The candidate that takes the fewest edits to reach from `name`, when it is near enough to be meant.
    ///
    /// Near enough is a third of the name's length, and at least one edit; letters in another case cost nothing. Of two
    /// that are equally near the one that sorts first is taken, so the answer does not depend on the order.
    public static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        let meant = Array(name.lowercased())
        let limit = max(1, meant.count / 3)
        var best: (distance: Int, name: String)?
        for candidate in candidates where candidate != name {
            let distance = distance(meant, Array(candidate.lowercased()))
            guard distance <= limit else { continue }
            if let best, (best.distance, best.name) <= (distance, candidate) { continue }
            best = (distance, candidate)
        }
        return best?.name
    }

    /// ` (did you mean 'species'?)`, or nothing where no candidate is near.
    public static func hint(_ name: String, among candidates: some Sequence<String>) -> String {
        of(name, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// The Damerau-Levenshtein distance in its optimal string alignment form: how many characters must be inserted,
    /// deleted, replaced or swapped with their neighbour
    /// (<https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance>).
    static func distance(_ left: [Character], _ right: [Character]) -> Int {
        if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 1...left.count {
            var current = [row]
            for column in 1...right.count {
                let cost = left[row - 1] == right[column - 1] ? 0 : 1
                var edits = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + cost)
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1]
                {
                    edits = min(edits, beforeLast[column - 2] + 1)
                }
                current.append(edits)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
