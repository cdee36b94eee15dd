internal import DoubleWrite
internal import MigrationCore
internal import SQLiteDriver

extension SQLiteDatabase {
    /// Puts the shadow in the table's place, inside a step's transaction and ``unlocked(rowsOnly:_:)`` without foreign keys.
    ///
    /// As <https://www.sqlite.org/lang_altertable.html#otheralter> says, and in its words where they are the same, but for this:
    /// the old table is renamed and not dropped, and indexes are renamed in the catalogue and not built.
    ///
    /// - Throws: ``EngineError/Reason/drift(_:)`` where the table is not the one that the shadow was made for.
    func exchange(_ swap: TableSwap) throws {
        let table = swap.rows.table.name
        let stored = try catalogue.sql(of: "table", table) ?? ""
        guard try definition(stored, of: table).saysSame(as: swap.before) else {
            throw EngineError(
                .drift([
                    Drift(
                        table: swap.rows.table, missing: [swap.before.sql(named: table)], extra: [stored])
                ]))
        }
        let indexes = try swap.indexes.map { index in
            (index, index.retired == nil ? nil : try catalogue.sql(of: "index", index.name))
        }
        // > 3. Remember the format of all indexes, triggers, and views associated with table X.
        let mismatches = try mismatches(with: table)
        let programs = try dropPrograms(mentioning: [table, swap.rows.shadow, swap.rows.written])
        try rename(swap)
        try catalogue.writing {
            try catalogue.replace(
                "table", swap.retired, catalogue.sql(of: "table", swap.retired) ?? "", by: swap.retiredText)
            try catalogue.replace("table", table, catalogue.sql(of: "table", table) ?? "", by: swap.text)
            for (index, old) in indexes { try exchange(index, old) }
        }
        for keys in [swap.rows.written, swap.rows.replaced].compactMap(\.self) {
            try main.execute("DROP TABLE \(Dialect.sqlite.quote(keys))")
        }
        // > 8. Use CREATE INDEX, CREATE TRIGGER, and CREATE VIEW to reconstruct indexes, triggers, and views.
        for program in programs where !program.isOurs { try main.execute(program.sql) }
        try keepCounting(swap)
        try check(table, says: SQLiteDefinition(swap.text))
        let broken = try self.mismatches(with: table).subtracting(mismatches)
        guard broken.isEmpty else {
            throw DatabaseFailure(
                kind: .other, code: nil,
                message:
                    "the foreign keys of '\(broken.sorted().joined(separator: "', '"))' would no longer find a key in '\(table)'; "
                    + "nothing was changed. Drop them first")
        }
        let others = try catalogue.mentions(of: swap.retired, besides: swap.retired)
        guard others.isEmpty else {
            throw DatabaseFailure(
                kind: .other, code: nil,
                message:
                    "'\(others.joined(separator: "', '"))' would point at the old table; nothing was changed")
        }
    }

    /// Views before the triggers on them: those go with their views.
    private func dropPrograms(mentioning names: [String]) throws -> [SQLiteCatalogue.Program] {
        let programs = try catalogue.programs(mentioning: names)
        let views = Set(programs.filter { $0.type == "view" }.map(\.name))
        let all = try catalogue.programs(mentioning: names + views)
        for type in ["TRIGGER", "VIEW"] {
            for program in all
            where program.type == type.lowercased() && (type == "TRIGGER" || views.contains(program.name)) {
                try main.execute("DROP \(type) main.\(Dialect.sqlite.quote(program.name))")
            }
        }
        return all.filter { $0.type == "trigger" || views.contains($0.name) }
    }

    /// The tables with a foreign key, from or to this one, that finds no key to point at.
    ///
    /// > 10. If foreign key constraints were originally enabled then run PRAGMA foreign_key_check to verify that the schema change did
    /// > not break any foreign key constraints.
    ///
    /// It is compiled and not run, which finds a key that is missing. Whether each row has its parent follows from the rows, which are
    /// the same on both sides; reading them again would keep writers waiting as long as they are many.
    private func mismatches(with table: String) throws -> Set<String> {
        let tables = try main.query(
            """
            SELECT DISTINCT o.name FROM (
                SELECT name FROM main.sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
            ) AS o, pragma_foreign_key_list(o.name, 'main') AS k
            WHERE k.`table` = ?1 COLLATE NOCASE OR o.name = ?1 COLLATE NOCASE
            """, [.text(table)]
        ).rows.compactMap { $0.first?.text }
        return try Set(
            tables.filter { name in
                do {
                    _ = try main.query(
                        "EXPLAIN PRAGMA main.foreign_key_check(\(Dialect.sqlite.literal(name)))")
                    return false
                } catch let failure as DatabaseFailure where failure.kind == .other {
                    return true
                }
            })
    }

    /// With the old behaviour of ALTER TABLE, which leaves alone what the foreign keys, views and triggers of others say.
    private func rename(_ swap: TableSwap) throws {
        let table = Dialect.sqlite.quote(swap.rows.table.name)
        try main.execute("PRAGMA legacy_alter_table = ON")
        try main.execute("ALTER TABLE main.\(table) RENAME TO \(Dialect.sqlite.quote(swap.retired))")
        try main.execute("ALTER TABLE main.\(Dialect.sqlite.quote(swap.rows.shadow)) RENAME TO \(table)")
        try main.execute("PRAGMA legacy_alter_table = OFF")
    }

    /// Gives the old index its hidden name, then its copy the name: in the catalogue, for SQLite renames no index and building
    /// one takes as long as the table is large.
    private func exchange(_ index: TableSwap.IndexNames, _ old: String?) throws {
        if let retired = index.retired {
            // ALTER TABLE has put the table's new name into it.
            guard let moved = try catalogue.sql(of: "index", index.name) else {
                throw DatabaseFailure(
                    kind: .missingName, code: nil, message: "the index '\(index.name)' is gone")
            }
            try catalogue.replace("index", index.name, moved, by: index.retiredSQL, named: retired)
        }
        if let shadow = index.shadow {
            let made = try catalogue.sql(of: "index", shadow) ?? ""
            try catalogue.replace("index", shadow, made, by: old ?? index.sql, named: index.name)
        }
    }

    /// AUTOINCREMENT gives out no key twice: the table goes on from the highest that either has given out.
    private func keepCounting(_ swap: TableSwap) throws {
        guard try catalogue.sql(of: "table", "sqlite_sequence") != nil else { return }
        let names = [SQLValue.text(swap.rows.table.name), .text(swap.retired)]
        let highest = try main.query(
            "SELECT max(seq) FROM main.sqlite_sequence WHERE name IN (?1, ?2)", names
        ).scalar
        guard let highest, highest != .null, try SQLiteDefinition(swap.text).counts else { return }
        _ = try main.query("DELETE FROM main.sqlite_sequence WHERE name = ?1", [names[0]])
        _ = try main.query(
            "INSERT INTO main.sqlite_sequence (name, seq) VALUES (?1, ?2)", [names[0], highest])
    }
}

extension SQLiteCatalogue.Program {
    /// Whether it is one of the triggers that kept the shadow like the table.
    fileprivate var isOurs: Bool { type == "trigger" && name.hasPrefix("bellows_mirror_") }
}

extension SQLiteDefinition {
    /// Whether it gives out no key twice.
    fileprivate var counts: Bool {
        (columns.flatMap(\.clauses) + constraints).contains { clause in
            if case .primaryKey(let key) = clause.content { key.isAutoincrement } else { false }
        }
    }
}
