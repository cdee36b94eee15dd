/// Something that must not happen, and did.
struct Fault: Error, Sendable {
    /// What sort of thing.
    enum Kind: String, Sendable {
        /// A write that was acknowledged is gone.
        case lost
        /// A read saw what was overwritten.
        case stale
        /// A statement failed that has to work.
        case broken
        /// `apply` or `rollback` did not do what the plan says.
        case run
        /// A lock that is stronger than the plan says.
        case lock
    }

    var kind: Kind
    var message: String
    /// The row that it is about.
    var row: RowID?
}
