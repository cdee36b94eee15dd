/// An order of releases and steps that somebody has written down: for a team with code and SQL of its own that asks
/// whether it is safe.
///
/// It is about one old column and one new one. Plans are looked at by their own steps; this is for orders that are no
/// plan.
///
///     Rollout(from: .old, [.release(.both), .expand, .backfill, .release(.bothReadNew), .release(.new), .contract])
///         .check().isSafe   // true
public struct Rollout: Sendable, Hashable {
    /// One of the two columns.
    public enum Column: Sendable, Hashable {
        case old, new
    }

    /// What an instance of a release writes and reads.
    public struct Release: Sendable, Hashable {
        /// What it is called.
        public var name: String
        /// The columns that it writes, each time all of them.
        public var writes: Set<Column>
        /// The column that it reads.
        public var reads: Column
        /// The columns that it does without while they are missing: it writes only the other one then, and reads that.
        public var tolerates: Set<Column>

        /// A release, by what it does.
        public init(_ name: String, writes: Set<Column>, reads: Column, tolerates: Set<Column> = []) {
            self.name = name
            self.writes = writes
            self.reads = reads
            self.tolerates = tolerates
        }

        /// It knows only the old column.
        public static let old = Release("old", writes: [.old], reads: .old)
        /// It writes both, for as long as the new one is missing only the old one, and reads the old one.
        public static let both = Release("both", writes: [.old, .new], reads: .old, tolerates: [.new])
        /// It writes both and reads the new one.
        public static let bothReadNew = Release("both-read-new", writes: [.old, .new], reads: .new)
        /// It knows only the new column.
        public static let new = Release("new", writes: [.new], reads: .new)
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
    public enum GoingBack: String, Sendable, Hashable, CaseIterable {
        case never
        /// By one release, while that release is going out.
        case whileGoingOut = "while_rolling_out"
        /// By one release, at any moment.
        case always
    }

    /// What runs before the first step.
    public var first: Release
    /// The steps.
    public var steps: [Step]
    /// How far instances go back.
    public var goingBack: GoingBack
    /// What the two columns are called, for the traces.
    public var oldName, newName: String?

    /// An order of steps.
    public init(
        from first: Release, _ steps: [Step], goingBack: GoingBack = .never, oldName: String? = nil,
        newName: String? = nil
    ) {
        self.first = first
        self.steps = steps
        self.goingBack = goingBack
        self.oldName = oldName
        self.newName = newName
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
