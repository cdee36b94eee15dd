internal import DoubleWrite
internal import MigrationCore
internal import PostgresDriver

/// Indexes of partitioned tables, which cannot be built concurrently in one statement. PostgreSQL's own way
/// (<https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE>):
///
/// > a partitioned index is created with CREATE INDEX ON ONLY the partitioned table; [...] such an index is marked invalid,
/// > and the partitions do not get the index applied automatically. The indexes on partitions can be created individually
/// > using CONCURRENTLY, and then attached to the index on the parent using ALTER INDEX ... ATTACH PARTITION.
///
/// A partition that is made or attached meanwhile gets its part by itself. What is left to do is asked before each part, so
/// that a run that was stopped, and partitions that come and go, need nothing else.
extension PostgresDatabase {
    /// A partition whose part of an index is missing.
    private struct MissingPart {
        var id: Int64
        var table: TableName
        var isPartitioned: Bool
    }

    func buildParts(
        _ index: IndexBuild, holding token: String, lasting lease: Duration, waiting: ([Blocker]) -> Void
    ) throws {
        guard let (kind, definition) = parts(of: index) else {
            throw EngineError(.index(name: index.name, message: "its statement cannot be read"))
        }
        switch try find(index.name, on: index.table) {
        case .somethingElse:
            throw EngineError(.index(name: index.name, message: "the name belongs to something else already"))
        case .valid: return try checkDefinition(index)
        case .invalid: try checkDefinition(index)
        case .nothing: try briefly(index.statement, on: index.table, token, lease)
        }
        do {
            try complete(index, kind, definition, token, lease, waiting)
        } catch let error as EngineError {
            // Rows that cannot be in it: as on any other table nothing of it stays.
            if case .index = error.reason {
                try? drop(dropOf(index), holding: token, lasting: lease, waiting: waiting)
            }
            throw error
        }
    }

    /// Builds what is missing of an index that has been announced.
    private func complete(
        _ index: IndexBuild, _ kind: String, _ definition: Substring, _ token: String, _ lease: Duration,
        _ waiting: ([Blocker]) -> Void
    ) throws {
        while let part = try missingPart(of: index) {
            let name = try freeName(for: part, of: index)
            var own = IndexBuild(
                table: part.table, name: name,
                statement:
                    "CREATE \(kind) CONCURRENTLY \(dialect.quote(name)) ON \(dialect.quote(part.table)) "
                    + definition)
            if part.isPartitioned {
                own.isPartitioned = true
                own.statement =
                    "CREATE \(kind) \(dialect.quote(name)) ON ONLY \(dialect.quote(part.table)) \(definition)"
                if case .nothing = try find(name, on: part.table) {
                    try briefly(own.statement, on: part.table, token, lease)
                }
                try complete(own, kind, definition, token, lease, waiting)
            } else {
                try build(own, holding: token, lasting: lease, waiting: waiting)
            }
            try briefly(
                "ALTER INDEX \(quoted(index.name, index.table)) ATTACH PARTITION \(quoted(name, part.table))",
                on: part.table, token, lease)
        }
        guard case .valid = try find(index.name, on: index.table) else {
            throw EngineError(
                .index(
                    name: index.name,
                    message: """
                        every partition of '\(index.table)' has its part of it, and yet PostgreSQL does not take it for valid: a \
                        partition went while it was built; it is dropped; run the same command again
                        """))
        }
    }

    /// Drops what a build that was stopped had not attached yet.
    func dropLeftovers(of index: IndexDrop, _ token: String, _ lease: Duration) throws {
        for (table, name) in try leftovers(of: index.name, on: index.table) {
            try briefly("DROP INDEX IF EXISTS \(quoted(name, table))", on: table, token, lease)
        }
    }

    private func dropOf(_ index: IndexBuild) -> IndexDrop {
        IndexDrop(
            table: index.table, name: index.name,
            statement: "DROP INDEX IF EXISTS \(quoted(index.name, index.table))", isPartitioned: true)
    }

    private func quoted(_ index: String, _ table: TableName) -> String {
        dialect.quote(TableName(schema: table.schema ?? dialect.defaultSchema, index))
    }

    /// A statement that needs no time, but a lock that others may hold.
    func briefly(_ sql: String, on table: TableName, _ token: String, _ lease: Duration) throws {
        try patience.trying(lockedObject(table), of: table, in: self) {
            try writing(.step(lockTimeout: patience.lockTimeout)) {
                guard try holdLease(token, lasting: lease) else { throw EngineError(.leaseLost(by: nil)) }
                try main.execute(sql)
            }
        }
    }

    /// The next partition, of one level, that has no part of the index yet.
    private func missingPart(of index: IndexBuild) throws -> MissingPart? {
        let row = try main.query(
            """
            SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text
            FROM pg_inherits AS h JOIN pg_class AS c ON c.oid = h.inhrelid
                JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE h.inhparent = to_regclass($1) AND NOT h.inhdetachpending AND NOT EXISTS (
                SELECT FROM pg_inherits AS p JOIN pg_index AS i ON i.indexrelid = p.inhrelid
                WHERE p.inhparent = to_regclass($2) AND i.indrelid = c.oid)
            ORDER BY c.oid LIMIT 1
            """,
            [.text(dialect.quote(index.table)), .text(quoted(index.name, index.table))]
        ).rows.first
        guard let row, let id = row[0].integer, let schema = row[1].text, let name = row[2].text else {
            return nil
        }
        let table = TableName(schema: schema, name)
        guard row[3].text != "f" else {
            throw EngineError(
                .index(
                    name: index.name,
                    message:
                        "the partition '\(table)' is a foreign table, which has no index; detach it first"))
        }
        return MissingPart(id: id, table: table, isPartitioned: row[3].text == "p")
    }

    /// A name for a part: one that nothing bears, or that a build that was stopped has left.
    private func freeName(for part: MissingPart, of index: IndexBuild) throws -> String {
        for number in 1...Self.nameAttempts {
            let name = Self.partName(index.name, part.table, number, dialect)
            switch try find(name, on: part.table) {
            case .nothing: return name
            case .valid, .invalid: if try !isAttached(name, part.table) { return name }
            case .somethingElse: break
            }
        }
        throw EngineError(
            .index(name: index.name, message: "there is no name left for its part on '\(part.table)'"))
    }

    private static let nameAttempts = 100

    private static func partName(
        _ index: String, _ table: TableName, _ number: Int, _ dialect: Dialect
    ) -> String {
        dialect.shortened("\(table.name)_\(index)", suffix: number == 1 ? "" : "_\(number)")
    }

    private func isAttached(_ name: String, _ table: TableName) throws -> Bool {
        try main.query(
            "SELECT relispartition FROM pg_class WHERE oid = to_regclass($1)", [.text(quoted(name, table))]
        ).scalar?.boolean ?? false
    }

    /// Parts that were built, or begun, and belong to no index: the inner ones first.
    private func leftovers(of index: String, on table: TableName) throws -> [(TableName, String)] {
        let rows = try main.query(
            """
            WITH RECURSIVE tree AS (
                SELECT to_regclass($1)::oid AS oid, 0 AS depth
                UNION SELECT i.inhrelid, depth + 1 FROM pg_inherits AS i JOIN tree ON i.inhparent = tree.oid)
            SELECT n.nspname, c.relname FROM tree JOIN pg_class AS c ON c.oid = tree.oid
                JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE depth > 0 ORDER BY depth DESC, c.oid
            """, [.text(dialect.quote(table))]
        ).rows
        var found: [(TableName, String)] = []
        for row in rows {
            guard let schema = row[0].text, let relation = row[1].text else { continue }
            let part = TableName(schema: schema, relation)
            let name = Self.partName(index, part, 1, dialect)
            switch try find(name, on: part) {
            case .valid, .invalid: if try !isAttached(name, part) { found.append((part, name)) }
            case .nothing, .somethingElse: break
            }
        }
        return found
    }
}
