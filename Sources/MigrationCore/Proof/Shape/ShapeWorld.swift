import DoubleWrite

/// One state of a database, its runner and the instances of its applications, as far as one change of shape and one row
/// of its table go.
///
/// One row is enough: every step, every write and every count looks at each row by itself, and the properties speak of
/// one row. (A unique index looks at two; what can be seen of that here is a default that two rows would share.)
struct ShapeWorld {
    /// A shape in the database.
    struct Slot: Hashable {
        /// The name that its deciding column bears; 0 where it is not there.
        var name: ShapeName = 0
        var value = ShapeValue.null
        /// Its columns that are NOT NULL, as bits.
        var required: UInt8 = 0
        /// Those that have the same default for every row, and those that have another one each time.
        var constant: UInt8 = 0
        var varying: UInt8 = 0

        var isThere: Bool { name != 0 }
    }

    /// The lookup table of an extracted column: whether it is there, and which values have a row in it.
    struct Lookup: OptionSet, Hashable {
        let rawValue: UInt8
        static let isThere = Lookup(rawValue: 1)

        /// The row of a value.
        static func row(_ value: ShapeValue) -> Lookup {
            value.isNull ? [] : Lookup(rawValue: 2 << value.code)
        }
    }

    /// What was last written and acknowledged.
    struct Truth: Hashable {
        var value: ShapeValue
        /// Whether it is a value of the old shape that the new one cannot hold. What both can hold counts as new.
        var isOld = false
    }

    /// Where the runner stands: before a step forth, or before one on the way back.
    var place: UInt16 = 0
    /// The recorded stage, if any.
    var stage: Stage?
    var old = Slot()
    var new = Slot()
    /// The demands that hold, as bits.
    var demands: UInt16 = 0
    var triggers: ShapeTriggers = []
    var lookup: Lookup = []
    var truth = Truth(value: .first)
    var crew = Crew()
}

extension ShapeWorld: Hashable {
    func hash(into hasher: inout Hasher) {
        var bits = UInt64(place) << 48 | UInt64(old.value.code) << 40 | UInt64(new.value.code) << 32
        bits |= UInt64(old.name) << 24 | UInt64(new.name) << 16
        bits |= UInt64(truth.value.code) << 8 | UInt64(triggers.rawValue)
        hasher.combine(bits)
        hasher.combine(UInt64(lookup.rawValue) << 48 | UInt64(crew.bits) << 16 | UInt64(demands))
    }
}

/// What an instance of an application is and does, four of them at most.
struct Crew: Hashable {
    fileprivate(set) var bits: UInt32 = 0

    subscript(index: Int) -> Instance {
        get { Instance(bits: UInt8(truncatingIfNeeded: bits >> (8 * UInt32(index)))) }
        set {
            let shift = 8 * UInt32(index)
            bits = bits & ~(UInt32(0xFF) << shift) | UInt32(newValue.bits) << shift
        }
    }
}

/// One running instance: the release that it is of, and the transaction that it has open.
struct Instance: Hashable {
    /// What a release does.
    enum Conduct: UInt8 {
        /// The release before, which knows one shape only.
        case before
        case helper, both, bothReadNew, new

        init(_ conduct: Release.Conduct) {
            switch conduct {
            case .helper: self = .helper
            case .both: self = .both
            case .bothReadNew: self = .bothReadNew
            case .new: self = .new
            }
        }
    }

    /// How a statement is written.
    enum Acting: UInt8 {
        /// By a release that knows the old shape only.
        case unaware
        /// As long as the new shape is missing.
        case old
        case both, bothReadNew, new
        /// As `new`, where the new column bears its own name by now.
        case done
        /// By whatever shape bears the name (`sync: trigger`).
        case either
    }

    fileprivate(set) var bits: UInt8 = 0

    var conduct: Conduct {
        get { Conduct(rawValue: bits & 7) ?? .before }
        set { bits = bits & ~7 | newValue.rawValue }
    }

    /// What its open transaction does, which it saw when it began.
    var transaction: Acting? {
        get {
            let code = (bits >> 3) & 7
            return code == 7 ? .either : code == 0 ? nil : Acting(rawValue: code - 1)
        }
        set {
            // `unaware` to `done` are 1 to 6.
            let code = newValue.map { $0 == .either ? 7 : $0.rawValue + 1 } ?? 0
            bits = bits & ~0b1111000 | code << 3
        }
    }

    /// Whether that transaction was open at the last flip or attestation.
    var isOverdue: Bool {
        get { bits & 64 != 0 }
        set { bits = newValue ? bits | 64 : bits & ~64 }
    }
}
