@testable import DoubleWrite

/// A database reduced to what a change of one table is about, which answers the statements of a conversation.
struct ModelDatabase: Hashable {
    enum Move: CaseIterable {
        case createState, recordOld, expand, undoExpand, bothReadNew, backToBoth, new, handBack, retire,
            unretire, drop

        /// Whether it waits until nobody uses the table.
        var altersTheTable: Bool {
            switch self {
            case .expand, .undoExpand, .retire, .unretire, .drop: true
            case .createState, .recordOld, .bothReadNew, .backToBoth, .new, .handBack: false
            }
        }
    }

    let change: ModelChange
    let dialect: Dialect
    var hasOld = true
    var hasNew = false
    var isDropped = false
    var hasStageTable = false
    var markers = 0
    var stage: Stage?
    var epoch: Int64 = 0
    var schemaVersion: Int64 = 1

    /// What the engine may do now.
    var moves: [Move] {
        guard hasStageTable else { return [.createState] }
        return switch stage {
        case nil: change.keepsAName ? [.recordOld] : [.expand]
        case .old: [.expand]
        case .both: [.undoExpand, .bothReadNew]
        case .bothReadNew: [.backToBoth, .new]
        case .new: hasOld ? [.retire, .handBack] : [.unretire, .drop]
        case .done: change.keepsAName && !isDropped ? [.unretire, .drop] : []
        }
    }

    mutating func make(_ move: Move) {
        schemaVersion += 1
        switch move {
        case .createState: hasStageTable = true
        case .recordOld: flip(.old)
        case .expand:
            hasNew = true
            markers += 1
            flip(.both)
        case .undoExpand:
            hasNew = false
            flip(.old)
        case .bothReadNew, .handBack: flip(.bothReadNew)
        case .backToBoth: flip(.both)
        case .new: flip(.new)
        case .retire:
            hasOld = false
            if change.keepsAName { flip(.done) }
        case .unretire:
            hasOld = true
            if change.keepsAName { flip(.new) }
        case .drop:
            isDropped = true
            if !change.keepsAName { flip(.done) }
        }
        if !move.altersTheTable, move != .createState { schemaVersion -= 1 }
    }

    private mutating func flip(_ stage: Stage) {
        self.stage = stage
        epoch += 1
    }

    /// Whether the two differ in nothing but how often they have been there.
    func isLike(_ other: ModelDatabase) -> Bool {
        (change, hasOld, hasNew, hasStageTable, min(markers, 2), stage)
            == (
                other.change, other.hasOld, other.hasNew, other.hasStageTable, min(other.markers, 2),
                other.stage
            ) && isDropped == other.isDropped
    }

    /// The old columns, where they are there under their own names.
    private var old: [String] { hasOld ? change.old : [] }

    /// The new columns under the names that they have now.
    var new: [String] {
        guard hasNew else { return [] }
        return change.keepsAName && !hasOld ? change.old : change.new
    }

    /// The columns that a write of a value has to set.
    var written: Set<String> {
        let isOld = hasOld && stage != .new
        let isNew = hasNew
        let isComputed = isOld && change != .rename
        return Set((isOld ? old : []) + (isNew ? new : []) + (isComputed ? [ModelChange.computed] : []))
    }

    /// The columns that have to be read.
    var read: Set<String> {
        guard !hasNew || (hasOld && stage == .both) else { return [new[0]] }
        return Set(old + (change == .rename ? [] : [ModelChange.computed]))
    }
}

extension ModelDatabase {
    /// What a statement did.
    enum Effect: Hashable {
        case failed
        case refused
        case did(Set<String>)
    }

    /// Carries out `UPDATE` or `SELECT`, with the recorded stage as old as the snapshot.
    func run(_ sql: String, snapshot: ModelDatabase) -> Effect {
        let columns = change.columns(of: sql, dialect)
        precondition(
            !columns.subtracting([ModelChange.computed]).isEmpty, "a statement without columns: \(sql)")
        guard columns.subtracting([ModelChange.computed]).isSubset(of: old + new) else { return .failed }
        guard let holds = guardHolds(sql, snapshot) else { return .failed }
        return holds ? .did(columns) : .refused
    }

    private var id: String { change.table.changes[0].id.name }

    private func guardHolds(_ sql: String, _ snapshot: ModelDatabase) -> Bool? {
        if let range = sql.firstRange(of: "\(id)@") {
            let number = Int(sql[range.upperBound...].prefix { $0.isNumber }) ?? 0
            return number > markers
        }
        if sql.contains("to_regclass(") { return !hasStageTable }
        if let number = Self.number(in: sql, after: "pragma_schema_version) = ") {
            return number == schemaVersion
        }
        guard sql.contains("SELECT epoch") || sql.contains("NOT EXISTS") else { return true }
        guard hasStageTable else { return nil }
        if sql.contains("NOT EXISTS") { return snapshot.stage == nil }
        return Self.number(in: sql, after: "'\(id)') = ") == snapshot.epoch && snapshot.stage != nil
    }

    private static func number(in sql: String, after text: String) -> Int64? {
        sql.firstRange(of: text).flatMap { Int64(sql[$0.upperBound...].prefix { $0.isNumber }) }
    }

    /// Answers a look-up whose snapshot, markers and columns are each as old as they are.
    func lookUp(_ sql: String, snapshot: ModelDatabase, markers: ModelDatabase) -> ResultSet? {
        let readsStages = sql.contains("LEFT JOIN")
        guard hasStageTable || !readsStages else { return nil }
        let isSeen = readsStages && snapshot.stage != nil
        let present =
            change.old.map { old.contains($0) || new.contains($0) } + change.new.map { new.contains($0) }
        var row: [SQLValue] = [.boolean(hasStageTable), dialect == .sqlite ? .integer(schemaVersion) : nil]
        row += present.map { .boolean($0) }
        row += [
            dialect == .postgres ? .integer(Int64(markers.markers + 1)) : nil,
            isSeen ? snapshot.stage.map { .text($0.rawValue) } ?? nil : nil,
            isSeen ? .integer(snapshot.epoch) : nil, isSeen ? .integer(Int64(snapshot.markers)) : nil,
        ]
        row += Array(repeating: nil, count: present.count * (change == .rename ? 1 : 2))
        return ResultSet(columns: row.indices.map { "c\($0)" }, rows: [row])
    }
}
