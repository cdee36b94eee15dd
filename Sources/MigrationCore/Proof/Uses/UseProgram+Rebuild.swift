import DoubleWrite

/// What is known of the shadow of a table that is rebuilt, as far as one row goes.
struct Shadow: OptionSet, Hashable {
    let rawValue: UInt8
    static let isThere = Shadow(rawValue: 1)
    /// The row is not in it, or not as the table has it.
    static let isBehind = Shadow(rawValue: 2)
    /// A trigger makes it follow what is inserted, updated, deleted.
    static let insert = Shadow(rawValue: 4)
    static let update = Shadow(rawValue: 8)
    static let delete = Shadow(rawValue: 16)
    static let mirrors: Shadow = [.insert, .update, .delete]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ event: Effect.Trigger.Event) {
        switch event {
        case .insert: self = .insert
        case .update: self = .update
        case .delete: self = .delete
        }
    }

    /// After a write of the table's row.
    var written: Shadow {
        guard contains(.isThere) else { return self }
        return isSuperset(of: .mirrors) ? subtracting(.isBehind) : union(.isBehind)
    }
}

/// What becomes of a shadow.
enum ShadowChange: Hashable {
    /// It is there, without a row.
    case made
    case dropped
    /// It follows these events, or does so no longer.
    case mirrored(Shadow)
    case left(Shadow)
    /// It is the table from here.
    case swapped
}

extension Plan {
    /// The rebuilds of these operations, forth and back.
    func rebuilds(of operations: Set<Int>) -> [RowCopy] {
        let own = steps.map(\.step).filter { step in operations.contains(where: step.serves) }
        return own.flatMap { [$0] + $0.undo }.compactMap { step -> RowCopy? in
            switch step.action {
            case .sqlite(.copy(let rows)), .sqlite(.compare(let rows)): rows
            case .sqlite(.swap(let swap)): swap.rows
            case .sqlite(.edit), .sqlite(.empty), .release, .schema, .buildIndex, .dropIndex, .backfill,
                .verify, .flip, .soak:
                nil
            }
        }.reduce(into: []) { rebuilds, rows in
            if !rebuilds.contains(where: { $0.shadow == rows.shadow }) { rebuilds.append(rows) }
        }
    }
}

extension UseProgram {
    func rebuild(_ rows: RowCopy) -> Int? { rebuilds.firstIndex { $0.shadow == rows.shadow } }

    /// The rebuild whose shadow the table is.
    func rebuild(of shadow: TableName) -> Int? {
        rebuilds.firstIndex { schema.dialect.sameName($0.shadow, shadow.name) }
    }

    /// The shadow in the table's place: what its text demands instead, and the indexes that only one of the two has.
    mutating func effects(_ swap: TableSwap) -> [UseEffect] {
        guard let number = rebuild(swap.rows), let changes = reader.read(swap) else {
            riddles.append(swap.text)
            return []
        }
        let gone = swap.indexes.filter { $0.shadow == nil }.flatMap { release($0.name) }
        let come = swap.indexes.filter { $0.retired == nil }.flatMap { reader.read($0.sql).effects }
        return [.shadow(number, .swapped)] + (changes + come).flatMap { effects($0) } + gone
    }

    /// A trigger that writes a shadow when the table's row has been written.
    mutating func mirror(_ trigger: Effect.Trigger) -> [UseEffect] {
        guard trigger.isAfter, let table = trigger.table,
            let number = rebuilds.firstIndex(where: { rows in
                schema.dialect.normalized(rows.table) == schema.dialect.normalized(table)
                    && trigger.targets.contains { schema.dialect.sameName($0.name, rows.shadow) }
            })
        else { return [] }
        let events = trigger.events.reduce(into: Shadow()) { $0.formUnion(Shadow($1)) }
        mirrors[trigger.name] = (number, events)
        return [.shadow(number, .mirrored(events))]
    }
}
