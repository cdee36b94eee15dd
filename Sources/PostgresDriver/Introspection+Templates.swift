import DoubleWrite
import MigrationCore

extension Introspection {
    /// Tells the columns apart in the texts of CHECKs and of indexes with expressions or conditions.
    ///
    /// A user's SQL is never edited as text: the server prints it again for a temporary table that is like the
    /// original, but whose columns bear names that occur nowhere else, and the text is cut at those.
    mutating func tellColumnsApart() throws(PostgresError) {
        let wanted = order.filter { tables[$0]?.hasTextToCut == true }
        guard !wanted.isEmpty else { return }
        guard try connection.query("SHOW transaction_read_only").scalar?.text == "off" else { return }
        for table in wanted {
            _ = try connection.execute("SAVEPOINT bellows_template")
            let texts: [String]?
            do throws(PostgresError) {
                texts = try textsOfScratchTable(table)
            } catch {
                guard !error.isConnectionLost, error.sqlState != SQLState.queryCanceled,
                    error.sqlState != SQLState.lockNotAvailable
                else { throw error }
                // What cannot be copied (a whole row in a CHECK, no right to make temporary tables) stays whole.
                texts = nil
            }
            _ = try connection.execute(
                "ROLLBACK TO SAVEPOINT bellows_template; RELEASE SAVEPOINT bellows_template")
            if let texts { cut(table, texts) }
        }
    }

    /// Makes the temporary table, and has the server print its CHECKs and indexes.
    private func textsOfScratchTable(_ number: Int64) throws(PostgresError) -> [String] {
        guard let table = tables[number] else { return [] }
        let dialect = Dialect.postgres
        let scratch = "pg_temp." + dialect.quote("bellows_template_\(number)")
        let columns = placeholders(number)
        let renames = columns.map { placeholder, attribute in
            "ALTER TABLE \(scratch) RENAME COLUMN \(dialect.quote(attribute.name)) TO \(placeholder);"
        }
        _ = try connection.execute(
            """
            CREATE TEMPORARY TABLE \(dialect.quote("bellows_template_\(number)"))
                (LIKE \(dialect.quote(table.name)) INCLUDING CONSTRAINTS INCLUDING INDEXES);
            \(renames.joined(separator: "\n"))
            """)
        let result = try connection.query(
            """
            SELECT pg_catalog.pg_get_constraintdef(k.oid) FROM pg_catalog.pg_constraint k
                WHERE k.conrelid = $1::text::regclass AND k.contype = 'c'
            UNION ALL
            SELECT substr(pg_catalog.pg_get_indexdef(i.indexrelid), length(
                    'CREATE ' || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX '
                    || quote_ident(x.relname) || ' ON pg_temp.' || quote_ident(t.relname) || ' ') + 1)
                FROM pg_catalog.pg_index i
                JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
                JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
                WHERE i.indrelid = $1::text::regclass
            """, [.text(scratch)])
        return result.rows.compactMap { $0.first?.text }
    }

    /// A name for each column that no text of the table contains, and that the server writes without quotes.
    private func placeholders(_ number: Int64) -> [(String, Attribute)] {
        let texts = (tables[number]?.textsToCut ?? []).joined(separator: "\n")
        var prefix = "bellows_column_"
        while texts.contains(prefix) { prefix += "_" }
        return (attributes[number] ?? [:]).sorted { $0.key < $1.key }.map {
            ("\(prefix)\($0.key)x", $0.value)
        }
    }

    /// Gives each text its template: the one that, with the columns' own names, reads exactly as the text does.
    private mutating func cut(_ number: Int64, _ texts: [String]) {
        let columns = placeholders(number)
        let written = Dictionary(
            columns.map { ($0.1.name, $0.1.written) }, uniquingKeysWith: { first, _ in first })
        var templates: [String: SQLTemplate] = [:]
        for text in texts {
            let template = SQLTemplate.cutting(
                text, at: columns.map { (placeholder: $0.0, column: $0.1.name) })
            templates[template.text { written[$0] ?? $0 }] = template
        }
        guard var table = tables[number] else { return }
        for index in table.checks.indices {
            table.checks[index].definition.become(templates)
        }
        for index in table.indexes.indices where !table.indexes[index].isSimple {
            table.indexes[index].definition.become(templates)
        }
        tables[number] = table
    }
}

extension Table {
    fileprivate var textsToCut: [String] {
        (checks.map(\.definition) + indexes.filter { !$0.isSimple }.map(\.definition)).compactMap(\.wholeText)
    }

    fileprivate var hasTextToCut: Bool { !textsToCut.isEmpty }
}

extension SQLTemplate {
    /// The text, where it is one segment.
    fileprivate var wholeText: String? {
        if segments.count == 1, case .text(let text) = segments[0] { text } else { nil }
    }

    fileprivate mutating func become(_ templates: [String: SQLTemplate]) {
        if let text = wholeText, let template = templates[text] { self = template }
    }

    fileprivate func text(_ name: (String) -> String) -> String {
        segments.map { segment in
            switch segment {
            case .text(let text): text
            case .column(let column): name(column)
            }
        }.joined()
    }

    /// Cuts a text at every placeholder. None is the beginning of another.
    fileprivate static func cutting(
        _ text: String, at columns: [(placeholder: String, column: String)]
    ) -> SQLTemplate {
        var segments: [Segment] = [.text(text)]
        for (placeholder, column) in columns {
            segments = segments.flatMap { segment -> [Segment] in
                guard case .text(let text) = segment else { return [segment] }
                let parts = text.split(separator: placeholder, omittingEmptySubsequences: false)
                return Array(parts.map { [.text(String($0))] }.joined(separator: [.column(column)]))
            }
        }
        return SQLTemplate(segments.filter { $0 != .text("") })
    }
}
