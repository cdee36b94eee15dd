public import DoubleWrite

/// What the rehearsal of one migration came to.
public struct RehearsalReport: Sendable, Hashable, Codable {
    /// Something that must not happen, and how it came to it.
    public struct Failure: Sendable, Hashable, Codable {
        /// The schedule's number, from 1; 0 for the run beside writers on threads of their own, which cannot be had again.
        public var schedule: Int
        /// `lost`, `stale`, `broken`, `run` or `lock`.
        public var kind: String
        /// What was found.
        public var message: String
        /// The moves that led to it, in words.
        public var trace: [String]
    }

    /// The migration's name.
    public var migration: String
    /// The database that it was rehearsed on.
    public var dialect: Dialect
    /// What all of it follows from.
    public var seed: UInt64
    /// What was counted.
    public var tally: Tally
    /// The tables that applications wrote.
    public var tables: [String]
    /// What could not be rehearsed, and why.
    public var notes: [String]
    /// The strongest lock that each step was seen with, by its id.
    public var locks: [String: String]
    /// What writers that really ran beside the engine had to wait for, and how long the steps took.
    public var timing: Timing?
    /// The first thing that went wrong; `nil` where nothing did.
    public var failure: Failure?
}

/// What was measured with writers on threads of their own.
public struct Timing: Sendable, Hashable, Codable {
    /// How long a step took.
    public struct Step: Sendable, Hashable, Codable {
        /// The step's id.
        public var id: String
        /// What it does.
        public var title: String
        /// In milliseconds.
        public var milliseconds: Double
    }

    /// The longest time that one write took, in milliseconds.
    public var longestWait: Double
    /// The step that ran then; `nil` where none did.
    public var during: String?
    /// The writes of which that is the longest.
    public var writes: Int
    /// The steps, in their order.
    public var steps: [Step]
}
