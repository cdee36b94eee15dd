internal import DoubleWrite
internal import MigrationCore

extension Engine {
    /// Pauses the backfills of this database: one that runs waits behind its batch, one that comes to it leaves with exit
    /// code 3. Needs no lease.
    ///
    /// - Returns: The pause that holds now: one that was there before stays.
    @discardableResult
    public func pause(reason: String? = nil) throws(EngineError) -> PauseNote {
        try switching("pause") { try store.setPause(by: whoAmI, reason: reason) }
        let note = try wording("pause") { try store.pause() }
        return note ?? PauseNote(by: whoAmI, since: Moment(milliseconds: 0), reason: reason)
    }

    /// Lets backfills go on.
    ///
    /// - Returns: The pause that this ended; `nil` where there was none.
    @discardableResult
    public func resume() throws(EngineError) -> PauseNote? {
        let note = try wording("resume") { try store.exists() ? store.pause() : nil }
        guard note != nil else { return nil }
        try switching("resume") { try store.endPause(by: whoAmI) }
        return note
    }

    private var whoAmI: String { "\(settings.user) on \(settings.host)" }

    private func switching(_ doing: String, _ body: () throws -> Void) throws(EngineError) {
        try wording(doing) {
            try prepareToWrite()
            try patiently { try database.writing(.step(lockTimeout: settings.lockTimeout), body) }
        }
    }
}
