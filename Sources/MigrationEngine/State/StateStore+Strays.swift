internal import DoubleWrite
internal import MigrationCore

extension StateStore {
    /// What the guards have counted, the latest first.
    ///
    /// - Parameter change: The change that is asked about; every one where it is `nil`.
    func strayWrites(of change: ChangeID? = nil) throws -> [StrayWrites] {
        guard try run(words.countsStrays).scalar?.boolean ?? false else { return [] }
        let rows = try run(
            """
            SELECT change, stage, role, application, count(*), max(at_ms) FROM {stray_writes}
            WHERE change = $1 OR $1 IS NULL GROUP BY change, stage, role, application
            ORDER BY max(at_ms) DESC, change, stage
            """, SQLValue(change?.name)
        ).rows
        return rows.compactMap { row in
            row[0].text.map { name in
                StrayWrites(
                    change: ChangeID(name), stage: row[1].text.flatMap(Stage.init(rawValue:)),
                    writes: row[4].integer ?? 0, last: Moment(milliseconds: row[5].integer ?? 0),
                    role: row[2].text, application: row[3].text)
            }
        }
    }
}

extension StateWords {
    /// A query whether any guard ever counted: the table comes with the first one.
    fileprivate var countsStrays: String {
        switch dialect {
        case .postgres: "SELECT to_regclass('bellows.stray_writes') IS NOT NULL"
        case .sqlite:
            "SELECT count(*) > 0 FROM main.sqlite_master WHERE type = 'table' AND name = 'bellows_stray_writes'"
        }
    }
}
