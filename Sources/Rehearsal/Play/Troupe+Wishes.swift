internal import DoubleWrite

extension Troupe {
    /// What an instance wants to write of a row: all of it, or single columns.
    ///
    /// - Parameter content: What the row is for the instance; `nil` where it is not there.
    func wish(
        _ verb: Performer.Verb, _ key: Int, _ content: RowContent?, _ speech: Speech, _ number: Int
    ) -> Performer.Wish? {
        let subject = subjects[number]
        if verb == .update, let content, let wish = mixed(key, content, speech, number) { return wish }
        guard let entry = freeEntry(subject, number) else { return nil }
        var wish = Performer.Wish(verb: verb, key: key, entry: entry, slots: speech.slots)
        if verb == .update, subject.bearsParts, speech.slots.count > 1, random.chance(35) {
            let kept = 1 + random.below(speech.slots.count - 1)
            wish.slots = Array(random.shuffled(speech.slots).prefix(kept)).sorted()
        }
        return wish
    }

    /// Single columns of a change of several: what the row holds then is a mixture.
    private func mixed(_ key: Int, _ content: RowContent, _ speech: Speech, _ number: Int) -> Performer.Wish?
    {
        let known = subjects[number].mixtures.filter { mixture in
            mixture.side == speech.shape && speech.slots.contains(mixture.slot) && !speech.isOwnCode
        }
        guard let mixture = random.pick(known), random.chance(50) else { return nil }
        let taken = takenEntries(number)
        guard let current = content[mixture.slot], let origin = mixture.origin(of: current) else {
            // Only from a mixture another one follows.
            guard let entry = random.pick(mixture.donors.filter { !taken.contains($0) }) else { return nil }
            return Performer.Wish(verb: .update, key: key, entry: entry, slots: [mixture.slot])
        }
        guard let donor = random.pick(mixture.donors) else { return nil }
        let count = 1 + random.below(mixture.parts.count - 1)
        let places = Set(random.shuffled(Array(mixture.parts.indices)).prefix(count))
        let next = origin.indices.map { places.contains($0) ? donor : origin[$0] }
        guard let entry = mixture.entries[next], !taken.contains(entry) else { return nil }
        return Performer.Wish(
            verb: .update, key: key, entry: entry, slots: [mixture.slot],
            columns: Set(places.map { mixture.parts[$0] }))
    }

    /// An entry that no row has, and none had a moment ago: what is read tells by whom it was written.
    private func freeEntry(_ subject: Subject, _ number: Int) -> Int? {
        let taken = takenEntries(number)
        return random.pick(subject.usable.filter { !taken.contains($0) })
    }

    private func takenEntries(_ number: Int) -> Set<Int> {
        var taken: Set<Int> = []
        func take(_ rows: some Sequence<(key: RowID, value: RowContent?)>) {
            for (row, content) in rows where row.subject == number {
                for entry in content ?? [] { if let entry { taken.insert(entry) } }
            }
        }
        take(ledger.rows.lazy.map { (key: $0.key, value: Optional($0.value)) })
        for instance in instances {
            take((instance.work?.changes ?? [:]).lazy.map { (key: $0.key, value: $0.value) })
        }
        return taken
    }
}

extension Performer.Wish {
    /// What is written, in words.
    func inWords(of subject: Subject, _ speech: Speech) -> String {
        var columns: [String] = []
        if let parts = self.columns {
            columns = parts.sorted()
        } else if slots != speech.slots {
            columns = slots.flatMap { subject.slots[$0].columns(speech.shape) }
        }
        let only =
            columns.isEmpty ? "" : " in " + columns.map { "'\($0)'" }.joined(separator: ", ") + " alone"
        return "\(verb.rawValue) row \(key + 1) of '\(subject.name)', value \(entry + 1)\(only)"
    }

    /// Whether columns that the release knows are left out.
    func isPartial(_ speech: Speech) -> Bool { columns != nil || slots != speech.slots }
}
