import DoubleWrite

/// Asks the database whether what is on a changed column can be on its new type as well: an index, a CHECK, a foreign
/// key. All of it is made once on empty temporary tables.
struct PostgresShapeProbes {
    private let change: ShapeChange
    private let new: PostgresNewSide
    private let schema: Schema
    private let dialect = Dialect.postgres

    init(_ shape: PostgresShape) {
        change = shape.change
        new = shape.new
        schema = shape.schema
    }

    func add(to draft: inout OperationDraft) {
        var both = change.table
        both.columns += change.news.map { new in
            var column = new.column
            column.name = new.physicalName
            return column
        }
        guard !change.isRename, let probe = PostgresProbe(of: both, in: schema) else { return }
        for carried in new.indexes where isTold(carried.object.definition) {
            let index = carried.object
            ask(
                "the index '\(index.name)'",
                probe.with("CREATE INDEX ON \(PostgresProbe.table) \(renamed(index.definition))"), &draft)
        }
        for carried in new.uniques {
            let columns = carried.carrying.columnList(carried.object.columns)
            ask(
                "UNIQUE '\(carried.object.name ?? "")'",
                probe.with("CREATE UNIQUE INDEX ON \(PostgresProbe.table) \(columns)"), &draft)
        }
        for carried in new.checks where carried.isCopy && isTold(carried.object.definition) {
            let check = renamed(carried.object.definition)
            ask(
                "the CHECK '\(carried.object.name ?? "")'",
                probe.with("ALTER TABLE \(PostgresProbe.table) ADD \(check)"), &draft)
        }
        for carried in new.foreignKeys {
            let columns = carried.carrying.columnList(carried.object.columns)
            guard let reference = probe.reference(columns, carried.object.target, in: schema) else {
                continue
            }
            ask("the foreign key '\(carried.object.name ?? "")'", reference, &draft)
        }
    }

    private func ask(_ what: String, _ statements: [String], _ draft: inout OperationDraft) {
        let types = change.news.map { "\($0.column.type)" }.joined(separator: ", ")
        draft.probe(
            change.news.count > 1 ? "to" : draft.keyword == "rename_column" ? "to" : "type",
            "\(what) on \(types)", statements,
            advice:
                "choose a type that it can be on, or drop it first and make what the new column needs afterwards"
        )
    }

    private func renamed(_ template: SQLTemplate) -> String {
        template.sql(dialect, renaming: change.heirs)
    }

    private func isTold(_ template: SQLTemplate) -> Bool {
        change.heirs.keys.allSatisfy { template.columns.contains($0) }
    }
}

extension PostgresProbe {
    /// The statements that say whether columns of the scratch table can point at columns of another; `nil` where these
    /// are not known.
    func reference(_ columns: String, _ target: ForeignKeyTarget, in schema: Schema) -> [String]? {
        guard let parent = schema[target.table] else { return nil }
        let names = target.columns.isEmpty ? parent.primaryKey : target.columns
        let types = names.compactMap { parent.column($0)?.type }
        let planned = schema.enums.filter(\.isPlanned).map(\.name.name)
        guard !names.isEmpty, types.count == names.count,
            types.allSatisfy({ type in !planned.contains { type.mentions($0) } })
        else { return nil }
        let dialect = Dialect.postgres
        let list = zip(names, types).map { "\(dialect.quote($0)) \($1)" }.joined(separator: ", ")
        return with(
            "CREATE TEMPORARY TABLE \"_bellows_probe_parent\" (\(list), UNIQUE (\(dialect.quote(names))))",
            "ALTER TABLE \(Self.table) ADD FOREIGN KEY \(columns) "
                + "REFERENCES pg_temp.\"_bellows_probe_parent\" (\(dialect.quote(names)))")
    }

    /// The statements that fail for a domain that demands anything: to add such a column the database writes every row
    /// anew and keeps everyone out.
    ///
    /// - Parameter orHasDefault: Whether a default of its own is too much already.
    static func plainType(_ type: String, orHasDefault: Bool) -> [String] {
        let name = "the type is a domain with a constraint\(orHasDefault ? " or a default" : "")"
        let hasDefault = orHasDefault ? "p.typdefault IS NOT NULL OR " : ""
        return [
            "CREATE TEMPORARY TABLE \"_bellows_probe\" (c \(type))",
            """
            CREATE TEMPORARY TABLE "_bellows_probe_domain" \
            (plain boolean CONSTRAINT \(Dialect.postgres.quote(name)) CHECK (plain))
            """,
            """
            INSERT INTO pg_temp."_bellows_probe_domain" SELECT NOT EXISTS (\
            WITH RECURSIVE t (oid) AS (\
            SELECT atttypid FROM pg_catalog.pg_attribute \
            WHERE attrelid = 'pg_temp."_bellows_probe"'::pg_catalog.regclass AND attnum = 1 \
            UNION SELECT p.typbasetype FROM pg_catalog.pg_type p JOIN t ON t.oid = p.oid WHERE p.typtype = 'd') \
            SELECT FROM t JOIN pg_catalog.pg_type p ON p.oid = t.oid WHERE p.typtype = 'd' AND (\(hasDefault)\
            p.typnotnull OR EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.contypid = p.oid)))
            """,
        ]
    }
}
