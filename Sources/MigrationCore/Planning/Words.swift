extension String {
    /// Whether a letter, a digit or (unless it separates) an underscore.
    private static func isWordPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber
    }

    /// The ranges in which `word` stands with neither a letter nor a digit beside it. An underscore separates words.
    func rangesOfWord(_ word: String) -> [Range<String.Index>] {
        guard !word.isEmpty else { return [] }
        return ranges(of: word).filter { range in
            let before = range.lowerBound > startIndex ? self[index(before: range.lowerBound)] : " "
            let after = range.upperBound < endIndex ? self[range.upperBound] : " "
            return !Self.isWordPart(before) && !Self.isWordPart(after)
        }
    }

    /// The text with every occurrence of `word` as a whole word replaced.
    func replacingWord(_ word: String, by other: String) -> String {
        var result = ""
        var rest = startIndex
        for range in rangesOfWord(word) {
            result += self[rest..<range.lowerBound] + other
            rest = range.upperBound
        }
        return result + self[rest...]
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
