import DoubleWrite

/// An identity column that becomes an ordinary one with a sequence for as long as a second column stands beside it: two
/// identities would count each for itself, and the database gives no other way to share one.
struct PostgresIdentity {
    let table: TableName
    /// The column as it is meanwhile.
    let column: Column
    private let kind: String
    private let dialect = Dialect.postgres

    init?(of column: Column, in table: TableName) {
        guard let identity = column.identity else { return nil }
        kind = identity
        self.table = table
        let name = TableName(
            schema: table.schema, dialect.shortened("_bellows_ids_\(table.name)_\(column.name)"))
        var numbered = column
        numbered.identity = nil
        numbered.ownedSequence = dialect.quote(name)
        numbered.defaultValue = "nextval(\(dialect.literal(dialect.quote(name)))::regclass)"
        numbered.isDefaultVolatile = true
        self.column = numbered
    }

    private var sequence: String { column.ownedSequence ?? "" }
    private var alter: String { "ALTER TABLE \(dialect.quote(table))" }

    /// SQL for the sequence that belongs to the identity column.
    private func own(_ name: String) -> String {
        "pg_catalog.pg_get_serial_sequence(\(dialect.literal(dialect.quote(table))), \(dialect.literal(name)))"
    }

    /// The identity's numbers go on from a sequence of the column's own.
    var unpacked: [String] {
        let quoted = dialect.quote(column.name)
        return [
            "CREATE SEQUENCE \(sequence)",
            "SELECT pg_catalog.setval(\(dialect.literal(sequence)), pg_catalog.nextval(\(own(column.name))), false)",
            "\(alter) ALTER COLUMN \(quoted) DROP IDENTITY",
            "\(alter) ALTER COLUMN \(quoted) SET DEFAULT \(column.defaultValue ?? "")",
            "ALTER SEQUENCE \(sequence) OWNED BY \(dialect.quote(table)).\(quoted)",
        ]
    }

    /// The sequence's numbers go on from an identity of the column's.
    var packed: [String] {
        let quoted = dialect.quote(column.name)
        return [
            "\(alter) ALTER COLUMN \(quoted) DROP DEFAULT",
            // Or it would be found below as the column's own.
            "ALTER SEQUENCE \(sequence) OWNED BY NONE",
            "\(alter) ALTER COLUMN \(quoted) ADD GENERATED \(kind) AS IDENTITY",
            "SELECT pg_catalog.setval(\(own(column.name)), pg_catalog.nextval(\(dialect.literal(sequence))), false)",
            "DROP SEQUENCE \(sequence)",
        ]
    }
}

extension PostgresShape {
    /// The identity of the old column, which is also the new one's when it bears its name.
    var identity: PostgresIdentity? {
        guard let kind = change.identity, var column = change.olds.first?.column else { return nil }
        column.identity = kind
        return PostgresIdentity(of: column, in: table.name)
    }

    /// Raises a sequence above every value of its column, where it counts upwards: values may have been given by hand.
    var raisedSequences: [String] {
        guard change.movesKeys, let new = change.news.first, let sequence = new.column.ownedSequence,
            ["smallint", "integer", "bigint"].contains(new.column.type)
        else { return [] }
        let most =
            "SELECT coalesce(max(\(dialect.quote(new.column.name))), 0) + 1 FROM \(dialect.quote(table.name))"
        return [
            """
            SELECT pg_catalog.setval(s.seqrelid::regclass, greatest(pg_catalog.nextval(s.seqrelid::regclass), (\(most))), false) \
            FROM pg_catalog.pg_sequence AS s \
            WHERE s.seqrelid = \(dialect.literal(sequence))::regclass AND s.seqincrement > 0
            """
        ]
    }

    /// A sequence that was made for a smaller type ends where that does.
    var widenedSequences: [String] {
        guard change.movesKeys, change.identity == nil, let new = change.news.first,
            let sequence = new.column.ownedSequence, new.column.type == "bigint"
        else { return [] }
        return ["ALTER SEQUENCE \(sequence) AS bigint"]
    }
}
