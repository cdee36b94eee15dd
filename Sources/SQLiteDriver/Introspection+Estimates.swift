internal import DoubleWrite
internal import MigrationCore

extension Introspection {
    /// Adds how many rows each table has, about: what ANALYZE counted, else how far its rowids reach.
    ///
    /// Nothing is scanned, so a table without a rowid that was never analysed has no estimate. Bytes stay
    /// unknown: SQLite only tells them by reading every page.
    func addEstimates(to tables: inout [Table]) throws(SQLiteError) {
        let counted = try analysedRows()
        for position in tables.indices where tables[position].kind == .ordinary {
            let table = tables[position]
            let analysed = counted[table.name.name.asciiFolded]
            tables[position].estimatedRows = if let analysed { analysed } else { try rowIDSpan(of: table) }
        }
    }

    /// What ANALYZE counted, by folded names (<https://www.sqlite.org/fileformat2.html#stat1tab>).
    private func analysedRows() throws(SQLiteError) -> [String: Int64] {
        guard storedSQL["sqlite_stat1"] != nil else { return [:] }
        let rows = try connection.query(
            "SELECT tbl, max(CAST(stat AS INTEGER)) FROM main.sqlite_stat1 GROUP BY tbl"
        ).rows
        return Dictionary(
            rows.compactMap { row in
                guard let table = row[0].text, let count = row[1].integer else { return nil }
                return (table.asciiFolded, count)
            },
            uniquingKeysWith: max)
    }

    /// From the lowest rowid to the highest: two look-ups in the tree.
    private func rowIDSpan(of table: Table) throws(SQLiteError) -> Int64? {
        let taken = Set(table.columns.map(\.name.asciiFolded))
        guard !table.isWithoutRowID,
            let name = ["rowid", "_rowid_", "oid"].first(where: { !taken.contains($0) })
        else { return nil }
        let quoted = Dialect.sqlite.quote(table.name)
        let ends = try connection.query(
            "SELECT (SELECT min(\(name)) FROM \(quoted)), (SELECT max(\(name)) FROM \(quoted))"
        ).rows.first
        guard let lowest = ends?[0].integer, let highest = ends?[1].integer else { return 0 }
        let (span, overflow) = highest.subtractingReportingOverflow(lowest)
        return overflow || span == .max ? nil : span + 1
    }
}
