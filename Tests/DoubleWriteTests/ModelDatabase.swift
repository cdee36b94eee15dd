@testable import DoubleWrite

/// A database reduced to what a change of one column is about, which answers the statements of a conversation.
struct ModelDatabase: Hashable {
    enum Move: CaseIterable {
        case createState, expand, undoExpand, bothReadNew, backToBoth, new, handBack, retire, unretire, drop

        /// Whether it waits until nobody uses the table.
        var altersTheTable: Bool {
            switch self {
            case .expand, .undoExpand, .retire, .unretire, .drop: true
            case .createState, .bothReadNew, .backToBoth, .new, .handBack: false
            }
        }

        var isFlip: Bool {
            switch self {
            case .createState, .retire, .unretire: false
            case .expand, .undoExpand, .bothReadNew, .backToBoth, .new, .handBack, .drop: true
            }
        }
    }

    let dialect: Dialect
    var hasOld = true
    var hasNew = false
    var hasStageTable = false
    var markers = 0
    var stage: Stage?
    var epoch: Int64 = 0
    var schemaVersion: Int64 = 1

    /// What the engine may do now.
    var moves: [Move] {
        guard hasStageTable else { return [.createState] }
        return switch stage {
        case nil, .old: [.expand]
        case .both: [.undoExpand, .bothReadNew]
        case .bothReadNew: [.backToBoth, .new]
        case .new: hasOld ? [.retire, .handBack] : [.unretire, .drop]
        case .done: []
        }
    }

    mutating func make(_ move: Move) {
        schemaVersion += 1
        switch move {
        case .createState: hasStageTable = true
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
        case .retire: hasOld = false
        case .unretire: hasOld = true
        case .drop: flip(.done)
        }
        if !move.altersTheTable, move != .createState { schemaVersion -= 1 }
    }

    private mutating func flip(_ stage: Stage) {
        self.stage = stage
        epoch += 1
    }

    /// Whether the two differ in nothing but how often they have been there.
    func isLike(_ other: ModelDatabase) -> Bool {
        (hasOld, hasNew, hasStageTable, min(markers, 2), stage)
            == (other.hasOld, other.hasNew, other.hasStageTable, min(other.markers, 2), other.stage)
    }

    /// The columns that a write of a value has to set.
    var written: Set<String> {
        if !hasNew { return ["kind"] }
        if !hasOld { return ["species"] }
        return stage == .new ? ["species"] : ["kind", "species"]
    }

    /// The column that has to be read.
    var read: String { !hasNew || (hasOld && stage == .both) ? "kind" : "species" }
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
        let mark = dialect == .postgres ? "\"" : "`"
        let head = sql.split(separator: " WHERE ")[0]
        var columns: Set<String> = []
        for column in ["kind", "species"] {
            let named = mark + column + mark
            let isNamed =
                sql.hasPrefix("UPDATE") ? head.contains(named + " =") : head.hasPrefix("SELECT " + named)
            if isNamed { columns.insert(column) }
        }
        precondition(!columns.isEmpty, "a statement that sets nothing: \(sql)")
        if columns.contains("kind"), !hasOld { return .failed }
        if columns.contains("species"), !hasNew { return .failed }
        guard let holds = guardHolds(sql, snapshot) else { return .failed }
        return holds ? .did(columns) : .refused
    }

    private func guardHolds(_ sql: String, _ snapshot: ModelDatabase) -> Bool? {
        if let range = sql.firstRange(of: "animals.species@") {
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
        return Self.number(in: sql, after: "'animals.species') = ") == snapshot.epoch && snapshot.stage != nil
    }

    private static func number(in sql: String, after text: String) -> Int64? {
        sql.firstRange(of: text).flatMap { Int64(sql[$0.upperBound...].prefix { $0.isNumber }) }
    }

    /// Answers a look-up whose snapshot, markers and columns are each as old as they are.
    func lookUp(_ sql: String, snapshot: ModelDatabase, markers: ModelDatabase) -> ResultSet? {
        let readsStages = sql.contains("LEFT JOIN")
        guard hasStageTable || !readsStages else { return nil }
        let isSeen = readsStages && snapshot.stage != nil
        let row: [SQLValue] = [
            .boolean(hasStageTable), dialect == .sqlite ? .integer(schemaVersion) : nil,
            .boolean(hasOld), .boolean(hasNew),
            dialect == .postgres ? .integer(Int64(markers.markers + 1)) : nil,
            isSeen ? snapshot.stage.map { .text($0.rawValue) } ?? nil : nil,
            isSeen ? .integer(snapshot.epoch) : nil, isSeen ? .integer(Int64(snapshot.markers)) : nil, nil,
            nil,
        ]
        return ResultSet(columns: row.indices.map { "c\($0)" }, rows: [row])
    }
}
