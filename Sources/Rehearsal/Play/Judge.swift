internal import DoubleWrite

/// Compares what a release found in a table with what was acknowledged.
struct Judge {
    let subject: Subject
    let number: Int
    let speech: Speech
    let ledger: Ledger

    /// - Parameters:
    ///   - sight: What was found of the row; `nil` where there was none.
    ///   - expected: What has to be there.
    ///   - reader: Who looked, in words.
    /// - Throws: ``Fault``.
    func check(
        _ sight: Performer.Sight?, _ row: RowID, expected: RowContent?, by reader: String, atEnd: Bool = false
    ) throws {
        guard let expected else {
            guard let sight, !isBare(sight) else { return }
            throw fault(row, reader, atEnd, "is there, although it was deleted\(since(row))")
        }
        guard let sight else {
            if case .source = speech.manner, expected[speech.slots[0]] == nil { return }
            throw fault(row, reader, atEnd, "is not there, although it was acknowledged\(since(row))")
        }
        for slot in speech.slots {
            guard let entry = expected[slot], !subject.holds(sight.values, entry, slot, speech) else {
                continue
            }
            let columns = subject.slots[slot].columns(speech.shape).map { "'\($0)'" }.joined(separator: ", ")
            throw fault(
                row, reader, atEnd,
                "holds \(found(sight, slot, row)) in \(columns), although value \(entry + 1) was acknowledged\(since(row))"
            )
        }
    }

    /// The rows of the whole table.
    func check(
        all sights: [Performer.Sight], by reader: String, atEnd: Bool = false,
        _ expected: (RowID) -> RowContent?
    ) throws {
        let found = Dictionary(sights.map { ($0.key, $0) }) { first, _ in first }
        for key in subject.keys.indices {
            let row = RowID(subject: number, key: key)
            let values = subject.keys[key].values(speech.shape)
            // A table that the migration makes or drops has keys in one shape only.
            guard !values.isEmpty else { continue }
            try check(found[values], row, expected: expected(row), by: reader, atEnd: atEnd)
        }
    }

    /// Whether the other table has a row, but nothing of ours in it.
    private func isBare(_ sight: Performer.Sight) -> Bool {
        guard case .source = speech.manner else { return false }
        return sight.values.values.allSatisfy(\.isNull)
    }

    private func fault(_ row: RowID, _ reader: String, _ atEnd: Bool, _ what: String) -> Fault {
        Fault(
            kind: atEnd ? .lost : .stale,
            message: "\(reader) (\(speech.name)) reads '\(subject.name)': row \(row.key + 1) \(what)",
            row: row)
    }

    /// What was found, told by whoever wrote it.
    private func found(_ sight: Performer.Sight, _ slot: Int, _ row: RowID) -> String {
        let entry = subject.entries.indices.first { subject.holds(sight.values, $0, slot, speech) }
        guard let entry else {
            let isNull = subject.slots[slot].columns(speech.shape).allSatisfy { sight.values[$0] == .null }
            return isNull ? "NULL" : "what nobody has written"
        }
        guard let move = ledger.move(thatOverwrote: entry, in: slot, of: row) else {
            return "value \(entry + 1), which was not acknowledged for it"
        }
        return "value \(entry + 1), which was overwritten in move \(move)"
    }

    private func since(_ row: RowID) -> String {
        ledger.moves[row].map { " in move \($0)" } ?? " from the beginning"
    }
}
