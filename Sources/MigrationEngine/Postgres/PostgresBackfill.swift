internal import DoubleWrite
internal import MigrationCore
internal import PostgresDriver

extension PostgresDatabase: PagedDatabase {
    /// Batches are ranges of pages in their physical order: each page is read and written once. Not many: where nothing was
    /// to be written in the pages before, everything may be in the next ones.
    var batchTarget: BatchTarget {
        BatchTarget(
            duration: .milliseconds(100), besideOthers: .milliseconds(5), sizes: 1...2048, firstSize: 16)
    }

    var snapshotName: String { "pg_current_snapshot()::text" }

    /// The table itself, and where it is partitioned or inherited from those that hold its rows.
    ///
    /// The length is the file's own: `relpages` is 0 for a table that was never analysed.
    func pagedTables(of table: TableName) throws -> [PagedTable] {
        let rows = try main.query(
            """
            WITH RECURSIVE tree AS (
                SELECT to_regclass($1)::oid AS oid
                UNION SELECT i.inhrelid FROM pg_inherits AS i JOIN tree ON i.inhparent = tree.oid)
            SELECT c.oid::bigint, n.nspname, c.relname, pg_relation_filenode(c.oid)::bigint,
                (pg_relation_size(c.oid) + b.size - 1) / b.size, greatest(c.reltuples, 0)::bigint
            FROM tree JOIN pg_class AS c ON c.oid = tree.oid JOIN pg_namespace AS n ON n.oid = c.relnamespace,
                (SELECT current_setting('block_size')::bigint AS size) AS b
            WHERE c.relkind = 'r' ORDER BY c.oid
            """, [.text(dialect.quote(table))]
        ).rows
        guard !rows.isEmpty else {
            throw DatabaseFailure(
                kind: .missingName, code: SQLState.undefinedTable, message: "table '\(table)' does not exist")
        }
        return rows.compactMap { row in
            guard let id = row[0].integer, let schema = row[1].text, let name = row[2].text,
                let file = row[3].integer, let pages = row[4].integer
            else { return nil }
            return PagedTable(
                id: id, name: rows.count == 1 ? table : TableName(schema: schema, name), file: file,
                pages: pages, rows: row[5].integer ?? 0)
        }
    }

    /// All in one round trip: with each answer the client wakes, which may be where an application's session just runs.
    ///
    /// A rewrite has put every row elsewhere. Where the table is rewritten behind this look at it, the next batch sees it, and
    /// the pass begins anew.
    func beginBatch(of table: PagedTable, holding token: String, lockTimeout: Duration) throws -> BatchStart {
        let results = try main.results(
            of: """
                \(try script(beginning: .batch(lockTimeout: lockTimeout)));
                \(Self.leaseQuery(dialect.literal(token)));
                SELECT pg_relation_filenode(\(table.id)::oid)::bigint, pg_current_xact_id_if_assigned()::text::bigint
                """)
        guard let found = results.last?.rows.first else { preconditionFailure("a SELECT without its row") }
        return BatchStart(
            holdsLease: results.dropLast().last?.scalar != nil, isRewritten: found[0].integer != table.file,
            transaction: found[1].integer)
    }

    /// One round trip as well. Where the statement fails, the COMMIT behind it is not run.
    func commitBatch(recording statement: String) throws { try main.execute(statement + "; COMMIT") }

    func write(
        _ backfill: Backfill, pages: PageRange, of table: PagedTable, skippingLocked: Bool
    ) throws -> Int64 {
        var part = backfill
        part.table = table.name
        return try write(
            part, range: "ctid >= '(\(pages.first),0)'::tid AND ctid < '(\(pages.end),0)'::tid",
            skippingLocked: skippingLocked)
    }

    private func write(_ backfill: Backfill, range: String, skippingLocked: Bool) throws -> Int64 {
        let table = dialect.quote(backfill.table)
        let skipping = skippingLocked ? " SKIP LOCKED" : ""
        let mismatch = "(\(backfill.mismatch))"
        guard let batch = backfill.batch else {
            let rows =
                skippingLocked
                ? """
                ctid = ANY (ARRAY(SELECT ctid FROM \(table) WHERE \(range) AND \(mismatch)
                    FOR NO KEY UPDATE SKIP LOCKED))
                """ : range
            return try run(backfill.statements(for: "\(rows) AND \(mismatch)", dialect))
        }
        // In a statement of its own: those that follow have a snapshot of their own, in which the locked rows are as
        // they are now, and so is what belongs to them in another table. A locked row stays where it is.
        let locked = try main.query(
            "SELECT ctid::text FROM \(table) WHERE \(range) AND \(mismatch) \(batch.lock)\(skipping)")
        guard !locked.rows.isEmpty else { return 0 }
        let addresses = locked.rows.compactMap { $0.first?.text }.map { "\"\($0)\"" }.joined(separator: ",")
        return try run(backfill.statements(for: "ctid = ANY ('{\(addresses)}'::tid[])", dialect))
    }

    /// Runs statements one after the other; gives the rows that they wrote.
    private func run(_ statements: [String]) throws -> Int64 {
        try statements.reduce(0) { rows, statement in rows + Int64(try main.query(statement).affectedRows) }
    }
}
