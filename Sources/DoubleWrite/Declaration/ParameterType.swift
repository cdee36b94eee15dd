/// The type that a parameter is cast to, made of a column's declared type: without its modifier.
///
/// An explicit cast to `varchar(5)` cuts a longer text off in silence, where the column itself would refuse it
/// (<https://www.postgresql.org/docs/current/datatype-character.html>); and a condition would compare with what was
/// cut. So a parameter is cast to the bare type, and storing it in the column applies the modifier as it does for a
/// plain statement. `char` and `bit` mean one character and one bit without a modifier: their unbounded kin are taken.
func parameterType(of declared: String) -> String {
    var bare = withoutModifiers(declared)
    var suffix = ""
    while bare.hasSuffix("[]") {
        bare.removeLast(2)
        suffix += "[]"
    }
    let words = bare.lowercased().split(separator: " ")
    switch words.first {
    case "char", "character", "nchar", "bpchar", "national":
        guard !words.contains("varying") else { return "varchar" + suffix }
        return "bpchar" + suffix
    case "bit": return "varbit" + suffix
    case "interval": return "interval" + suffix
    default: return words.isEmpty ? declared : bare + suffix
    }
}

/// The text without its parentheses and what they hold, outside quoted names; each run of spaces is one.
private func withoutModifiers(_ type: String) -> String {
    var kept = String.UnicodeScalarView()
    var depth = 0
    var isQuoted = false
    for scalar in type.unicodeScalars {
        if scalar == "\"", depth == 0 { isQuoted.toggle() }
        if !isQuoted, scalar == "(" { depth += 1 }
        if depth == 0, isQuoted || scalar != " " || kept.last != " " { kept.append(scalar) }
        if !isQuoted, scalar == ")", depth > 0 { depth -= 1 }
    }
    while kept.last == " " { kept.removeLast() }
    return String(kept)
}

/// The type that a value is cast to before another one is made of it: what the column would hold, as far as a cast
/// does what storing does.
///
/// Storing rounds a number to the scale of `numeric(10,2)` and a time to the digits of `timestamp(0)`, and so does the
/// cast. A text that is too long is refused by the column and cut off by the cast, so there the modifier stays away.
func storedType(of declared: String) -> String {
    let bare = parameterType(of: declared)
    return cutsOff(bare) ? bare : declared
}

/// The type that shows by a comparison whether a value fits into a column: with the modifier that cuts it off.
func fittingType(of declared: String) -> String {
    let bare = parameterType(of: declared)
    return bare.hasPrefix("varbit") ? bare : declared
}

/// Whether `=` means identity for a type, so that comparing it is cheap. Blanks at the end of a `char(3)` mean nothing.
func isExact(_ declared: String) -> Bool {
    let exact: Set = [
        "smallint", "int2", "integer", "int", "int4", "bigint", "int8", "boolean", "bool", "uuid", "date",
        "bytea",
        "timestamp", "timestamptz", "timestamp with time zone", "timestamp without time zone", "bpchar",
    ]
    return exact.contains(parameterType(of: declared).lowercased())
}

/// Whether a modifier of this type cuts values off in a cast.
private func cutsOff(_ bare: String) -> Bool {
    ["varchar", "bpchar", "varbit"].contains { bare.lowercased().hasPrefix($0) }
}
