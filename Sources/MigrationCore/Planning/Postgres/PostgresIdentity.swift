import DoubleWrite

/// An identity column that becomes an ordinary one with a sequence for as long as a second column stands beside it: two
/// identities would count each for itself, and the database gives no other way to share one.
///
/// The sequence bears the name of the identity's own, so that whoever asks it for numbers by name is answered.
struct PostgresIdentity {
    let table: TableName
    /// The column as it is meanwhile.
    let column: Column
    private let kind: String
    private let sequence: ColumnSequence
    /// The table's owner, whose the sequence has to be; `nil` where that is not known.
    private let owner: String?
    private let dialect = Dialect.postgres

    init?(of column: Column, in table: Table) {
        guard let identity = column.identity else { return nil }
        kind = identity
        self.table = table.name
        owner = table.access?.owner
        sequence =
            column.sequence
            ?? ColumnSequence(
                name: TableName(
                    schema: table.name.schema,
                    dialect.shortened("\(table.name.name)_\(column.name)", suffix: "_seq")),
                type: column.type)
        let name = dialect.quote(sequence.name)
        var numbered = column
        numbered.identity = nil
        numbered.sequence = sequence
        numbered.ownedSequence = name
        numbered.defaultValue = "nextval(\(dialect.literal(name))::regclass)"
        numbered.isDefaultVolatile = true
        self.column = numbered
    }

    private var name: String { dialect.quote(sequence.name) }
    private var alter: String {
        "ALTER TABLE \(dialect.quote(table)) ALTER COLUMN \(dialect.quote(column.name))"
    }

    /// The name of the sequence that goes, until it is gone.
    private var leaving: TableName {
        TableName(schema: sequence.name.schema, dialect.shortened("_bellows_ids_" + sequence.name.name))
    }

    /// The numbers of the sequence that goes, on from where it is; `most` is the last that the other can give.
    private func goOn(upTo most: Int64? = nil) -> String {
        let last = most.map { "least(last_value, \($0))" } ?? "last_value"
        return
            "SELECT pg_catalog.setval(\(dialect.literal(name)), \(last), is_called) FROM \(dialect.quote(leaving))"
    }

    /// The identity's numbers go on from a sequence of the column's own. The table is locked already, so that nobody draws
    /// a number from the one that goes.
    ///
    /// An identity asks no right to its sequence of whoever inserts a row; a default does.
    var unpacked: [String] {
        [
            "ALTER SEQUENCE \(name) RENAME TO \(dialect.quote(leaving.name))",
            (["CREATE SEQUENCE \(name) AS \(sequence.type)"] + sequence.options).joined(separator: " "),
            goOn(), "\(alter) DROP IDENTITY",
        ] + (owner.map { ["ALTER SEQUENCE \(name) OWNER TO \(dialect.quote($0))"] } ?? []) + [
            "\(alter) SET DEFAULT \(column.defaultValue ?? "")",
            "ALTER SEQUENCE \(name) OWNED BY \(dialect.quote(table)).\(dialect.quote(column.name))",
            "GRANT USAGE ON SEQUENCE \(name) TO PUBLIC",
        ] + sequence.extras
    }

    /// The sequence's numbers go on from an identity of the column's, which has `type` by now.
    ///
    /// `SEQUENCE NAME` is what `pg_dump` writes.
    func packed(as type: String) -> [String] {
        let packed = sequence.retyped(as: type)
        let options = ["SEQUENCE NAME \(name)"] + packed.options
        return [
            "\(alter) DROP DEFAULT", "ALTER SEQUENCE \(name) OWNED BY NONE",
            "ALTER SEQUENCE \(name) RENAME TO \(dialect.quote(leaving.name))",
            "\(alter) ADD GENERATED \(kind) AS IDENTITY (\(options.joined(separator: " ")))",
            goOn(upTo: packed.maximum < sequence.maximum ? packed.maximum : nil),
            "DROP SEQUENCE \(dialect.quote(leaving))",
        ] + packed.extras
    }
}

extension PostgresShape {
    /// The identity of the old column, which is also the new one's when it bears its name.
    var identity: PostgresIdentity? {
        guard let kind = change.identity, var column = change.olds.first?.column else { return nil }
        column.identity = kind
        return PostgresIdentity(of: column, in: table)
    }

    /// The identity of the new column, when it bears the old one's name.
    var newIdentity: [String] {
        guard let identity, let new = change.news.first else { return [] }
        return identity.packed(as: new.column.type)
    }

    /// The identity of the old column, when it stands alone again.
    var oldIdentity: [String] {
        guard let identity, let old = change.olds.first else { return [] }
        return identity.packed(as: old.column.type)
    }
}

// MARK: - Sequences

extension PostgresShape {
    /// Brings a sequence to the last value of its column, where values were given by hand beyond it: in whole steps, so
    /// that two servers that share the numbers go on sharing them. One that begins again at its end is left alone.
    var raisedSequences: [String] {
        guard change.movesKeys, let new = change.news.first, let name = new.column.ownedSequence,
            ColumnSequence.limits(of: new.column.type) != nil
        else { return [] }
        let facts = new.column.sequence?.retyped(as: new.column.type)
        let step = facts?.increment ?? 1
        guard facts?.cycles != true, step != 0 else { return [] }
        let size = step.magnitude
        let column = dialect.quote(new.column.name)
        let isUpwards = step > 0
        let way = isUpwards ? "m.value - s.last_value" : "s.last_value - m.value"
        let next = size == 1 ? "m.value" : "s.last_value + (\(way) + \(size - 1)) / \(size) * \(step)"
        let isWithin = facts.map { " AND \(next) \(isUpwards ? "<= \($0.maximum)" : ">= \($0.minimum)")" }
        return [
            "SELECT pg_catalog.setval(\(dialect.literal(name)), \(next)) FROM \(name) AS s, "
                + "(SELECT \(isUpwards ? "max" : "min")(\(column)) AS value FROM \(dialect.quote(table.name))) AS m "
                + "WHERE m.value \(isUpwards ? ">=" : "<=") s.last_value\(isWithin ?? "")"
        ]
    }

    /// A sequence that was made for a smaller type ends where that does, so it gets the larger one with the column.
    var widenedSequences: [String] { retypedSequences { $1 } }

    /// The same on the way back.
    var narrowedSequences: [String] { retypedSequences { old, _ in old } }

    private func retypedSequences(_ choose: (String, String) -> String) -> [String] {
        guard change.movesKeys || change.sync == .trigger, let old = change.olds.first?.column,
            let new = change.news.first?.column, let sequence = new.ownedSequence
        else { return [] }
        let type = old.sequence?.type ?? old.type
        guard let before = ColumnSequence.limits(of: type), let after = ColumnSequence.limits(of: new.type),
            after.upperBound > before.upperBound
        else { return [] }
        return ["ALTER SEQUENCE \(sequence) AS \(choose(type, new.type))"]
    }
}
