public import DoubleWrite

/// The ordered steps of one migration, for one dialect and one starting schema. Data, and nothing but data.
///
/// The engine stores it (as JSON) before the first step runs, and runs the stored one to the end: after the expand the
/// database no longer has the schema that the plan was made for.
public struct Plan: Sendable, Hashable, Codable {
    /// The steps of one phase.
    public struct PhaseSteps: Sendable, Hashable, Codable {
        /// Which of the four.
        public var phase: Phase
        /// Its steps, in the order in which they run.
        public var steps: [Step]

        /// A phase's steps.
        public init(phase: Phase, steps: [Step]) {
            self.phase = phase
            self.steps = steps
        }
    }

    /// The migration's name.
    public var migration: String
    /// What the migration's file says it is for.
    public var description: String?
    /// The database it is for.
    public var dialect: Dialect
    /// Only phases that have steps.
    public var phases: [PhaseSteps]
    /// What the reader must know: who is not covered, what was looked at and is not handled.
    public var warnings: [String]
    /// What only a database can tell and this plan, made from files alone, had to leave open. A plan that has any is to
    /// be read and not to be run: made again against the database, it has none.
    public var unresolved: [String]
    /// The step's id behind which the migration cannot be undone any more (its first irreversible step), and why.
    public var pointOfNoReturn: PointOfNoReturn?
    /// The columns that the migration changes, for telling conflicts between migrations in flight.
    public var touches: [TouchedColumn]
    /// What the database's statistics say of the tables that it touches, for the reader; `nil` where nothing is known,
    /// as from files alone.
    public var sizes: [TableSize]?
    /// What the database is asked about the user's SQL before the first step runs.
    public var probes: [Probe]
    /// What came of looking at it in every order; `nil` where nobody has.
    public var proof: PlanProof?

    /// A plan of its parts.
    public init(
        migration: String, description: String? = nil, dialect: Dialect, phases: [PhaseSteps] = [],
        warnings: [String] = [], unresolved: [String] = [], pointOfNoReturn: PointOfNoReturn? = nil,
        touches: [TouchedColumn] = [], sizes: [TableSize]? = nil, probes: [Probe] = [],
        proof: PlanProof? = nil
    ) {
        self.migration = migration
        self.description = description
        self.dialect = dialect
        self.phases = phases
        self.warnings = warnings
        self.unresolved = unresolved
        self.pointOfNoReturn = pointOfNoReturn
        self.touches = touches
        self.sizes = sizes
        self.probes = probes
        self.proof = proof
    }

    /// All steps in order, with their phases.
    public var steps: [(phase: Phase, step: Step)] {
        phases.flatMap { phase in phase.steps.map { (phase.phase, $0) } }
    }
}

/// The first step that cannot be undone.
public struct PointOfNoReturn: Sendable, Hashable, Codable {
    /// The step's id.
    public var step: String
    /// What is gone then: `the values of 'kind' are dropped`.
    public var reason: String

    /// The step and the reason.
    public init(step: String, reason: String) {
        self.step = step
        self.reason = reason
    }
}

/// A column that a migration changes, makes or drops; the column is `nil` for the whole table.
public struct TouchedColumn: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The column; `nil` for the whole table.
    public var column: String?

    /// A column of a table, or all of it.
    public init(table: TableName, column: String?) {
        self.table = table
        self.column = column
    }
}

extension TouchedColumn: CustomStringConvertible {
    /// `column 'kind' of 'animals'`, `the table 'animals'`.
    public var description: String {
        column.map { "column '\($0)' of '\(table)'" } ?? "the table '\(table)'"
    }

    /// Whether both are about the same column, or one about the whole table of the other.
    public func overlaps(_ other: TouchedColumn, _ dialect: Dialect) -> Bool {
        let left = dialect.normalized(table)
        let right = dialect.normalized(other.table)
        guard left.schema == right.schema, dialect.sameName(left.name, right.name) else { return false }
        guard let column, let another = other.column else { return true }
        return dialect.sameName(column, another)
    }
}

/// How large a table is, by the database's statistics.
public struct TableSize: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// About how many rows it has, where that is known.
    public var rows: Int64?
    /// Its bytes with its indexes, where that is known.
    public var bytes: Int64?

    /// A table's size.
    public init(table: TableName, rows: Int64?, bytes: Int64?) {
        self.table = table
        self.rows = rows
        self.bytes = bytes
    }
}
