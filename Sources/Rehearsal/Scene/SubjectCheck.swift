internal import DoubleWrite

/// Asks the database before the migration which keys and contents an application may use: a refusal in the play is then
/// the plan's doing.
struct SubjectCheck {
    let session: Session
    let dialect: Dialect

    func check(_ subject: inout Subject) throws {
        let taken = Set(subject.present.values)
        subject.usable = subject.entries.indices.map { $0 }
        guard let speech = subject.releases[0].first, case .plain = speech.manner else { return }
        let columns = speech.slots.flatMap { subject.slots[$0].columns(speech.shape) }
        guard !columns.isEmpty, let row = subject.present.keys.min() else { return }
        func values(_ entry: Int) -> [SQLValue] { columns.map { subject.entries[entry].old[$0] ?? .null } }
        let update = Statements.update(speech.table, columns, key: speech.key, dialect)
        let target = subject.keys[row].old
        subject.usable = try subject.usable.filter { entry in
            if taken.contains(entry) { return true }
            return try session.trying { try session.run(update, values(entry) + target) } != nil
        }
        guard let entry = subject.usable.first(where: { !taken.contains($0) }) else { return }
        let insert = Statements.insert(speech.table, speech.key + columns, dialect)
        let keys = subject.keys
        let kept = try keys.indices.filter { number in
            if subject.present[number] != nil { return true }
            return try session.trying { try session.run(insert, keys[number].old + values(entry)) } != nil
        }
        subject.present = Dictionary(
            uniqueKeysWithValues: kept.enumerated().compactMap { place, number in
                subject.present[number].map { (place, $0) }
            })
        subject.keys = kept.map { keys[$0] }
    }
}
