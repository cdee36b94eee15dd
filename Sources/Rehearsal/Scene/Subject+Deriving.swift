internal import DoubleWrite
internal import MigrationCore

/// The operations of a migration on one table, and the table before and behind them.
struct ChangedTable {
    var dialect: Dialect
    /// The table before; `nil` where the migration makes it.
    var before: Table?
    /// The table behind the migration; `nil` where it drops it.
    var after: Table?
    var operations: [MigrationCore.Operation]
    /// The changes whose stages the plan records: the others need no declaration.
    var staged: Set<ChangeID>

    /// The columns of the key before the migration, and behind it.
    var key: (old: [String], new: [String]) {
        let old =
            [before?.primaryKey, after?.primaryKey, before?.uniqueConstraints.first?.columns]
            .compactMap(\.self).first { !$0.isEmpty } ?? []
        let new = old.map { name in renames[name] ?? name }
        return before == nil ? (after?.primaryKey ?? [], after?.primaryKey ?? []) : (old, new)
    }

    /// Columns that one other one takes the place of.
    private var renames: [String: String] {
        var renames: [String: String] = [:]
        for change in changes where change.old.count == 1 && change.new.count == 1 {
            renames[change.old[0].name] = change.new[0].name
        }
        return renames
    }

    /// What an application declares, and what triggers keep in step: with the columns of both sides.
    var changes: [DeclaredChange] {
        guard let before, let after else { return [] }
        return operations.compactMap { $0.declaredChange(dialect, before: before, after: after) }.map {
            $0.declared(in: before.name, types: [:])
        }
    }

    /// The declarations for the helper.
    private var declarations: [TableDeclaration.Change] {
        guard let before, let after else { return [] }
        return operations.filter(isDeclared).compactMap {
            $0.declaredChange(dialect, before: before, after: after)
        }
    }

    private func isDeclared(_ operation: MigrationCore.Operation) -> Bool {
        guard !operation.isSynchronised, let id = operation.change else { return false }
        if case .renameColumn(let rename) = operation, rename.strategy == .inPlace { return true }
        return staged.contains(id)
    }

    private var move: MoveColumn? {
        operations.lazy.compactMap { if case .moveColumn(let move) = $0 { move } else { nil } }.first
    }

    private var extracted: Set<String> {
        Set(
            operations.compactMap {
                if case .extractTable(let extract) = $0 { extract.reference } else { nil }
            })
    }

    private var isRenamed: Bool {
        operations.contains { if case .renameTable = $0 { true } else { false } }
    }

    private var isTwoFaced: Bool { isRenamed || operations.contains(where: \.isSynchronised) }

    /// Why nothing can be rehearsed with the table's rows; `nil` where they can.
    var obstacle: String? {
        if key.old.isEmpty { return "has no key by which a row could be found again" }
        if isTwoFaced, !declarations.isEmpty {
            return "is changed by the helper and without it at once; put that into two migrations"
        }
        if let kind = [before?.kind, after?.kind].compactMap(\.self).first(where: {
            $0 == .foreign || $0 == .virtual
        }) {
            return "is a \(kind.rawValue) table"
        }
        return nil
    }

    /// The slots, those of the changes first.
    var slots: [Slot] {
        let changes = self.changes
        let key = self.key
        let changedOld = Set(changes.flatMap { $0.old.map(\.name) } + key.old)
        let changedNew = Set(changes.flatMap { $0.new.map(\.name) } + key.new)
        let old = (before?.columns ?? []).filter(\.isWritten).map(\.name).filter { !changedOld.contains($0) }
        let new = (after?.columns ?? []).filter(\.isWritten).map(\.name).filter { !changedNew.contains($0) }
        let own = changes.filter { !$0.old.contains { key.old.contains($0.name) } }.map { change in
            let news = change.new.map(\.name)
            return Slot(
                old: change.old.map(\.name), new: news.contains(where: extracted.contains) ? [] : news,
                isOfChange: true)
        }
        return own + old.map { Slot(old: [$0], new: new.contains($0) ? [$0] : []) }
            + new.filter { !old.contains($0) }.map { Slot(old: [], new: [$0]) }
    }

    /// What the releases do, without rows.
    func subject() -> Subject {
        let slots = self.slots
        var subject = Subject(
            name: "\((before ?? after)?.name ?? "")", slots: slots, releases: [[], [], [], []])
        let first = before.map { plain("the release before", $0, .old, key.old, slots) }
        let last = after.map { plain("the new shape alone", $0, .new, key.new, slots) }
        subject.releases[0] = first.map { [$0] } ?? []
        subject.releases[3] = last.map { [$0] } ?? []
        if let move, let after { return moving(subject, move, after) }
        guard let before, let after, let first, let last else { return subject }
        if isTwoFaced {
            subject.releases[1] = [first]
            subject.releases[2] = [last]
        } else if declarations.isEmpty {
            let tolerant = tolerant(before, after, slots)
            subject.releases[2] = [tolerant]
            // Where the columns that go must be given until they do, nobody can leave them out before.
            subject.releases[1] =
                before.takes(slots.filter { !$0.new.isEmpty }.flatMap(\.old) + key.old)
                ? [tolerant] : [first]
        } else {
            let speeches = helping(before, after, slots)
            subject.releases[1] = speeches + doubling(before, after, slots, .old)
            subject.releases[2] = speeches + doubling(before, after, slots, .new)
            if !extracted.isEmpty { subject.releases[3] = speeches }
        }
        return subject
    }

    private func plain(
        _ name: String, _ table: Table, _ shape: DeclaredChange.Side, _ key: [String], _ slots: [Slot]
    ) -> Speech {
        let spoken = slots.indices.filter { !slots[$0].columns(shape).isEmpty }
        return Speech(
            name: name, table: table.name, manner: .plain, key: key, slots: spoken, shape: shape,
            writesValuesOfAfter: false,
            canInsert: table.takes(spoken.flatMap { slots[$0].columns(shape) } + key),
            canUpsert: !isTwoFaced && !table.primaryKey.isEmpty && table.primaryKey == key,
            isCounted: !(isRenamed && dialect == .sqlite))
    }

    private func tolerant(_ before: Table, _ after: Table, _ slots: [Slot]) -> Speech {
        var speech = plain("a release that bears both", before, .old, key.old, slots)
        speech.slots = speech.slots.filter { !slots[$0].new.isEmpty }
        speech.writesValuesOfAfter = true
        speech.canInsert = after.takes(speech.slots.flatMap { slots[$0].old } + key.new)
        speech.canUpsert = speech.canUpsert && after.primaryKey == key.new
        return speech
    }

    private func helping(_ before: Table, _ after: Table, _ slots: [Slot]) -> [Speech] {
        let shapes: [DeclaredChange.Side] = extracted.isEmpty ? [.new, .old] : [.old]
        return shapes.map { shape in
            var speech = plain(
                "the helper, \(shape == .new ? "new" : "old") shape", shape == .new ? after : before, shape,
                shape == .new ? key.new : key.old, slots)
            speech.slots = speech.slots.filter { isCommon(slots[$0]) }
            speech.writesValuesOfAfter = shape == .new
            let table = shape == .new ? after : before
            let names = speech.key + speech.slots.flatMap { slots[$0].columns(shape) }
            speech.canInsert = before.takes(speech.key + speech.slots.flatMap { slots[$0].old } + key.old)
            let changes = declarations.map { shape == .new || !extracted.isEmpty ? $0 : $0.inOldShape }
            speech.manner = .helper(
                TableDeclaration(
                    before.name, listed: names.map { ($0, table.column($0)?.type ?? "text") },
                    key: speech.key,
                    changes: changes))
            return speech
        }
    }

    /// A release that double-writes by code of its own, and reads that shape; none where it cannot tell the shapes apart by
    /// the names of their columns.
    private func doubling(
        _ before: Table, _ after: Table, _ slots: [Slot], _ shape: DeclaredChange.Side
    ) -> [Speech] {
        let isInPlace = operations.contains { operation in
            if case .renameColumn(let rename) = operation { rename.strategy == .inPlace } else { false }
        }
        let areApart = changes.allSatisfy { change in
            change.lookup == nil && Set(change.old.map(\.name)).isDisjoint(with: change.new.map(\.name))
        }
        guard !isInPlace, areApart, key.old == key.new else { return [] }
        let name = "code of its own that writes both and reads the \(shape == .new ? "new" : "old") shape"
        var speech = plain(name, before, shape, key.old, slots)
        speech.manner = .both
        speech.slots = speech.slots.filter { isCommon(slots[$0]) }
        speech.canInsert = before.takes(speech.slots.flatMap { slots[$0].old } + key.old)
        return [speech]
    }

    /// Columns that come or go by another operation are not the helper's business.
    private func isCommon(_ slot: Slot) -> Bool {
        let isExtracted = changes.contains { $0.lookup != nil && $0.old.map(\.name) == slot.old }
        return isExtracted || !slot.old.isEmpty && !slot.new.isEmpty
    }

    private func moving(_ subject: Subject, _ move: MoveColumn, _ after: Table) -> Subject {
        var subject = subject
        guard let slot = subject.slots.firstIndex(where: { $0.new == [move.to] }) else { return subject }
        let source = move.join.map(\.source)
        var before = plain("the release before", after, .new, key.new, subject.slots)
        before.manner = .source(move.table, column: move.column, key: source)
        before.slots = [slot]
        before.canInsert = false
        before.canUpsert = false
        subject.releases[0] = [before]
        var helper = plain("the helper, new shape", after, .new, key.new, subject.slots)
        let names = key.new + helper.slots.flatMap { subject.slots[$0].new }
        helper.manner = .helper(
            TableDeclaration(
                after.name, listed: names.map { ($0, after.column($0)?.type ?? "text") }, key: key.new,
                moved: MovedColumn(
                    move.to, from: move.table, column: move.column,
                    joined: move.join.map { ($0.source, $0.target) }, id: move.changeID)))
        helper.canUpsert = false
        subject.releases[1] = [helper]
        subject.releases[2] = [helper]
        return subject
    }
}

extension Column {
    /// Whether an application gives it a value.
    var isWritten: Bool { generated == nil && identity != "ALWAYS" }
}

extension Table {
    /// Whether a row of these columns alone is a row.
    func takes(_ names: [String]) -> Bool {
        columns.allSatisfy { column in
            names.contains(column.name)
                || column.isNullable || column.defaultValue != nil || column.generated != nil
                || column.identity != nil || column.ownedSequence != nil
        } && columns.allSatisfy { column in column.isWritten || !names.contains(column.name) }
    }
}
