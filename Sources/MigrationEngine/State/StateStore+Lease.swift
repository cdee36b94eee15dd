internal import DoubleWrite

/// The one row of the lease table.
struct LeaseRecord: Sendable {
    /// `nil` where nobody holds it.
    var token: String?
    var holder: LeaseHolder
    /// Where the holder's process number means something: ``ProcessTable/machine``.
    var machine: String?
    var backend: Int64?
    var backendStart: String?
    var isExpired: Bool
}

extension StateStore {
    func lease() throws -> LeaseRecord {
        let row = try run(
            """
            SELECT token, host, process, holder, since_ms, expires_ms, backend, backend_start,
                CASE WHEN expires_ms > {now} THEN 0 ELSE 1 END, machine
            FROM {lease} WHERE id = 1
            """
        ).rows.first
        guard let row else {
            throw EngineError(
                .state(
                    message:
                        "the lease's row is gone; put it back by INSERT INTO the lease table (id) VALUES (1)")
            )
        }
        let holder = LeaseHolder(
            host: row[1].text ?? "", processID: row[2].integer ?? 0, user: row[3].text ?? "",
            since: Moment(milliseconds: row[4].integer ?? 0),
            expires: Moment(milliseconds: row[5].integer ?? 0))
        return LeaseRecord(
            token: row[0].text, holder: holder, machine: row[9].text, backend: row[6].integer,
            backendStart: row[7].text, isExpired: (row[8].integer ?? 1) != 0)
    }

    /// Takes the lease from the holder that was seen, unless another was faster.
    func take(_ lease: LeaseClaim, insteadOf before: String?) throws -> Bool {
        let backend = try database.backend()
        return try run(
            """
            UPDATE {lease} SET token = $1, host = $2, process = $3, holder = $4, backend = $5,
                backend_start = $6, since_ms = {now}, expires_ms = {now} + $7, machine = $8
            WHERE id = 1 AND coalesce(token, '') = $9
            """,
            .text(lease.token), .text(lease.host), .integer(lease.processID), .text(lease.user),
            SQLValue(backend?.id), SQLValue(backend?.start), .integer(lease.duration.inMilliseconds),
            SQLValue(lease.machine), .text(before ?? "")
        ).affectedRows == 1
    }

    /// Lets the lease end later.
    ///
    /// - Returns: Whether `token` still holds it.
    func prolong(_ token: String, by duration: Duration) throws -> Bool {
        try run(
            "UPDATE {lease} SET expires_ms = {now} + $1 WHERE token = $2", .integer(duration.inMilliseconds),
            .text(token)
        ).affectedRows == 1
    }

    /// Gives the lease back, so that the next run need not wait for its end.
    func giveBack(_ token: String) throws {
        try run("UPDATE {lease} SET token = NULL, expires_ms = {now} WHERE token = $1", .text(token))
    }
}

/// Who wants the lease.
struct LeaseClaim: Sendable {
    var token: String
    var host: String
    var machine: String? = ProcessTable.machine
    var user: String
    var processID: Int64
    var duration: Duration
}
