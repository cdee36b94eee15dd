public import DoubleWrite

/// What the statements of one release of an application name.
public struct ReleaseContract: Sendable, Hashable {
    /// A table that it writes.
    public struct Write: Sendable, Hashable {
        /// The table, and the columns that its statements give values.
        public var use: TableUse
        /// Whether it inserts rows with these columns, or only updates them.
        public var inserts: Bool
        /// The columns that it may set to NULL.
        public var nulls: [String]
        /// The columns that its `ON CONFLICT` names.
        public var conflict: [String]
        /// Constants that it writes, by their column: what a CHECK may refuse.
        public var values: [String: [String]]

        /// A table that is written.
        public init(
            _ use: TableUse, inserts: Bool = true, nulls: [String] = [], conflict: [String] = [],
            values: [String: [String]] = [:]
        ) {
            self.use = use
            self.inserts = inserts
            self.nulls = nulls
            self.conflict = conflict
            self.values = values
        }
    }

    /// A change as the release declares it to the helper.
    public struct Declaration: Sendable, Hashable {
        /// The change.
        public var change: ChangeID
        /// The columns of the old shape.
        public var old: [String]
        /// The columns of the new shape.
        public var new: [String]

        /// A declaration of its parts.
        public init(change: ChangeID, old: [String], new: [String]) {
            self.change = change
            self.old = old
            self.new = new
        }
    }

    /// What the release is called.
    public var name: String
    /// What it reads.
    public var reads: [TableUse]
    /// What it writes.
    public var writes: [Write]
    /// The changes that it declares to the helper, which bears any state of their columns.
    public var changes: [ChangeID]
    /// What is known of these declarations: it has to be what the migrations say.
    public var declarations: [Declaration]

    /// A contract of its parts.
    public init(
        name: String, reads: [TableUse] = [], writes: [Write] = [], changes: [ChangeID] = [],
        declarations: [Declaration] = []
    ) {
        self.name = name
        self.reads = reads
        self.writes = writes
        self.changes = changes
        self.declarations = declarations
    }
}

/// A statement of a release that the schema does not bear at some moment of a plan.
public struct ContractBreach: Sendable, Hashable {
    /// The migration whose plan it is.
    public var migration: String
    /// The number of the step behind which it breaks, from 1, and its title; `nil` before the first one.
    public var step: (number: Int, title: String)? { number.map { ($0, title) } }
    /// The release.
    public var release: String
    /// What it does and cannot: `reads column 'kind' of 'animals', which is not there`.
    public var reason: String
    /// Why the release behind it cannot be out by then; `nil` where there is none behind it.
    public var successor: String?
    private var number: Int?
    private var title: String

    init(
        migration: String, step: (number: Int, title: String)?, release: String, reason: String,
        successor: String?
    ) {
        self.migration = migration
        number = step?.number
        title = step?.title ?? ""
        self.release = release
        self.reason = reason
        self.successor = successor
    }
}

extension ContractBreach: CustomStringConvertible {
    /// What breaks, where, and why the next release is no way out.
    public var description: String {
        let place = step.map { "from step \($0.number) on (\($0.title))" } ?? "before the first step"
        return "\(migration): \(place) the release '\(release)' breaks: it \(reason); "
            + (successor ?? "no release is listed behind it")
    }
}
