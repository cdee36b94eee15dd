/// Which columns of a change a statement writes and reads.
enum ColumnState: Sendable, Hashable {
    /// Writes and reads the old ones.
    case missing
    /// Writes both, reads the old ones.
    case both
    /// Writes both, reads the new ones.
    case bothReadNew
    /// Writes and reads the new ones.
    case new
    /// As ``new``, where a new column bears an old one's name, which is its own now.
    case done
}

extension ColumnState {
    /// The shape whose values are right; the other one is derived from it.
    var truth: DeclaredChange.Side {
        switch self {
        case .missing, .both: .old
        case .bothReadNew, .new, .done: .new
        }
    }

    /// Whether the columns of both shapes are written.
    var isWrittenTwice: Bool {
        switch self {
        case .both, .bothReadNew: true
        case .missing, .new, .done: false
        }
    }
}
