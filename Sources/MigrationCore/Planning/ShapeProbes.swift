import DoubleWrite

/// What the database is asked about a change of shape before anything runs: whether the types are there, and whether
/// `up` and `down` can be read, use nothing but the other side's columns, and always give the same value.
///
/// An index takes only such an expression, so one is made, on an empty temporary table that has just those columns.
struct ShapeProbes {
    let change: ShapeChange

    init(_ change: ShapeChange) { self.change = change }

    func add(to draft: inout OperationDraft) {
        guard !change.isRename else { return }
        if let lookup = change.lookup { return probe(lookup, into: &draft) }
        for new in change.news { probeDefinition(of: new, into: &draft) }
        let olds = change.olds.map { (name: $0.column.name, type: $0.column.type) }
        for new in change.news {
            probe(new.up, "up", as: new.column, over: olds, path: path(of: new, "up"), into: &draft)
        }
        let news = change.news.map { (name: $0.column.name, type: $0.column.type) }
        for old in change.olds {
            let path = change.olds.count > 1 ? "from.\(old.column.name).down" : "down"
            probe(old.down, "down", as: old.column, over: news, path: path, into: &draft)
        }
    }

    /// Where the file says something of a new column.
    private func path(of new: ShapeChange.New, _ key: String) -> String {
        change.news.count > 1 ? "to.\(new.column.name).\(key)" : key
    }

    /// Whether the lookup table can be made, with its unique index and for those who need it.
    private func probe(_ lookup: ExtractedTable, into draft: inout OperationDraft) {
        draft.probe(
            "into", "the table '\(lookup.table)'", lookup.creation,
            advice:
                "it is made with the values of '\(lookup.column.name)' (\(lookup.column.type)), each of them once"
        )
    }

    private var dialect: Dialect { change.dialect }

    private var scratch: String {
        switch dialect {
        case .postgres: "pg_temp.\(dialect.quote("bellows_probe"))"
        case .sqlite: "temp.\(dialect.quote("bellows_probe"))"
        }
    }

    private func table(_ columns: [(name: String, type: String)]) -> String {
        let list = columns.map { "\(dialect.quote($0.name)) \($0.type)" }.joined(separator: ", ")
        return "CREATE TEMPORARY TABLE \(dialect.quote("bellows_probe")) (\(list))"
    }

    /// The type, the default and the CHECK of a new column.
    private func probeDefinition(of new: ShapeChange.New, into draft: inout OperationDraft) {
        let column = new.column
        let columns = [(name: column.name, type: column.type)]
        let type = path(of: new, "type")
        switch dialect {
        case .postgres:
            draft.probe(
                type, "the type of '\(column.name)'",
                ["SELECT CAST(NULL AS \(column.type))", table(columns)],
                advice: "name a type that this database has")
            guard !ColumnProbes.isBuiltIn(column.type) else { break }
            draft.probe(
                type, "the type of '\(column.name)'",
                PostgresProbe.plainType(column.type, orHasDefault: true),
                advice:
                    "the database writes every row anew for such a column and keeps everyone out; name the domain's own "
                    + "type, and declare what it demands with the column")
        case .sqlite:
            draft.probe(
                type, "the type of '\(column.name)'", [table(columns)],
                advice: "name a type as SQLite reads them")
        }
        // One that counts may count on a sequence that is made with the column.
        if let value = column.defaultValue, column.ownedSequence == nil {
            draft.probe(
                path(of: new, "default"), "the default of '\(column.name)'",
                [
                    "CREATE TEMPORARY TABLE \(dialect.quote("bellows_probe")) "
                        + "(\(dialect.quote(column.name)) \(column.type) DEFAULT \(value.parenthesized))"
                ],
                advice: "give an expression of the column's type")
        }
        if let check = new.check {
            draft.probe(
                path(of: new, "check"), "the CHECK of '\(column.name)'",
                [
                    "CREATE TEMPORARY TABLE \(dialect.quote("bellows_probe")) "
                        + "(\(dialect.quote(column.name)) \(column.type) CHECK \(check.parenthesized))"
                ],
                advice: "give a condition over '\(column.name)' alone")
        }
    }

    private func probe(
        _ derivation: ShapeChange.Derivation, _ word: String, as column: Column,
        over columns: [(name: String, type: String)], path: String, into draft: inout OperationDraft
    ) {
        let value: String
        var text = ""
        switch derivation {
        case .identity, .lookup: return
        case .cast(let name): value = dialect.quote(name)
        case .expression(let expression):
            text = expression
            value = ScopedExpression.parenthesized(expression)
        }
        let names = columns.map { "'\($0.name)'" }.joined(separator: ", ")
        var statements = [table(columns), index("(\(cast(value, column))) IS NULL")]
        if dialect == .sqlite {
            refuseClock(text, word, path: path, into: &draft)
            // What it cannot tell from the text, as date('now'), SQLite refuses when a row comes.
            statements.append("INSERT INTO \(scratch) DEFAULT VALUES")
        }
        if dialect == .postgres, ExpressionText(text, dialect).namesTheClock { statements += clockTest }
        draft.probe(
            path, "'\(word)'", statements,
            advice:
                "\(word == "up" ? "it gives '\(column.name)'" : "it gives '\(column.name)' back"): an expression over \(names) "
                + "alone, of a type that can be cast to \(column.type), that gives the same value in every session "
                + "(IMMUTABLE): no time zone, no clock, no random numbers, nothing of the server's settings")
    }

    /// Fails where the index holds a moment of today's. `'now'` is the moment in which a statement is read, and that is a
    /// constant to the index (<https://www.postgresql.org/docs/current/datatype-datetime.html>, special values); where it
    /// is a text and nothing else, it stays what it is.
    private var clockTest: [String] {
        let words = dialect.literal("it reads the clock when the statement is read")
        let days = (-2...2).map {
            "pg_catalog.to_char(pg_catalog.now() + interval '\($0) days', 'YYYY-MM-DD')"
        }
        let moments = (days + ["pg_catalog.to_char(pg_catalog.now(), 'HH24:MI:SS')"]).joined(separator: ", ")
        return [
            "SET LOCAL datestyle = 'ISO'",
            "SELECT CAST(left(d.text, 0) || \(words) AS integer) "
                + "FROM (SELECT pg_catalog.pg_get_indexdef(indexrelid) AS text FROM pg_catalog.pg_index "
                + "WHERE indrelid = \(dialect.literal(scratch))::regclass) AS d, unnest(ARRAY[\(moments)]) AS m (text) "
                + "WHERE pg_catalog.strpos(d.text, m.text) > 0",
        ]
    }

    private func cast(_ value: String, _ column: Column) -> String {
        column.type.isEmpty ? value : "CAST(\(value) AS \(column.type))"
    }

    /// An index on whether the value is missing: not every type can be sorted, and what counts is that it is computed.
    private func index(_ expression: String) -> String {
        switch dialect {
        case .postgres: "CREATE INDEX ON \(scratch) ((\(expression)))"
        case .sqlite:
            "CREATE INDEX temp.\(dialect.quote("bellows_probe_index")) ON \(dialect.quote("bellows_probe")) (\(expression))"
        }
    }

    /// SQLite finds the clock and the time zone in the modifiers of its date functions only where there is a date.
    private func refuseClock(
        _ text: String, _ word: String, path: String, into draft: inout OperationDraft
    ) {
        let expression = ExpressionText(text, dialect)
        guard expression.mentions(texts: [], functions: Self.dateFunctions) != nil,
            let found = expression.mentions(texts: ["now", "localtime", "utc"], functions: [])
        else { return }
        draft.refuse(
            path,
            "'\(word)' reads the clock or the time zone (\(found)), so that the application and this program would compute "
                + "different values; leave it out")
    }

    private static let dateFunctions: Set<String> = [
        "date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff",
    ]
}
