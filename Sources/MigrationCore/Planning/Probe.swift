/// Statements by which the database itself says whether a piece of the user's SQL is right, before anything is
/// changed: they run in a transaction that is rolled back.
///
/// The database knows which types exist, which expressions it can read, and which of them always give the same value
/// (an index refuses the others); a parser of ours would not.
public struct Probe: Sendable, Hashable, Codable {
    /// The key of the migration file that is to be looked at when it fails: `operations[0].split_column.down`.
    public var path: String
    /// What is probed, for the message: `'down'`.
    public var what: String
    /// What runs, in its order, each without a semicolon at its end. The first that fails is the answer.
    public var statements: [String]
    /// What to do about it.
    public var advice: String

    /// A probe of its parts.
    public init(path: String, what: String, statements: [String], advice: String) {
        self.path = path
        self.what = what
        self.statements = statements
        self.advice = advice
    }
}
