/// An order of releases and steps that somebody has written down: for a team with code and SQL of its own that asks
/// whether it is safe.
///
/// It is about one old column and one new one. Plans are looked at by their own steps; this is for orders that are no
/// plan.
///
///     Rollout(from: .old, [.release(.both), .expand, .backfill, .release(.bothReadNew), .release(.new), .contract])
///         .check().isSafe   // true
public struct Rollout: Sendable, Hashable {
    /// What an instance of a release writes and reads.
    public enum Release: String, Sendable, Hashable, CaseIterable {
        /// It knows only the old column.
        case old
        /// It writes both, for as long as the new one is missing only the old one, and reads the old one.
        case both
        /// It writes both and reads the new one.
        case bothReadNew = "both-read-new"
        /// It knows only the new column.
        case new
    }

    /// A step, in its order.
    public enum Step: Sendable, Hashable {
        /// A release goes out, instance by instance.
        case release(Release)
        /// The new column appears, empty.
        case expand
        /// Every row in which the new column is not the old one's value gets it.
        case backfill
        /// Every row in which the new column is NULL gets the old one's value.
        case backfillWhereNull
        /// A trigger keeps the two columns in step, both ways; or does so no longer.
        case trigger(Bool)
        /// The rows are counted in which the two differ; it waits until there is none.
        case verify
        /// The old column goes.
        case contract
    }

    /// How far instances go back.
    public enum GoingBack: Sendable, Hashable {
        case never
        /// By one release, while that release is going out.
        case whileGoingOut
        /// By one release, at any moment.
        case always
    }

    /// What runs before the first step.
    public var first: Release
    /// The steps.
    public var steps: [Step]
    /// How far instances go back.
    public var goingBack: GoingBack

    /// An order of steps.
    public init(from first: Release, _ steps: [Step], goingBack: GoingBack = .never) {
        self.first = first
        self.steps = steps
        self.goingBack = goingBack
    }
}

extension Rollout {
    /// What came of an order.
    public struct Verdict: Sendable, Hashable {
        /// How many states it can come to.
        public var states: Int
        /// What must never happen and can, the first of each kind.
        public var faults: [Fault]

        /// Whether nothing is wrong.
        public var isSafe: Bool { faults.isEmpty }
    }

    /// Looks at every order in which two instances and the steps can follow each other.
    public func check() -> Verdict {
        let exploration = Exploration(RolloutMachine(self), limit: 1_000_000)
        return Verdict(states: exploration.count, faults: exploration.faults)
    }
}
