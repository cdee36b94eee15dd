internal import DoubleWrite
internal import MigrationCore
internal import PostgresDriver

extension PostgresDatabase {
    /// Batches are ranges of pages in their physical order: each page is read and written once.
    var batchTarget: BatchTarget {
        BatchTarget(duration: .milliseconds(100), sizes: 1...4096, firstSize: 64, rest: 0)
    }

    var snapshotName: String { "pg_current_snapshot()::text" }

    func batch(
        _ backfill: Backfill, _ cursor: inout BackfillCursor, skippingLocked: Bool
    ) throws -> BatchResult {
        let table = try file(of: backfill.table)
        if cursor.file != table.file || cursor.endPage == nil {
            // A rewrite has put every row elsewhere.
            if cursor.endPage != nil { cursor.restart() }
            cursor.file = table.file
            cursor.endPage = table.pages
        }
        let end = cursor.endPage ?? table.pages
        guard cursor.page < end else {
            return BatchResult(rows: 0, isPassComplete: true, fraction: 1, rowsTotal: table.rows)
        }
        let next = min(cursor.page + Int64(cursor.size), end)
        let range = "ctid >= '(\(cursor.page),0)'::tid AND ctid < '(\(next),0)'::tid"
        let rows = try write(backfill, range: range, skippingLocked: skippingLocked)
        cursor.page = next
        return BatchResult(
            rows: rows, isPassComplete: next >= end, fraction: Double(next) / Double(end),
            rowsTotal: table.rows)
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

    /// The file that holds the table, its length in pages, and its rows as statistics know them.
    ///
    /// The length is the file's own: `relpages` is 0 for a table that was never analysed.
    private func file(of table: TableName) throws -> (file: Int64, pages: Int64, rows: Int64?) {
        let row = try main.query(
            """
            SELECT pg_relation_filenode(c.oid)::bigint,
                (pg_relation_size(c.oid) + b.size - 1) / b.size, c.reltuples::bigint
            FROM pg_class AS c, (SELECT current_setting('block_size')::bigint AS size) AS b
            WHERE c.oid = to_regclass($1)
            """, [.text(dialect.quote(table))]
        ).rows.first
        guard let row, let file = row[0].integer, let pages = row[1].integer else {
            throw DatabaseFailure(
                kind: .missingName, code: SQLState.undefinedTable, message: "table '\(table)' does not exist")
        }
        return (file, pages, row[2].integer.flatMap { $0 > 0 ? $0 : nil })
    }
}
