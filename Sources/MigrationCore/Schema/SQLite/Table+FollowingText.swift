import DoubleWrite

extension Table {
    /// Follows SQLite's stored text to the table as it is now; where that cannot be told, what is lost of it is noted.
    mutating func followText(of before: Table?) {
        let old = before?.definition.flatMap { try? SQLiteDefinition($0) }
        definition = nil
        guard let before, let old else { return }
        if let edits = SQLiteDefinition.Difference(before.described, described),
            let followed = edits.made(in: old)
        {
            definition = followed.sql(named: name.name)
        } else {
            lostText = old.details
        }
    }
}

extension SQLiteDefinition {
    /// What the parts of a table do not tell, in words.
    var details: [String] {
        var details: [String] = isStrict ? ["STRICT"] : []
        for (clause, _) in clauses {
            switch clause.content {
            case .notNull(let conflict): if let conflict { details.append("ON CONFLICT \(conflict)") }
            case .primaryKey(let key), .unique(let key):
                if key.isAutoincrement { details.append("AUTOINCREMENT") }
                if let conflict = key.conflict { details.append("ON CONFLICT \(conflict)") }
                if key.order != nil || key.parts.contains(where: { $0.order != nil || $0.collation != nil }) {
                    details.append("the order of a key")
                }
            case .generated(_, let storage): if storage == "STORED" { details.append("STORED") }
            case .null, .check, .defaultValue, .collation, .foreignKey: break
            }
        }
        return details.uniqued
    }

    /// What is other in one definition than in another, as long as columns only go, or come at the end.
    struct Difference {
        private var edits: [TableEdit] = []
        private var removed: Set<String> = []
        private var added: [Column] = []

        /// `nil` where more is other than that.
        init?(_ before: SQLiteDefinition, _ after: SQLiteDefinition) {
            let names = (before: Set(before.columns.map(\.name)), after: Set(after.columns.map(\.name)))
            removed = names.before.subtracting(names.after)
            let kept = after.columns.filter { names.before.contains($0.name) }
            added = after.columns.filter { !names.before.contains($0.name) }
            guard before.isWithoutRowID == after.isWithoutRowID, after.columns == kept + added else {
                return nil
            }
            for (old, new) in zip(before.columns.filter { names.after.contains($0.name) }, kept) {
                guard old.name == new.name else { return nil }
                if old.type != new.type {
                    edits.append(.retype(from: old.type, to: new.type, column: old.name))
                }
                change(old.clauses, new.clauses, column: old.name)
            }
            change(before.constraints, after.constraints, column: nil)
        }

        private mutating func change(_ old: [Clause], _ new: [Clause], column: String?) {
            edits += old.filter { !new.contains($0) }.map { .remove($0, column: column) }
            edits += new.filter { !old.contains($0) }.map { .add($0, column: column) }
        }

        /// The other definition with the same changes; `nil` where they do not fit.
        func made(in definition: SQLiteDefinition) -> SQLiteDefinition? {
            // What else a column that goes bears, or has under another name, is text that is not edited.
            let leaving = definition.columns.filter { removed.contains($0.name) }.flatMap(\.clauses)
            guard leaving.allSatisfy(\.content.isPlain) else { return nil }
            var definition = definition.edited(edits)
            definition?.columns.removeAll { removed.contains($0.name) }
            definition?.columns += added
            return definition
        }
    }
}

extension SQLiteDefinition.Content {
    /// Whether it is of its column alone and needs no name of one.
    fileprivate var isPlain: Bool {
        switch self {
        case .notNull, .null, .defaultValue, .collation: true
        case .primaryKey, .unique, .check, .foreignKey, .generated: false
        }
    }
}
