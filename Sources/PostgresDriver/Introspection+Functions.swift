import DoubleWrite
import MigrationCore

extension Introspection {
    /// Triggers, which the catalogue knows by halves, and functions, whose bodies it does not know at all: their
    /// texts are searched for names.
    mutating func readTriggersAndFunctions() throws(PostgresError) {
        for row in try rows(Self.triggersSQL) {
            guard let table = row.integer(0), let name = row.text(1) else { continue }
            let recorded = Set(names(table, row.integers(2)))
            let body = FunctionText(row.text(3) ?? "")
            let mentioned = columns(of: table, mentionedIn: body)
            // In a language of which the text says nothing, or with the row passed on as a whole: any column.
            let isClear = row.truth(4) && !body.usesWholeRow && !row.truth(5)
            depend(table, .trigger, qualified(table, name), isClear ? recorded.union(mentioned) : [])
        }
        try readFunctions()
    }

    private func columns(of table: Int64, mentionedIn body: FunctionText) -> Set<String> {
        Set((tables[table]?.columns ?? []).map(\.name).filter(body.mentions))
    }

    /// Looks from each function for the tables whose names are words of it, not from each table for functions: there
    /// may be a thousand of either.
    private mutating func readFunctions() throws(PostgresError) {
        var byWord: [String: [Int64]] = [:]
        var others: [(table: Int64, name: String)] = []
        for table in order {
            guard let name = tables[table]?.name.name else { continue }
            if FunctionText.isWord(name) {
                byWord[name, default: []].append(table)
            } else {
                others.append((table, name))
            }
        }
        for row in try connection.query(Self.functionsSQL).rows.map(CatalogRow.init) {
            let body = FunctionText(row.text(1) ?? "")
            let named = body.wordSet.flatMap { byWord[$0] ?? [] }
            let quoted = others.filter { body.mentions($0.name) }.map(\.table)
            for table in named + quoted {
                let columns = columns(of: table, mentionedIn: body)
                if !columns.isEmpty { depend(table, .function, row.text(0) ?? "", columns) }
            }
        }
    }

    /// But for our own, which keep two shapes of a table in step and go by themselves.
    private static let triggersSQL = """
        SELECT t.tgrelid, t.tgname::text,
            (t.tgattr::int2[] || coalesce((SELECT array_agg(d.refobjsubid::int2) FROM pg_catalog.pg_depend d
                WHERE d.classid = 'pg_catalog.pg_trigger'::regclass AND d.objid = t.oid
                    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = t.tgrelid), '{}'))::text,
            p.prosrc, l.lanname IN ('plpgsql', 'sql'), coalesce(t.tgqual::text, '') ~ ':varattno 0 '
        FROM pg_catalog.pg_trigger t
        JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
        JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE t.tgrelid = ANY ($1::oid[]) AND NOT t.tgisinternal
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace n
                WHERE n.oid = p.pronamespace AND n.nspname = 'bellows')
        ORDER BY t.tgrelid, t.tgname
        """

    /// Those of extensions are not the user's.
    private static let functionsSQL = """
        SELECT n.nspname || '.' || p.proname, p.prosrc
        FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE l.lanname NOT IN ('internal', 'c') AND p.prosrc <> ''
            AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'bellows')
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
        ORDER BY 1, p.oid
        """
}

/// The body of a function, searched for names. A guess either way: a name may be put together when it runs.
struct FunctionText {
    private let text: String
    private let words: [String]
    /// Its words, each once.
    let wordSet: Set<String>

    init(_ text: String) {
        self.text = text
        words = Self.words(in: text)
        wordSet = Set(words)
    }

    /// Whether the name stands there as a word, in whatever case, or in quotes as it is.
    func mentions(_ name: String) -> Bool {
        wordSet.contains(name) || (!Self.isWord(name) && text.contains(Dialect.postgres.quote(name)))
    }

    /// Whether a name is one word in lower case, which SQL may write without quotes.
    static func isWord(_ name: String) -> Bool { words(in: name) == [name] && name != "." && name != "*" }

    /// Whether NEW or OLD is used for more than its columns and to be returned: passed on, or taken apart at once.
    var usesWholeRow: Bool {
        words.indices.contains { index in
            guard words[index] == "new" || words[index] == "old" else { return false }
            if index > 0, words[index - 1] == "return" { return false }
            let isColumn = index + 1 < words.count && words[index + 1] == "."
            let isAll = index + 2 < words.count && words[index + 2] == "*"
            return !isColumn || isAll
        }
    }

    /// The words in lower case (A to Z), with a dot, and the asterisk behind one, as words of their own. Quotes
    /// count as blanks.
    private static func words(in text: String) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        func take() {
            if !word.isEmpty { words.append(String(word)) }
            word = String.UnicodeScalarView()
        }
        for scalar in text.unicodeScalars {
            if scalar == "." || (scalar == "*" && words.last == "." && word.isEmpty) {
                take()
                words.append(String(scalar))
            } else if isPartOfWord(scalar) {
                word.append(lowercased(scalar))
            } else {
                take()
            }
        }
        take()
        return words
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "$": true
        default: scalar.value > 127
        }
    }

    private static func lowercased(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        ("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar
    }
}
