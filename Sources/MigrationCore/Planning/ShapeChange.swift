import DoubleWrite

/// One change of a table's shape by way of columns beside the old ones: the columns of both shapes, and how each side
/// is made of the other. A rename is the one in which both ways are the identity.
struct ShapeChange {
    /// A column of the old shape.
    struct Old {
        var column: Column
        /// How it is made of the new ones.
        var down: Derivation
    }

    /// A column of the new shape.
    struct New {
        /// The column as it stands when everything is finished.
        var column: Column
        /// The name that it bears until the old column is gone: another than its own where the old one has that.
        var physicalName: String
        /// How it is made of the old ones.
        var up: Derivation
        /// What its definition declares beside the column itself.
        var isUnique = false
        var check: String?
        var references: ForeignKeyTarget?

        var isShadow: Bool { physicalName != column.name }
    }

    /// How a column's value is made of the other side's.
    enum Derivation: Hashable {
        /// The value of that column as it is.
        case identity(String)
        /// The value of that column in the other type.
        case cast(String)
        /// An expression of the user's, over the other side's names.
        case expression(String)
        /// What the lookup table says of the row's own column.
        case lookup(ExtractedTable.Direction)
    }

    /// What the new columns get of what is on the old ones.
    enum Inheritance: Hashable {
        /// The column is the same one under another name or type: constraints, indexes, comment, grants.
        case everything
        /// The value means something else: its indexes and UNIQUE, but no CHECK and no foreign key.
        case keys
        /// There is no telling which new column would get what.
        case grants
    }

    let table: Table
    let id: ChangeID
    let generation: Int
    let dialect: Dialect
    let olds: [Old]
    let news: [New]
    let isLossyDown: Bool
    let inherits: Inheritance
    /// Who keeps the two shapes in step.
    let sync: Sync
    /// Whether triggers heal and count the writes of those who know the old shape only.
    let isGuarded: Bool
    /// Whether only the name changes.
    let isRename: Bool
    /// Whether a primary key and what refers to it move along.
    let movesKeys: Bool
    /// `ALWAYS` or `BY DEFAULT` where the old column was an identity column; for as long as there are two it has a plain
    /// sequence.
    let identity: String?
    /// How the rows are addressed, for batches and samples.
    let key: [String]
    let words: ShapeWords
    /// The table that takes the values, where the new column is a reference to it.
    let lookup: ExtractedTable?

    init(
        table: Table, id: ChangeID, context: PlanningContext, olds: [Old], news: [New],
        isLossyDown: Bool = false, inherits: Inheritance, isRename: Bool = false, sync: Sync = .doubleWrite,
        isGuarded: Bool = false,
        movesKeys: Bool = false, identity: String? = nil, lookup: ExtractedTable? = nil
    ) {
        self.lookup = lookup
        self.movesKeys = movesKeys
        self.identity = identity
        self.table = table
        self.id = id
        generation = context.generation(of: id)
        dialect = context.dialect
        var (olds, news) = (olds, news)
        // Two collations in one comparison are an error to PostgreSQL; the values' own bytes have none.
        if !isRename, olds.contains(where: { $0.column.collation != nil }) {
            for index in olds.indices { olds[index].column.hasExactEquality = false }
            for index in news.indices { news[index].column.hasExactEquality = false }
        }
        self.olds = olds
        self.news = news
        self.isLossyDown = isLossyDown
        self.inherits = inherits
        self.sync = sync
        self.isGuarded = isGuarded
        self.isRename = isRename
        switch dialect {
        case .postgres: key = table.primaryKey
        case .sqlite: key = table.sqliteKey ?? []
        }
        words = ShapeWords(
            table: table.name, change: id, olds: olds.map(\.column.name), news: news.map(\.column.name),
            isRename: isRename, keepsName: news.contains(where: \.isShadow), lookup: lookup?.operation)
    }
}

extension ShapeChange {
    /// Whether a new column bears an old one's name in the end.
    var keepsName: Bool { news.contains(where: \.isShadow) }

    var oldNames: [String] { olds.map(\.column.name) }
    var physicalNames: [String] { news.map(\.physicalName) }

    func flip(_ stage: Stage, generation: Int? = nil) -> StageFlip {
        StageFlip(change: id, stage: stage, generation: generation)
    }

    /// The new column's name while both are there, for each old one whose constraints it inherits.
    var heirs: [String: String] {
        guard inherits != .grants, let old = olds.first, let new = news.first else { return [:] }
        return [old.column.name: new.physicalName]
    }
}

// MARK: - Values

extension ShapeChange {
    /// What a new column holds where its row's old columns are the truth, in the table's own scope.
    func upValue(_ new: New) -> String {
        switch new.up {
        case .identity(let name): dialect.quote(name)
        case .cast(let name): dialect.stored(dialect.quote(name), in: new.column, isCast: true)
        case .expression(let text):
            dialect.stored(ScopedExpression.parenthesized(text), in: new.column)
        case .lookup(let direction): lookedUp(direction)
        }
    }

    /// What a row's column gives in the lookup table, as it is stored.
    private func lookedUp(_ direction: ExtractedTable.Direction) -> String {
        lookup.map { "(\($0.value(direction)))" } ?? "NULL"
    }

    /// What an old column holds where its row's new columns are the truth, in the table's own scope.
    func downValue(_ old: Old) -> String {
        downValue(old, over: news.map { ($0.column.name, dialect.quote($0.physicalName)) })
    }

    func downValue(_ old: Old, over values: [(name: String, sql: String)]) -> String {
        switch old.down {
        case .identity(let name): value(name, values)
        case .cast(let name): dialect.stored(value(name, values), in: old.column, isCast: true)
        case .expression(let text):
            dialect.stored(scoped(text, over: values), in: old.column)
        case .lookup(let direction): lookedUp(direction)
        }
    }

    func upValue(_ new: New, over values: [(name: String, sql: String)]) -> String {
        switch new.up {
        case .identity(let name): value(name, values)
        case .cast(let name): dialect.stored(value(name, values), in: new.column, isCast: true)
        case .expression(let text): dialect.stored(scoped(text, over: values), in: new.column)
        case .lookup(let direction): lookedUp(direction)
        }
    }

    /// The user's expression as it stands where its names are the table's own, in a scope of its own elsewhere.
    private func scoped(_ text: String, over values: [(name: String, sql: String)]) -> String {
        let areOwn = values.allSatisfy { dialect.quote($0.name) == $0.sql }
        return areOwn
            ? ScopedExpression.parenthesized(text) : ScopedExpression.sql(text, over: values, dialect)
    }

    private func value(_ name: String, _ values: [(name: String, sql: String)]) -> String {
        values.first { $0.name == name }?.sql ?? dialect.quote(name)
    }

    /// What an old value would become on the way to the new shape and back.
    private func roundTrip(_ old: Old) -> String {
        downValue(old, over: news.map { ($0.column.name, upValue($0)) })
    }

    /// What a new value would become on the way to the old shape and back.
    private func returnTrip(_ new: New) -> String {
        upValue(new, over: olds.map { ($0.column.name, downValue($0)) })
    }
}

// MARK: - Conditions

extension ShapeChange {
    private func differs(_ left: String, _ right: String, _ column: Column) -> String {
        dialect.differs(left, right, isExact: column.hasExactEquality)
    }

    /// SQL that is true for a row in which a new column is not what the old ones say.
    var newMismatch: String {
        any(news.map { differs(dialect.quote($0.physicalName), upValue($0), $0.column) })
    }

    /// SQL that is true for a row in which an old column is not what the new ones say.
    var oldMismatch: String { any(olds.map(oldMismatch)) }

    private func oldMismatch(_ old: Old) -> String {
        differs(dialect.quote(old.column.name), downValue(old), old.column)
    }

    /// The rows that a forward backfill writes. A value that the lookup table lacks has no key to differ from.
    var forwardMismatch: String {
        lookup == nil ? newMismatch : any([newMismatch, oldMismatch])
    }

    private func any(_ conditions: [String]) -> String {
        conditions.count == 1 ? conditions[0] : "(\(conditions.joined(separator: " OR ")))"
    }

    var forwardAssignments: String {
        news.map { "\(dialect.quote($0.physicalName)) = \(upValue($0))" }.joined(separator: ", ")
    }

    var reverseAssignments: String {
        olds.map { "\(dialect.quote($0.column.name)) = \(downValue($0))" }.joined(separator: ", ")
    }

    /// The rows that a reverse backfill writes. Where `down` forgets something, an old value that still gives the new
    /// one is left as it is: it may hold more than `down` would make of the new one.
    var reverseMismatch: String {
        isLossyDown ? "(\(oldMismatch) AND \(newMismatch))" : oldMismatch
    }

    /// `species = kind`, `given_name = up(name)`.
    var newIsOld: [Verification.Invariant] {
        news.map { new in
            .init(
                name: "\(words.name(of: new)) = \(words.source(new.up, "up", oldNames))",
                violation: differs(dialect.quote(new.physicalName), upValue(new), new.column))
        }
    }

    /// `kind = species`, `name = down(given_name, family_name)`.
    var oldIsNew: [Verification.Invariant] {
        olds.map { old in
            .init(
                name: "\(old.column.name) = \(words.source(old.down, "down", news.map(words.name)))",
                violation: oldMismatch(old))
        }
    }

    /// What holds where one side follows the other in both directions, as far as `down` says that it can.
    var bothWays: [Verification.Invariant] { isLossyDown ? newIsOld : newIsOld + oldIsNew }

    /// What holds when the old columns are about to be the truth again.
    var returned: [Verification.Invariant] {
        guard isLossyDown else { return newIsOld + oldIsNew }
        let name =
            "\(oldNames.joined(separator: ", ")) = down(\(news.map(words.name).joined(separator: ", ")))"
        return [.init(name: name, violation: reverseMismatch)]
    }

    /// What must be true of the rows before anything changes: that they survive the way there and back, and what the new
    /// columns demand of them.
    var demands: [Verification.Invariant] {
        // That every value survives follows from the lookup table, which is not there yet.
        if let lookup { return lookup.demands }
        var demands: [Verification.Invariant] = []
        if !isLossyDown, !isRename { demands += survivals }
        for new in news where !isRename {
            if !new.column.isNullable, !inheritsNotNull(new) {
                demands.append(
                    .init(name: "\(new.column.name) IS NOT NULL", violation: "\(upValue(new)) IS NULL"))
            }
            if let check = new.check {
                demands.append(
                    .init(
                        name: "CHECK of \(new.column.name)",
                        violation:
                            "NOT \(ScopedExpression.sql(check, over: [(new.column.name, upValue(new))], dialect))"
                    ))
            }
        }
        return demands
    }

    /// That every old value survives the way there and back.
    private var survivals: [Verification.Invariant] {
        olds.map { old in
            let name = old.column.name
            return .init(
                name: "\(name) = down(up(\(name)))",
                violation: differs(dialect.quote(name), roundTrip(old), old.column))
        }
    }

    /// The rows whose old values the new columns will not give back, where the file says that this may be.
    func forgotten(sampling columns: [String]) -> Verification? {
        guard isLossyDown, !isRename, lookup == nil else { return nil }
        return Verification(
            table: table.name, invariants: survivals, sampleColumns: columns,
            sampleValues: olds.map { .init(name: "\($0.column.name) again", sql: roundTrip($0)) },
            onlyTells: true)
    }

    /// What a CHECK demands that can only be made when the column bears its own name.
    var lateDemands: [Verification.Invariant] {
        news.filter(\.isShadow).compactMap { new in
            new.check.map {
                let value = dialect.quote(new.physicalName)
                return .init(
                    name: "CHECK of \(new.column.name)",
                    violation: "NOT \(ScopedExpression.sql($0, over: [(new.column.name, value)], dialect))")
            }
        }
    }

    /// A value that is never NULL stays one where nothing but a cast is between.
    private func inheritsNotNull(_ new: New) -> Bool {
        if case .expression = new.up { return false }
        return olds.allSatisfy { !$0.column.isNullable }
    }

    /// The rows whose new values do not survive the way back.
    var losses: [Verification.Invariant] {
        news.map { new in
            .init(
                name: "\(new.column.name) = up(down(\(new.column.name)))",
                violation: differs(dialect.quote(new.physicalName), returnTrip(new), new.column))
        }
    }

    /// What a sample shows of a row before anything changes: the old values, and what they would become.
    var demandSamples: [Verification.Sample] {
        if lookup != nil { return [] }
        return news.map { .init(name: "new \($0.column.name)", sql: upValue($0)) }
            + (isLossyDown ? [] : olds.map { .init(name: "\($0.column.name) again", sql: roundTrip($0)) })
    }

    var lossSamples: [Verification.Sample] {
        news.map { .init(name: "\($0.column.name) again", sql: returnTrip($0)) }
    }
}
