import DoubleWrite

/// What one operation adds to a plan, while it is being put together.
struct OperationDraft {
    /// A place in a phase at which all operations of a migration stand together, so that one gate serves them all.
    enum Rank: Int, Comparable {
        case work
        /// Foreign keys between columns that several operations make.
        case references
        case readNewGate, handOver
        /// What others refer to is handed over when they no longer do.
        case keyHandOver
        case newGate, soak, drop

        static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
    }

    /// A step with its place.
    struct Entry {
        var phase: Phase
        var rank: Rank
        var step: Step
    }

    let migration: String
    /// The operation's number in its file, from 1.
    let number: Int
    let keyword: String
    /// The tables that operations before it in the same file make: nobody writes them before the expand.
    let newTables: Set<TableName>

    private(set) var entries: [Entry] = []
    private(set) var problems: [PlanningProblem] = []
    private(set) var probes: [Probe] = []
    var warnings: [String] = []
    var unresolved: [String] = []
    var touches: [TouchedColumn] = []
    /// What it only reads: nothing of it may be changed by another operation whose end comes after the expand.
    var reads: [TouchedColumn] = []
    /// What a renamed column is called afterwards, for messages.
    var renamedTo: String?
    /// What is gone behind the operation's first irreversible step.
    var lossReason: String?

    init(migration: String, number: Int, keyword: String, newTables: Set<TableName> = []) {
        self.newTables = newTables
        self.migration = migration
        self.number = number
        self.keyword = keyword
    }

    /// Adds a step under the id `number.phase.slug`, and numbers its undo steps.
    mutating func add(_ phase: Phase, _ slug: String, rank: Rank = .work, _ step: Step) {
        var step = step
        step.id = "\(number).\(phase.rawValue).\(slug)"
        for index in step.undo.indices {
            step.undo[index].id = "undo.\(step.id).\(index + 1)"
        }
        precondition(!entries.contains { $0.step.id == step.id }, "a step's id is used twice: \(step.id)")
        // Rows are counted, and stages recorded, before anybody waits for a release.
        let rank = phase == .doubleWrite && step.isGate ? .newGate : rank
        entries.append(Entry(phase: phase, rank: rank, step: step))
    }

    /// Notes a mistake at `path`, a key below the operation's own.
    mutating func refuse(_ path: String?, _ message: String) {
        problems.append(PlanningProblem(migration: migration, path: place(path), message: message))
    }

    /// Has the database asked about what stands at `path`, a key below the operation's own, before anything runs.
    mutating func probe(_ path: String?, _ what: String, _ statements: [String], advice: String) {
        probes.append(Probe(path: place(path), what: what, statements: statements, advice: advice))
    }

    /// The key under which the operation names the column it is about.
    var columnPath: String {
        ["rename_column", "change_column", "split_column", "merge_columns"].contains(keyword)
            ? "from" : "column"
    }

    /// What to do where a second column beside the old one is not possible.
    var otherWay: String {
        keyword == "rename_column"
            ? PlanningContext.inPlace
            : "change it while nobody writes, by statements of your own (sql), which are yours to prove"
    }

    private func place(_ path: String?) -> String {
        "operations[\(number - 1)].\(keyword)" + (path.map { ".\($0)" } ?? "")
    }
}

extension Step {
    /// A step whose id its draft gives it.
    init(
        _ title: String, _ explanation: String = "", _ action: Action, lock: Lock? = nil, scans: Bool = false,
        rewrites: Bool = false, settlesFirst: Bool = false, undo: [Step] = [], isReversible: Bool = true
    ) {
        self.init(
            id: "", title: title, explanation: explanation, action: action, lock: lock, scans: scans,
            rewrites: rewrites, settlesFirst: settlesFirst, undo: undo, isReversible: isReversible)
    }
}
