/// What one connection has seen of one table's changes, at one instant.
struct TableKnowledge: Sendable, Hashable {
    /// As the table declares them.
    var changes: [ChangeKnowledge]

    /// Whether the table of recorded stages was there.
    var hasStageTable: Bool

    /// SQLite's counter of schema changes.
    var schemaVersion: Int64?
}

/// What one connection has seen of one change.
struct ChangeKnowledge: Sendable, Hashable {
    var hasOld: Bool
    var hasNew: Bool

    /// The first marker that did not exist (PostgreSQL): the next expand will create it.
    var nextMarker: Int?

    /// The recorded stage, as far as the look-up's own snapshot shows it.
    var row: StageRow?

    /// The columns' defaults as SQL.
    var oldDefault: String?
    var newDefault: String?
}

/// A recorded stage.
struct StageRow: Sendable, Hashable {
    /// `nil`: a stage that this version does not know.
    var stage: Stage?
    var epoch: Int64

    /// How often the change had been expanded.
    var generation: Int64
}

/// Which columns of a change a statement writes and reads.
enum ColumnState: Sendable, Hashable {
    /// Writes and reads the old one.
    case missing
    /// Writes both, reads the old one.
    case both
    /// Writes both, reads the new one.
    case bothReadNew
    /// Writes and reads the new one.
    case new
}

extension ChangeKnowledge {
    /// Whether the change has been expanded again since the recorded stage that was seen.
    ///
    /// A marker is read from the system's cache and a row from the snapshot, which may be older.
    private var isExpandedSince: Bool {
        guard let nextMarker else { return false }
        return Int64(nextMarker) > (row?.generation ?? 0) + 1
    }

    /// What follows from it, or `nil` where it cannot be told.
    ///
    /// The recorded stage decides. The columns alone never do, where both are there: a column of the new name may
    /// be somebody else's, or what was recorded may be lost.
    var state: ColumnState? {
        if let row, row.stage == nil { return nil }
        let stage = row?.stage
        switch (hasOld, hasNew) {
        case (true, false):
            return switch stage {
            case nil, .old, .both: .missing
            case .bothReadNew, .new, .done: nil
            }
        case (true, true):
            return switch stage {
            case nil, .old: isExpandedSince ? .both : nil
            case .both: .both
            case .bothReadNew: .bothReadNew
            case .new, .done: .new
            }
        case (false, true):
            return switch stage {
            case nil, .old, .new, .done: .new
            case .both, .bothReadNew: nil
            }
        case (false, false):
            return nil
        }
    }

    /// Whether the state rests on a marker that is newer than the recorded stage: no statement can be guarded then.
    var isAheadOfRow: Bool { state == .both && isExpandedSince }
}

extension TableKnowledge {
    /// The condition under which a statement built from this knowledge is right, or `nil` where there is none.
    func `guard`(of position: Int, id: ChangeID) -> Guard? {
        let change = changes[position]
        if change.isAheadOfRow { return nil }
        if change.state == .missing {
            return change.nextMarker.map { .noMarker(id, $0) } ?? schemaVersion.map { .schemaVersion($0) }
        }
        if let row = change.row { return .epoch(id, row.epoch) }
        if hasStageTable { return .noRow(id) }
        return schemaVersion.map { .schemaVersion($0) } ?? .noStageTable
    }
}

extension ChangeKnowledge {
    /// The default of a value that is not given while both columns are written: that of the column which is the
    /// truth, or else of the other one, since the default moves from the old to the new column in between.
    var truthDefault: String? {
        switch state {
        case .both: oldDefault ?? newDefault
        case .bothReadNew: newDefault ?? oldDefault
        case .missing, .new, nil: nil
        }
    }
}
