internal import DoubleWrite
internal import PostgresDriver

extension PostgresDatabase {
    /// The columns of ``blocker(_:)``, of `pg_stat_activity AS a`.
    static let columns = """
        a.pid::bigint, a.usename::text, a.application_name, a.state,
        (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::bigint, a.query
        """

    static func blocker(_ row: ArraySlice<SQLValue>) -> Blocker {
        let row = Array(row)
        let query = row[5].text.map(withoutPassword)
        return Blocker(
            processID: row[0].integer.map { Int32(truncatingIfNeeded: $0) }, user: row[1].text,
            application: row[2].text.flatMap { $0.isEmpty ? nil : $0 }, state: row[3].text,
            transactionAge: row[4].integer.map { .milliseconds($0) },
            query: query == "<insufficient privilege>" ? nil : query)
    }

    /// A statement that sets a password, without it: what others run may be shown, and that not.
    private static func withoutPassword(_ query: String) -> String {
        guard let word = query.lowercased().firstRange(of: "password") else { return query }
        let length = query.lowercased().distance(from: query.startIndex, to: word.upperBound)
        return query.prefix(length) + " ***"
    }

    /// Every session with a transaction holds its own virtual transaction id locked, and `pg_locks` shows
    /// that to every role, unlike most of `pg_stat_activity`.
    ///
    /// A VACUUM and a concurrent index build run for hours, and cannot be in anybody's transaction: they hold
    /// no application's stage, and are not waited for. Nor is an autovacuum worker, also where it analyzes: of
    /// all that is in a database it alone has no role, which every role may see. A plain CREATE INDEX can be
    /// in a transaction, and is waited for; also where the role may not see the command.
    func openTransactions(keeping waitedFor: Set<OpenTransaction>) throws -> [OpenTransaction: Blocker] {
        var open: [OpenTransaction: Blocker] = [:]
        let sessions = try main.query(
            """
            SELECT l.virtualtransaction, \(Self.columns)
            FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
            WHERE l.locktype = 'virtualxid' AND l.granted AND l.pid <> pg_backend_pid()
                AND (a.datname IS NULL OR a.datname = current_database())
                AND ($1::text IS NULL OR a.application_name IS DISTINCT FROM $1)
                AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
                AND (a.datid IS NULL OR a.usesysid IS NOT NULL)
                AND (l.virtualtransaction = ANY (string_to_array($2, ' '))
                    OR NOT EXISTS (SELECT 1 FROM pg_stat_progress_vacuum AS v WHERE v.pid = l.pid)
                    AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index AS i WHERE i.pid = l.pid
                        AND i.command IN ('CREATE INDEX CONCURRENTLY', 'REINDEX CONCURRENTLY')))
            """,
            [
                // A pooler may serve others over a connection that still bears our name: then all are looked at.
                isPooled ? .null : .text(Self.name(ofRunner: runner)),
                .text(waitedFor.filter { $0.processID != nil }.map(\.id).joined(separator: " ")),
            ])
        for row in sessions.rows {
            guard let id = row[0].text else { continue }
            let blocker = Self.blocker(row.dropFirst())
            open[OpenTransaction(id: id, processID: blocker.processID)] = blocker
        }
        for (name, blocker) in try preparedTransactions(where: "true", []) {
            open[OpenTransaction(id: name, processID: nil)] = blocker
        }
        return open
    }

    func preparedTransactions(
        where condition: String, _ parameters: [SQLValue]
    ) throws -> [(String, Blocker)] {
        try main.query(
            """
            SELECT p.gid, p.owner::text, (extract(epoch FROM clock_timestamp() - p.prepared) * 1000)::bigint
            FROM pg_prepared_xacts AS p WHERE p.database = current_database() AND \(condition)
            """, parameters
        ).rows.map { row in
            let name = row[0].text ?? ""
            return (
                name,
                Blocker(
                    user: row[1].text, state: "prepared",
                    transactionAge: row[2].integer.map { .milliseconds($0) }, preparedName: name)
            )
        }
    }

    /// What `pg_locks` calls the prepared transaction `p`: the virtual transaction that it was, until the server
    /// starts again. Its own number is locked by it alone.
    static let holderOfPrepared = """
        (SELECT t.virtualtransaction FROM pg_locks AS t WHERE t.locktype = 'transactionid' AND t.granted
            AND t.mode = 'ExclusiveLock' AND t.pid IS NULL AND t.transactionid = p.transaction)
        """

    func blockers(of table: TableName?) throws -> [Blocker] {
        try table.map { try holders(of: $0) } ?? []
    }

    /// Who holds a lock on the table.
    ///
    /// - Parameters:
    ///   - locks: What else must be true of the lock `l`; its parameters begin with `$2`.
    ///   - sessions: What else must be true of the session `a`.
    func holders(
        of table: TableName, locks: String = "true", _ parameters: [SQLValue] = [], sessions: String = "true"
    ) throws -> [Blocker] {
        let parameters = [SQLValue.text(dialect.quote(table))] + parameters
        let held = """
            l.locktype = 'relation' AND l.granted AND l.relation = to_regclass($1) AND \(locks)
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        let sessions = try main.query(
            """
            SELECT DISTINCT \(Self.columns) FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
            WHERE \(held) AND l.pid <> pg_backend_pid() AND \(sessions)
            """, parameters
        ).rows.map { Self.blocker($0[...]) }
        let prepared = try preparedTransactions(
            where: """
                EXISTS (SELECT 1 FROM pg_locks AS l WHERE \(held) AND l.pid IS NULL
                    AND l.virtualtransaction = \(Self.holderOfPrepared))
                """, parameters)
        return sessions + prepared.map(\.1)
    }

    /// Who holds up what the server process `backend` waits for: whoever has been granted a conflicting lock,
    /// also through others that wait before it. `pg_blocking_pids` alone would answer 0 for a prepared
    /// transaction, and name those that wait in the queue themselves.
    func blockers(ofBackend backend: Int32) throws -> [Blocker] {
        let backend = [SQLValue.integer(Int64(backend))]
        let sessions = try main.query(
            """
            \(Self.holders)
            SELECT DISTINCT \(Self.columns) FROM holders AS h JOIN pg_stat_activity AS a ON a.pid = h.pid
            WHERE NOT EXISTS (SELECT 1 FROM wanted AS w WHERE w.pid = h.pid)
            """, backend
        ).rows.map { Self.blocker($0[...]) }
        let prepared = try main.query(
            """
            \(Self.holders)
            SELECT DISTINCT p.gid FROM holders AS h, pg_prepared_xacts AS p
            WHERE h.pid IS NULL AND h.virtualtransaction = \(Self.holderOfPrepared)
            """, backend
        ).rows.compactMap { $0[0].text }
        let named = try prepared.flatMap { try preparedTransactions(where: "p.gid = $1", [.text($0)]) }
        guard sessions.isEmpty, named.isEmpty else { return sessions + named.map(\.1) }
        // A deadlock, or a lock of a kind that is not in pg_locks.
        return try main.query(
            "SELECT \(Self.columns) FROM pg_stat_activity AS a WHERE a.pid = ANY (pg_blocking_pids($1))",
            backend
        ).rows.map { Self.blocker($0[...]) }
    }

    /// Which modes each mode of a lock conflicts with:
    /// <https://www.postgresql.org/docs/current/explicit-locking.html#TABLE-LOCK-COMPATIBILITY>.
    static let conflicts = """
        VALUES ('AccessShareLock', '{AccessExclusiveLock}'::text[]),
            ('RowShareLock', '{ExclusiveLock,AccessExclusiveLock}'),
            ('RowExclusiveLock', '{ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
            ('ShareUpdateExclusiveLock', '{ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,\
        ExclusiveLock,AccessExclusiveLock}'),
            ('ShareLock', '{RowExclusiveLock,ShareUpdateExclusiveLock,ShareRowExclusiveLock,\
        ExclusiveLock,AccessExclusiveLock}'),
            ('ShareRowExclusiveLock', '{RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,\
        ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
            ('ExclusiveLock', '{RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,\
        ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
            ('AccessExclusiveLock', '{AccessShareLock,RowShareLock,RowExclusiveLock,\
        ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}')
        """

    /// The granted locks that conflict with what `$1`, or one that it waits behind, wants.
    private static let holders = """
        WITH RECURSIVE queue(pid) AS (
            SELECT $1::integer
            UNION SELECT b.pid FROM queue AS q, unnest(pg_blocking_pids(q.pid)) AS b(pid) WHERE b.pid > 0
        ), locks AS MATERIALIZED (
            SELECT l.*, ROW(l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid,
                l.transactionid::text, l.classid, l.objid, l.objsubid)::text AS object
            FROM pg_locks AS l
        ), conflicts(wanted, held) AS (
            \(conflicts)
        ), wanted AS (
            SELECT l.pid, l.object, c.held FROM locks AS l JOIN conflicts AS c ON c.wanted = l.mode
            WHERE NOT l.granted AND l.pid IN (SELECT pid FROM queue)
        ), holders AS (
            SELECT l.pid, l.virtualtransaction FROM locks AS l JOIN wanted AS w
                ON w.object = l.object AND l.mode = ANY (w.held)
            WHERE l.granted AND l.pid IS DISTINCT FROM w.pid AND l.pid IS DISTINCT FROM $1::integer
        )
        """

    /// Nobody, behind a pooler: which server process will wait, nobody knows before.
    func watchLocks(after delay: Duration) -> (any LockWatch)? {
        guard !isPooled else { return nil }
        let (address, runner, silenceLimit) = (address, runner, silenceLimit)
        return PostgresLockWatch(on: main.connection.backendID, after: delay) {
            try PostgresDatabase(address, runner: runner, silenceLimit: silenceLimit)
        }
    }

    func lockedObject(_ table: TableName?) -> String {
        table.map { "table '\($0)'" } ?? "what this needs"
    }
}
