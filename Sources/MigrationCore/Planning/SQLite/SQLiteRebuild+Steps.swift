import DoubleWrite

extension SQLiteRebuild {
    /// Makes the shadow, fills it, compares, and puts it in the table's place, in the expand; drops the old table at contract.
    ///
    /// - Parameters:
    ///   - why: What the table is rebuilt for, in words: `take the UNIQUE 'chip' from 'animals'`.
    ///   - undo: The steps behind which the rebuilt table may be made what it was, and the rebuild that does it.
    func addSteps(
        _ why: String, undo preparation: [Step], back: SQLiteRebuild, to draft: inout OperationDraft
    ) {
        draft.add(.expand, "shadow", makeShadow())
        draft.add(.expand, "copy", copy)
        draft.add(.expand, "compare", compare)
        var exchange = exchange(why)
        exchange.undo = preparation + back.wayBack
        draft.add(.expand, "swap", exchange)
        draft.add(
            .contract, "soak-table", rank: .soak,
            Step(
                "wait before what was '\(name)' is dropped",
                "The old table stays as it was, under a hidden name.",
                .soak))
        draft.add(
            .contract, "empty-table", rank: .drop,
            emptyRetired("Its rows are those of the moment of the exchange; nothing is lost with them."))
        draft.add(.contract, "drop-table", rank: .drop, dropRetired)
    }

    /// The whole rebuild as undo steps: what is left of the way there goes first, and nothing stays.
    private var wayBack: [Step] {
        [
            emptyRetired(
                "It has the rows of the moment of the exchange: the table is rebuilt with those written since."
            ),
            dropRetired, makeShadow(isWayBack: true), copy, compare,
            exchange("make '\(name)' what it was"), emptyRetired(""), dropRetired,
        ]
    }

    private func makeShadow(isWayBack: Bool = false) -> Step {
        let again = isWayBack ? removal : []
        return Step(
            "make a shadow of '\(name)', and triggers that keep it like it",
            "The shadow is empty. From here every write of '\(name)' writes its row to the shadow as well, whoever writes.",
            .statements(on: table.name, again + creation), lock: .reserved(),
            undo: [
                Step(
                    "drop the shadow and its triggers", "'\(name)' has every row.",
                    .statements(on: table.name, removal), lock: .reserved())
            ])
    }

    private var copy: Step {
        Step(
            "copy the rows of '\(name)' to the shadow", "In small batches, between the writers.",
            .sqlite(.copy(rows)), lock: .reserved("a batch at a time"), scans: true, rewrites: true)
    }

    private var compare: Step {
        Step(
            "compare '\(name)' with the shadow",
            "Both ways, by bytes and storage class, in short reads. Rows that are written meanwhile or later are compared again in "
                + "the exchange's own transaction.",
            .sqlite(.compare(rows)), scans: true)
    }

    private func exchange(_ why: String) -> Step {
        Step(
            "put the shadow in the place of '\(name)'; \(why)",
            "In one short transaction, with foreign keys not enforced on our connection: the names change, "
                + "indexes, triggers and views that mention '\(name)' are as before, and foreign keys that point at it go on "
                + "doing so. The old table stays under a hidden name, without foreign keys.",
            .sqlite(.swap(swap)), lock: .reserved())
    }

    /// Dropping a full table keeps writers waiting until all its pages are freed.
    private func emptyRetired(_ explanation: String) -> Step {
        Step(
            "empty what was '\(name)'",
            [explanation, "In small batches, between the writers."].filter { !$0.isEmpty }.joined(
                separator: " "),
            .sqlite(.empty(RetiredRows(table: TableName(name), retired: retired, key: key))),
            lock: .reserved("a batch at a time"), scans: true, rewrites: true)
    }

    private var dropRetired: Step {
        Step(
            "drop what was '\(name)'", "It is empty.", .statements(on: table.name, removalOfRetired),
            lock: .reserved())
    }
}
