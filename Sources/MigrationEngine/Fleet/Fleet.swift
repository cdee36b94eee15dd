internal import Foundation

/// Many databases of one kind, for which one set of migrations is meant: shards, tenants.
///
/// Each has its own state, lease and gates, as if it were alone; a fleet has none that could disagree with them. What was
/// done is read from the databases every time, so the same command goes on wherever the last one was stopped.
public struct Fleet: Sendable, Hashable {
    /// One of the databases.
    public struct Member: Sendable, Hashable {
        /// What it is called in reports.
        public var name: String
        /// Where it is.
        public var location: DatabaseLocation

        /// A database and its name.
        public init(name: String, location: DatabaseLocation) {
            self.name = name
            self.location = location
        }
    }

    /// The databases, in the order in which they are begun.
    public var members: [Member]
    /// How many are worked on at once, at least 1.
    public var concurrency: Int

    /// Databases, of which so many are worked on at once.
    public init(_ members: [Member], concurrency: Int) {
        precondition(concurrency > 0, "a fleet that works on none of its databases")
        self.members = members
        self.concurrency = concurrency
    }
}

/// What became of one database of a fleet.
public enum FleetOutcome<Value: Sendable>: Sendable {
    /// It was done, and this is what it came to.
    case done(Value)
    /// It could not be done.
    case failed(EngineError)
    /// It was not begun, because another one had failed.
    case notBegun
}

extension Fleet {
    /// Runs `verb` for each database, ``concurrency`` at once, and waits for all of them.
    ///
    /// An engine is made and used on one plain thread, and closed behind its verb. Where one fails, those that have
    /// begun are finished; where the settings' stop switch is on, no other is begun.
    ///
    /// - Parameters:
    ///   - settings: How each runs.
    ///   - goesOn: Whether others are begun behind one that failed.
    ///   - observer: Makes who sees the run of the member with that index; called on the member's thread.
    ///   - verb: What is done with an engine; called on the member's thread, with its index.
    ///   - ended: Called on the member's thread when it is done or has failed.
    /// - Returns: what became of each, in the order of the members.
    public func each<Value: Sendable>(
        settings: Settings, goesOn: Bool,
        observer: @escaping @Sendable (Int) -> any EngineObserver = { _ in SilentObserver() },
        _ verb: @escaping @Sendable (Engine, Int) throws(EngineError) -> Value,
        ended: @escaping @Sendable (Int, FleetOutcome<Value>) -> Void = { _, _ in }
    ) -> [FleetOutcome<Value>] {
        let members = members
        let run = FleetRun<Value>(count: members.count, goesOn: goesOn, stop: settings.stop) { index in
            let outcome: FleetOutcome<Value>
            do throws(EngineError) {
                let engine = try Engine(
                    members[index].location, settings: settings, observer: observer(index))
                defer { engine.close() }
                outcome = .done(try verb(engine, index))
            } catch {
                outcome = .failed(error)
            }
            ended(index, outcome)
            return outcome
        }
        return run.wait(threads: min(concurrency, members.count))
    }
}
