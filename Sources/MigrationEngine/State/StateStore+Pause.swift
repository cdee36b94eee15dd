internal import DoubleWrite
internal import MigrationCore

/// Backfills are paused and resumed from another terminal: a row that the one who runs looks at between its batches.
extension StateStore {
    private static let pauseName = "pause"

    private struct StoredPause: Codable {
        var by: String
        var since: Int64
        var reason: String?
    }

    /// Who has paused backfills, if anybody has.
    func pause() throws -> PauseNote? {
        guard
            let text = try run("SELECT value FROM {meta} WHERE name = $1", .text(Self.pauseName)).scalar?.text
        else { return nil }
        let stored = try StoredJSON.value(StoredPause.self, from: text, what: "the note of the pause")
        return PauseNote(by: stored.by, since: Moment(milliseconds: stored.since), reason: stored.reason)
    }

    /// Pauses backfills. One that is there stays as it is.
    func setPause(by: String, reason: String?) throws {
        let stored = StoredPause(by: by, since: try now().milliseconds, reason: reason)
        let written = try run(
            "INSERT INTO {meta} (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            .text(Self.pauseName), .text(try StoredJSON.text(stored)))
        if written.affectedRows > 0 { try log("paused", migration: nil, detail: by) }
    }

    /// Lets backfills go on.
    func endPause(by: String) throws {
        let deleted = try run("DELETE FROM {meta} WHERE name = $1", .text(Self.pauseName))
        if deleted.affectedRows > 0 { try log("resumed", migration: nil, detail: by) }
    }
}
