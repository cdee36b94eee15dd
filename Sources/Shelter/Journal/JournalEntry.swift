/// One line of an instance's journal.
enum JournalEntry: Sendable, Equatable {
    /// The instance began (again). The animals 1...`seeded` were there before any instance.
    case start(instance: Int, instances: Int, seeded: Int64, at: Moment)
    /// A write is about to be sent.
    case begin(Write)
    /// The write was acknowledged.
    case acknowledged(serial: Int, at: Moment)
    /// The write was refused and certainly left no trace; it may be tried again under another serial.
    case refused(serial: Int, at: Moment, reason: String)
    /// What a read saw.
    case read(Read)
    /// What must not happen.
    case error(at: Moment, text: String)
    /// The instance ended in order.
    case stop(at: Moment)
}

/// A write of one animal: what it makes of the columns it names; the others stay as they are.
struct Write: Sendable, Equatable {
    enum Verb: String, Sendable {
        case insert, update, upsert, delete
    }

    /// The number of the write among those of its instance, over all its lives.
    var serial: Int
    var verb: Verb
    var animal: Int64
    var begun: Moment
    var cells: [Animal.Column: Cell]
}

/// A read of one animal, that saw the state of some moment between its start and its end.
struct Read: Sendable, Equatable {
    var animal: Int64
    var start: Moment
    var end: Moment
    var cells: [Animal.Column: Cell]
}
