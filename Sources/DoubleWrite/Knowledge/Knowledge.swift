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
    /// The old columns, as the change declares them.
    var old: [ColumnKnowledge]

    /// The new ones, under the names that they have beside the old ones.
    var new: [ColumnKnowledge]

    /// Where a new column bears an old one's name: whether it is there under the name that it has meanwhile, and
    /// whether every new column is there under its own name. `nil` where no name is kept.
    var keptName: KeptName?

    /// The first marker that did not exist (PostgreSQL): the next expand will create it.
    var nextMarker: Int?

    /// The recorded stage, as far as the look-up's own snapshot shows it.
    var row: StageRow?
}

/// What one connection has seen of a change that keeps a name.
struct KeptName: Sendable, Hashable {
    var hasShadow: Bool
    var hasFinalNames: Bool
}

/// What one connection has seen of one column.
struct ColumnKnowledge: Sendable, Hashable {
    var exists: Bool

    /// The default as SQL.
    var defaultValue: String?

    /// What else is asked for: the declared type (SQLite), or what kind of identity column it is (PostgreSQL).
    var detail: String?
}

/// A recorded stage.
struct StageRow: Sendable, Hashable {
    /// `nil`: a stage that this version does not know.
    var stage: Stage?
    var epoch: Int64

    /// How often the change had been expanded.
    var generation: Int64
}

extension ChangeKnowledge {
    var hasOld: Bool { old.allSatisfy(\.exists) }
    var hasNew: Bool { new.allSatisfy(\.exists) }
    private var hasSomeNew: Bool { new.contains(where: \.exists) }

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
        return keptName.map(state(keeping:)) ?? stateUnderTwoNames
    }

    private var stateUnderTwoNames: ColumnState? {
        let stage = row?.stage
        switch (hasOld, hasNew) {
        case (true, false):
            guard !hasSomeNew else { return nil }
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

    /// Before the expand and after the end the columns look alike, so nothing is told without a recorded stage; and a
    /// row that is older than the columns must not be mistaken for either.
    private func state(keeping name: KeptName) -> ColumnState? {
        switch row?.stage {
        case nil, .old:
            if hasOld, hasNew, isExpandedSince { return .both }
            return row != nil && hasOld && !hasSomeNew && !isExpandedSince ? .missing : nil
        case .both: return hasOld && hasNew ? .both : nil
        case .bothReadNew: return hasOld && hasNew ? .bothReadNew : nil
        case .new: return hasNew ? .new : nil
        case .done: return name.hasFinalNames && !name.hasShadow ? .done : nil
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
    /// The columns of one shape.
    func columns(_ side: DeclaredChange.Side) -> [ColumnKnowledge] {
        switch side {
        case .old: old
        case .new: new
        }
    }
}
