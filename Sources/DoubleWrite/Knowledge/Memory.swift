/// What one connection has learnt about its tables. Never share it between connections: what is right on one server
/// and in one transaction need not be right on another.
public struct Memory: Sendable {
    /// Nothing is known.
    public init() {}

    private var entries: [TableDeclaration: Entry] = [:]

    /// Whether the table of recorded stages is known to exist.
    var hasStageTable = false

    /// How many compositions are kept.
    private(set) var compositions = 0

    /// How many compositions, and how many tables, are kept: at the next one all are forgotten, since those of what is past
    /// never come again.
    static let limit = 256

    /// Longer texts, in bytes, are not kept.
    static let longestText = 16 * 1024

    private struct Entry: Sendable {
        /// `nil` where none of the table's changes was of importance so far.
        var knowledge: TableKnowledge?
        /// The transaction in which it cannot change.
        var frozenIn: Int?
        /// What was composed from this knowledge, and goes with it.
        var compositions: [Form: Composition] = [:]
    }

    private struct Form: Sendable, Hashable {
        var form: RequestForm
        /// Whether the statement is for a transaction in which nothing can change, so that it needs no guard.
        var isFrozen: Bool
    }
}

// What is known.
extension Memory {
    func knowledge(of table: TableDeclaration) -> TableKnowledge? { entries[table]?.knowledge }

    func isFrozen(_ table: TableDeclaration, in transaction: Int?) -> Bool {
        guard let transaction else { return false }
        return entries[table]?.frozenIn == transaction
    }

    mutating func learn(_ knowledge: TableKnowledge, of table: TableDeclaration, frozenIn transaction: Int?) {
        if let known = entries[table]?.knowledge, known == knowledge {
            entries[table]?.frozenIn = transaction
            return
        }
        forget(table)
        makeRoom()
        entries[table] = Entry(knowledge: knowledge, frozenIn: transaction)
    }

    mutating func freeze(_ table: TableDeclaration, in transaction: Int) {
        entries[table]?.frozenIn = transaction
    }

    mutating func forget(_ table: TableDeclaration) {
        compositions -= entries[table]?.compositions.count ?? 0
        entries[table] = nil
    }

    private mutating func makeRoom() {
        guard entries.count >= Self.limit else { return }
        entries = [:]
        compositions = 0
    }
}

// What was composed.
extension Memory {
    /// What was composed for a request of this form from what is known now, and whether that is frozen.
    func composition(
        of request: Request, in transaction: Int?
    ) -> (composition: Composition, isFrozen: Bool)? {
        guard let entry = entries[request.table] else { return nil }
        let isFrozen = transaction != nil && entry.frozenIn == transaction
        return entry.compositions[Form(form: RequestForm(request.operation), isFrozen: isFrozen)].map {
            ($0, isFrozen)
        }
    }

    /// Keeps what was composed for a request.
    mutating func keep(_ composition: Composition, for request: Request, in transaction: Int?) {
        let table = request.table
        // It may have been composed from what is not known any more, and it may be too long to come again.
        guard composition.knowledge == nil || composition.knowledge == knowledge(of: table),
            composition.length <= Self.longestText
        else { return }
        if compositions >= Self.limit { forgetCompositions() }
        if entries[table] == nil {
            makeRoom()
            entries[table] = Entry()
        }
        let form = Form(form: RequestForm(composition.form), isFrozen: isFrozen(table, in: transaction))
        if entries[table]?.compositions.updateValue(composition, forKey: form) == nil { compositions += 1 }
    }

    /// Forgets what was composed, and nothing else.
    mutating func forgetCompositions() {
        for table in entries.keys { entries[table]?.compositions = [:] }
        compositions = 0
    }
}

extension Memory: Hashable {
    /// Whether the same is known. What was composed follows from that.
    public static func == (left: Memory, right: Memory) -> Bool {
        left.hasStageTable == right.hasStageTable && left.known == right.known
    }

    /// By what is known.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(hasStageTable)
        hasher.combine(known)
    }

    private struct Known: Hashable {
        var knowledge: TableKnowledge
        var frozenIn: Int?
    }

    private var known: [TableDeclaration: Known] {
        entries.compactMapValues { entry in
            entry.knowledge.map { Known(knowledge: $0, frozenIn: entry.frozenIn) }
        }
    }
}
