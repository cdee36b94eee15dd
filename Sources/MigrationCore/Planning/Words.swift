extension String {
    /// Whether a letter, a digit or (unless it separates) an underscore.
    private static func isWordPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber
    }

    /// Whether SQL text may mention the identifier `name`: in any case, quoted or not, also inside a text constant.
    func mentions(_ name: String) -> Bool {
        let spellings = Set([name] + ["\"", "`"].map { name.replacing($0, with: $0 + $0) })
        return spellings.contains { lowercased().containsIdentifier($0.lowercased()) }
    }

    private func containsIdentifier(_ name: String) -> Bool {
        guard !name.isEmpty else { return false }
        return ranges(of: name).contains { range in
            let before = range.lowerBound > startIndex ? self[index(before: range.lowerBound)] : " "
            let after = range.upperBound < endIndex ? self[range.upperBound] : " "
            return !Self.isIdentifierPart(before) && !Self.isIdentifierPart(after)
        }
    }

    private static func isIdentifierPart(_ character: Character) -> Bool {
        isWordPart(character) || character == "_" || character == "$"
    }
}
