extension Dialect {
    /// The longest identifier this dialect keeps whole, in bytes of UTF-8; `nil` where there is no limit.
    ///
    /// PostgreSQL cuts longer ones with only a notice (`NAMEDATALEN` - 1,
    /// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html>).
    public var longestIdentifier: Int? {
        switch self {
        case .postgres: 63
        case .sqlite: nil
        }
    }

    /// A generated name of at most ``longestIdentifier`` bytes: `name + suffix`, or, where that is too long, the
    /// beginning of `name`, a hash of all of it, and `suffix`.
    ///
    /// The same name gives the same result in every process, on every platform.
    public func shortened(_ name: String, suffix: String = "") -> String {
        guard let limit = longestIdentifier, name.utf8.count + suffix.utf8.count > limit else {
            return name + suffix
        }
        let hash = "~" + String(fnv1a(name), radix: 36)
        let room = limit - suffix.utf8.count - hash.utf8.count
        precondition(room > 0, "a suffix leaves no room for the name")
        // Scalar by scalar: what counts as one character changes with the Unicode version of the toolchain, and the
        // engine and an application need not be built with the same.
        var kept = String.UnicodeScalarView()
        var size = 0
        for scalar in name.unicodeScalars {
            size += UTF8.width(scalar)
            guard size <= room else { break }
            kept.append(scalar)
        }
        return String(kept) + hash + suffix
    }
}

/// The 64-bit FNV-1a hash of a text's UTF-8 bytes (<http://www.isthe.com/chongo/tech/comp/fnv/>).
func fnv1a(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    return hash
}
