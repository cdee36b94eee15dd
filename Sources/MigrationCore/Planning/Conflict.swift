import DoubleWrite

/// Two migrations that would be in flight at once and touch the same column, or one of them the whole table.
public struct Conflict: Sendable, Hashable, Codable {
    /// The migration that comes first.
    public var first: String
    /// The migration that has to wait.
    public var second: String
    /// What both touch; the column is `nil` where one of them touches the whole table.
    public var touched: TouchedColumn

    /// A conflict between two migrations, by their names.
    public init(first: String, second: String, touched: TouchedColumn) {
        self.first = first
        self.second = second
        self.touched = touched
    }
}

extension Conflict: CustomStringConvertible {
    /// What is in each other's way and what to do.
    public var description: String {
        "'\(second)' touches \(touched), which '\(first)' is still changing; finish '\(first)' first "
            + "(apply --through contract), or take '\(second)' out"
    }
}

extension Planner {
    /// The pairs of plans that cannot be in flight at once, in their order.
    ///
    /// `plans` stand in the order in which the migrations are begun. One that is finished with its expand is over before
    /// the next begins, so it is nobody's conflict.
    public static func conflicts(among plans: [Plan]) -> [Conflict] {
        var conflicts: [Conflict] = []
        for (index, second) in plans.enumerated() {
            for first in plans[..<index] where first.staysInFlight {
                if let conflict = Conflict(between: first, and: second) { conflicts.append(conflict) }
            }
        }
        return conflicts
    }
}

extension Plan {
    /// Whether it waits for releases, so that other migrations may begin before it is finished.
    public var staysInFlight: Bool { phases.contains { $0.phase != .expand } }
}

extension Conflict {
    /// What both plans touch, the first of it; `nil` where they are not in each other's way.
    public init?(between first: Plan, and second: Plan) {
        for touched in first.touches {
            guard let other = second.touches.first(where: { $0.overlaps(touched, first.dialect) })
            else { continue }
            self.init(
                first: first.migration, second: second.migration,
                touched: touched.column == nil ? other : touched)
            return
        }
        return nil
    }
}
