/// What a `mismatch` of a backfill or a violation of a verification says of a row, as far as the two shapes go.
indirect enum ShapeCondition: Hashable {
    /// The new value is not what `up` makes of the old one. Where the comparison does not know NULL, it is not true of
    /// a row with one.
    case newDiffers(knowsNull: Bool)
    /// The old value is not what `down` makes of the new one.
    case oldDiffers(knowsNull: Bool)
    case newIsNull, oldIsNull
    case not(ShapeCondition)
    case all([ShapeCondition])
    case any([ShapeCondition])
    /// Something else: the user's own, or nothing that the proof knows.
    case other

    /// Whether it is true of a row; `nil` where that cannot be told.
    func isTrue(of row: ShapeRow) -> Bool? {
        switch self {
        case .newDiffers(let knowsNull):
            if !knowsNull, row.new.isNull || row.old.isNull { return false }
            return row.new != row.up
        case .oldDiffers(let knowsNull):
            if !knowsNull, row.new.isNull || row.old.isNull { return false }
            return row.old != row.down
        case .newIsNull: return row.new.isNull
        case .oldIsNull: return row.old.isNull
        case .other: return nil
        case .not(let condition): return condition.isTrue(of: row).map { !$0 }
        case .all(let conditions):
            let values = conditions.map { $0.isTrue(of: row) }
            return values.contains(false) ? false : values.contains(nil) ? nil : true
        case .any(let conditions):
            let values = conditions.map { $0.isTrue(of: row) }
            return values.contains(true) ? true : values.contains(nil) ? nil : false
        }
    }

    /// Whether it reads the new shape.
    var readsNew: Bool {
        switch self {
        case .newDiffers, .oldDiffers, .newIsNull: true
        case .not(let condition): condition.readsNew
        case .all(let conditions), .any(let conditions): conditions.contains(where: \.readsNew)
        case .oldIsNull, .other: false
        }
    }

    /// Whether it reads the old shape.
    var readsOld: Bool {
        switch self {
        case .newDiffers, .oldDiffers, .oldIsNull: true
        case .not(let condition): condition.readsOld
        case .all(let conditions), .any(let conditions): conditions.contains(where: \.readsOld)
        case .newIsNull, .other: false
        }
    }
}

/// A row as conditions see it: its values, and what `up` and `down` make of them at that moment.
struct ShapeRow {
    var old, new: ShapeValue
    /// What `up` makes of the old value.
    var up: ShapeValue
    /// What `down` makes of the new one.
    var down: ShapeValue
}

/// A value of either shape. Two survive the way to the other shape and back; the third does not: `up` and `down` make of
/// it the first one's counterpart.
///
/// Two surviving values tell any two apart, and a third kind of them would behave like one of these: `up` and `down`
/// are one to one on what survives, and whatever is done to a row is the same for every value.
struct ShapeValue: Hashable {
    let code: UInt8

    static let first = ShapeValue(code: 0)
    static let second = ShapeValue(code: 1)
    static let misfit = ShapeValue(code: 2)
    static let null = ShapeValue(code: 3)

    var isNull: Bool { self == .null }

    /// What `up` or `down` makes of it.
    var converted: ShapeValue { self == .misfit ? .first : self }
}
