import DoubleWrite

/// Reads conditions and assignments of a plan for what they say of the two shapes.
///
/// What `up` and `down` are it takes from the plan's own backfills: the text that is assigned to a new column is its
/// `up`. A condition is understood where it is put together, by AND, OR and NOT, of comparisons of a column with that very
/// text, as `Dialect.differs` writes them, and of IS NULL. Everything else is ``ShapeCondition/other``, which the proof
/// takes for whatever is worst.
struct ShapeConditionReader {
    private let facts: ShapeFacts
    /// Texts without their white space.
    private var known: [String: ShapeCondition] = [:]
    private var sources: [(prefix: String, side: Side)] = []

    enum Side: Hashable { case old, new }

    private var dialect: Dialect { facts.dialect }

    init(_ facts: ShapeFacts, backfills: [Backfill]) {
        self.facts = facts
        for backfill in backfills {
            for assignment in assignments(backfill) { learn(assignment) }
        }
        let isPlain = facts.isIdentity && facts.move == nil && facts.lookup == nil
        if isPlain, let old = facts.olds.first, let new = facts.news.first {
            // Both ways are the value itself.
            learn(([old.physicalName], dialect.quote(new.physicalName), old.physicalName))
            learn(([new.physicalName], dialect.quote(old.physicalName), new.physicalName))
        }
        if let move = facts.move { learn(move) }
        for name in (facts.olds + facts.news).flatMap(names) {
            let condition = side(name) == .new ? ShapeCondition.newIsNull : .oldIsNull
            known[squeezed("\(dialect.quote(name)) IS NULL")] = condition
            known[squeezed("\(dialect.quote(name)) IS NOT NULL")] = .not(condition)
        }
    }

    private func names(_ member: ShapeFacts.Member) -> [String] {
        [member.name, member.physicalName, dialect.retiredName(of: member.name)].uniqued
    }

    /// The shape that a column is of. Where both have its name, the reader knows the one by its hidden name.
    private func side(_ column: String) -> Side? {
        let isNew = facts.news.contains { $0.physicalName == column }
        let isOld = facts.olds.contains {
            $0.physicalName == column || dialect.retiredName(of: $0.name) == column
        }
        if isNew { return .new }
        if isOld {
            // Swapped: the old one is hidden, and the name is the new one's.
            return .old
        }
        return facts.news.contains { $0.name == column } ? .new : nil
    }
}

// MARK: - Assignments

extension ShapeConditionReader {
    /// The columns, what they are made of, and the column as it stands there.
    private typealias Assignment = (columns: [String], value: String, text: String)

    /// Which shape a backfill writes; `nil` where that cannot be told.
    func written(by backfill: Backfill) -> Side? {
        if facts.lookup == nil, let batch = backfill.batch, let first = batch.statements.first {
            var cursor = TokenCursor(first.head, dialect)
            guard cursor.take("INSERT", "INTO") || cursor.take("UPDATE"), let table = cursor.table() else {
                return nil
            }
            return table == facts.target ? .new : table == facts.source ? .old : nil
        }
        let sides = assignments(backfill).flatMap(\.columns).compactMap(side)
        return Set(sides).count == 1 ? sides.first : nil
    }

    /// Whether a backfill empties what it writes.
    func empties(_ backfill: Backfill) -> Bool {
        let assignments = assignments(backfill)
        return !assignments.isEmpty && assignments.allSatisfy { squeezed($0.value) == "NULL" }
    }

    /// Whether the values that a backfill reads get their rows in the lookup table first.
    func notesValues(_ backfill: Backfill) -> Bool {
        guard let lookup = facts.lookup, let batch = backfill.batch else { return false }
        let writes = batch.statements.prefix { StatementReader(dialect: dialect).update($0.head) == nil }
        return writes.contains { statement in
            var cursor = TokenCursor(statement.head, dialect)
            return cursor.take("INSERT", "INTO") && cursor.table() == lookup
        }
    }

    private func assignments(_ backfill: Backfill) -> [Assignment] {
        var text = backfill.assignments
        if let batch = backfill.batch {
            let reader = StatementReader(dialect: dialect)
            let update = batch.statements.lazy.compactMap { reader.update($0.head) }.first
            guard facts.lookup != nil, let update else { return [] }
            text = update.assignments
        }
        let bytes = Array(text.utf8)
        return TokenCursor(text, dialect).pieces().compactMap { piece in
            var cursor = TokenCursor(piece, dialect)
            let columns: [String]
            if let list = cursor.parenthesized() {
                columns = list.names
            } else if let name = cursor.name() {
                columns = [name]
            } else {
                return nil
            }
            guard cursor.takeSymbol("="), let first = cursor.next, let last = piece.last else { return nil }
            let value = bytes[first.range.lowerBound..<last.range.upperBound]
            return (columns, String(decoding: value, as: UTF8.self), columns.first ?? "")
        }
    }

    private mutating func learn(_ assignment: Assignment) {
        guard let column = assignment.columns.first, let side = side(column) else { return }
        let table = dialect.quote(facts.source.name)
        let condition: ShapeCondition =
            side == .new ? .newDiffers(knowsNull: true) : .oldDiffers(knowsNull: true)
        let careless: ShapeCondition =
            side == .new ? .newDiffers(knowsNull: false) : .oldDiffers(knowsNull: false)
        if assignment.value.hasPrefix("(SELECT "), assignment.value.hasSuffix(")") {
            let source = assignment.value.dropFirst().dropLast()
            sources.append(
                (squeezed("EXISTS (SELECT 1 FROM (\(source)) AS \(dialect.quote("made")) WHERE "), side))
        }
        let quoted = assignment.columns.map(dialect.quote)
        for text in quoted + quoted.map({ "\(table).\($0)" }) {
            for isExact in [false, true] {
                let differs = dialect.differs(text, assignment.value, isExact: isExact)
                known[squeezed(differs)] = condition
            }
            for sign in ["<>", "!="] {
                known[squeezed("\(text) \(sign) \(assignment.value)")] = careless
            }
        }
    }

    private mutating func learn(_ move: MoveColumn) {
        for isExact in [false, true] {
            let sql = MoveColumnSQL(operation: move, dialect: dialect, isExact: isExact)
            known[squeezed(sql.staleSource)] = .newDiffers(knowsNull: true)
            known[squeezed(sql.missingInTarget)] = .all([.not(.oldIsNull), .newDiffers(knowsNull: true)])
            known[squeezed(sql.missingInSource)] = .all([.not(.newIsNull), .oldDiffers(knowsNull: true)])
        }
    }
}

// MARK: - Conditions

extension ShapeConditionReader {
    /// What the text says of a row.
    func condition(_ text: String) -> ShapeCondition {
        let tokens = TokenCursor(text, dialect).rest
        return condition(tokens)
    }

    private func condition(_ tokens: [SQLToken]) -> ShapeCondition {
        let text = squeezed(tokens)
        if let known = known[text] { return known }
        if let made = comparisonOfRows(text) { return made }
        let alternatives = tokens.split(atTopLevel: { $0.isKeyword("OR") })
        if alternatives.count > 1 { return .any(alternatives.map(condition)) }
        let parts = tokens.split(atTopLevel: { $0.isKeyword("AND") })
        if parts.count > 1 { return .all(parts.map(condition)) }
        if tokens.first?.isKeyword("NOT") == true { return .not(condition(Array(tokens.dropFirst()))) }
        var cursor = TokenCursor(tokens, dialect)
        if let inner = cursor.parenthesized(), cursor.isAtEnd { return condition(inner) }
        return .other
    }

    /// `EXISTS (SELECT 1 FROM (<what the other side makes>) AS made WHERE <a column differs from it>)`.
    private func comparisonOfRows(_ text: String) -> ShapeCondition? {
        guard let (prefix, side) = sources.first(where: { text.hasPrefix($0.prefix) }) else { return nil }
        let rest = String(text.dropFirst(prefix.count).dropLast())
        let table = dialect.quote(facts.source.name)
        let members = side == .new ? facts.news : facts.olds
        let candidates = members.map { member in
            names(member).flatMap { name in
                [false, true].map { isExact in
                    squeezed(
                        dialect.differs(
                            "\(table).\(dialect.quote(name))",
                            "\(dialect.quote("made")).\(dialect.quote(member.name))", isExact: isExact))
                }
            }
        }
        let whole = candidates.joined().contains(rest)
        let several = rest.hasPrefix("(") && candidates.allSatisfy { $0.contains(where: rest.contains) }
        guard whole || several else { return nil }
        return side == .new ? .newDiffers(knowsNull: true) : .oldDiffers(knowsNull: true)
    }

    /// The text without white space and comments.
    private func squeezed(_ text: String) -> String { squeezed(TokenCursor(text, dialect).rest) }

    private func squeezed(_ tokens: [SQLToken]) -> String { tokens.map(\.text).joined() }
}
