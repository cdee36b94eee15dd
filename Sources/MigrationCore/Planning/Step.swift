/// The smallest thing that is run and recorded.
public struct Step: Sendable, Hashable, Codable {
    /// What kind of thing it is, for people and scripts.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case release, schema, backfill, verify, stage, soak
    }

    /// Unique in the plan and the same whenever the plan is made again: `1.expand.add-column`
    /// (the operation's number from 1, the phase, what it does).
    public var id: String
    /// What it does, in a few words, in the imperative: `add 'species' beside 'kind'`.
    public var title: String
    /// A sentence or more for the reader of the plan: why it is there, what a release must do. Empty where the title says all.
    public var explanation: String
    /// What the engine does.
    public var action: Action
    /// The strongest lock it takes, and on what.
    public var lock: Lock?
    /// Whether it reads the whole table.
    public var scans: Bool
    /// Whether it writes every row of the table.
    public var rewrites: Bool
    /// Whether every transaction that was open at the last flip or attestation must have ended before it may run.
    public var settlesFirst: Bool
    /// The steps that take it back, in the order in which they run; empty where there is nothing to take back, or where
    /// an earlier step's undo takes it along.
    ///
    /// A rollback runs the undo steps of all steps that were begun, the last step's first; of an ``isAtomic`` step only
    /// where it has happened.
    public var undo: [Step]
    /// Whether `undo` really takes it back. False from the first drop on.
    public var isReversible: Bool
    /// The ids under which other operations of the migration have the same gate; `nil` where none has.
    public var alsoServes: [String]?

    /// A step of its parts.
    public init(
        id: String, title: String, explanation: String = "", action: Action, lock: Lock? = nil,
        scans: Bool = false, rewrites: Bool = false, settlesFirst: Bool = false, undo: [Step] = [],
        isReversible: Bool = true
    ) {
        self.id = id
        self.title = title
        self.explanation = explanation
        self.action = action
        self.lock = lock
        self.scans = scans
        self.rewrites = rewrites
        self.settlesFirst = settlesFirst
        self.undo = undo
        self.isReversible = isReversible
    }

    /// The kind of its action.
    public var kind: Kind {
        switch action {
        case .release: .release
        case .schema, .buildIndex, .dropIndex: .schema
        case .backfill: .backfill
        case .sqlite(let work): work.kind
        case .verify: .verify
        case .flip: .stage
        case .soak: .soak
        }
    }
}

/// A lock, in the words of the database's manual, and the table it is on (in SQLite the whole file).
public struct Lock: Sendable, Hashable, Codable {
    /// `ACCESS EXCLUSIVE`, `SHARE UPDATE EXCLUSIVE`, ...; SQLite: `RESERVED`.
    public var mode: String
    /// What it is on: a table, several, the file.
    public var object: String
    /// How long it is held: `for a moment`, `while the rows are read`.
    public var duration: String

    /// A lock.
    public init(mode: String, object: String, duration: String) {
        self.mode = mode
        self.object = object
        self.duration = duration
    }
}

extension Step {
    /// The flip that it makes, alone or together with statements.
    public var flip: StageFlip? {
        switch action {
        case .flip(let flip): flip
        case .schema(let change): change.flip
        case .release, .buildIndex, .dropIndex, .backfill, .sqlite, .verify, .soak: nil
        }
    }

    /// Whether it only waits, so that one of them serves several operations.
    public var isGate: Bool {
        switch action {
        case .release, .soak: true
        case .schema, .buildIndex, .dropIndex, .backfill, .sqlite, .verify, .flip: false
        }
    }
}
