internal import DoubleWrite
internal import MigrationCore

/// Who else needs the server.
extension PostgresDatabase {
    /// A role without `pg_monitor` sees that there are replicas, and nothing of them
    /// (<https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW>).
    ///
    /// `replay_lag` is empty once a replica has caught up and nothing is written. One that stands still reports, but its lag
    /// grows only with its reports.
    func replicas() throws -> [Replica]? {
        let rows = try reading {
            try main.query(
                """
                SELECT r.state, coalesce(nullif(r.application_name, ''), 'walreceiver')
                        || coalesce(' at ' || host(r.client_addr), ''),
                    (extract(epoch FROM coalesce(r.replay_lag, '0')) * 1000)::bigint,
                    (extract(epoch FROM clock_timestamp() - r.reply_time) * 1000)::bigint,
                    NOT EXISTS (SELECT 1 FROM pg_replication_slots AS s
                        WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
                FROM pg_stat_replication AS r
                WHERE r.state IS NULL OR r.state IN ('streaming', 'catchup')
                """
            ).rows
        }
        guard !rows.contains(where: { $0[0].text == nil }) else { return nil }
        return rows.compactMap { row in
            row[1].text.map { name in
                Replica(
                    name: name, lag: .milliseconds(row[2].integer ?? 0),
                    silence: .milliseconds(row[3].integer ?? 0), isPhysical: row[4].boolean ?? true)
            }
        }
    }

    /// The sessions of applications that do something now; `nil` where the role does not see that.
    func activeSessions() throws -> Int? {
        let row = try reading {
            try main.query(
                """
                SELECT count(*) FILTER (WHERE state = 'active'),
                    count(*) FILTER (WHERE state IS NULL AND backend_xid IS NULL AND query = '<insufficient privilege>')
                FROM pg_stat_activity
                WHERE coalesce(backend_type, 'client backend') = 'client backend' AND application_name <> $1
                """, [.text(Self.name(ofRunner: runner))]
            ).rows.first
        }
        guard let row, row[1].integer == 0 else { return nil }
        return row[0].integer.map { Int($0) }
    }
}
