import DoubleWrite

/// The triggers of a guard in PostgreSQL: they change the row before it is stored.
///
/// Both call one function, and only for rows that may be an old-only write, by conditions without the user's SQL. They
/// fire behind the table's other triggers (in the order of their names,
/// <https://www.postgresql.org/docs/current/trigger-definition.html>), so that what those change is seen, and in every
/// session, also while changes are applied from elsewhere (`ENABLE ALWAYS`). The function runs with the rights of
/// whoever writes; its search path is the one of the role that migrates, as it is when it is made.
struct PostgresGuard {
    let rules: ShapeGuard
    /// Whether a foreign key writes the old columns by itself. It has a copy on the new ones, which writes those.
    let hasActions: Bool
    private let dialect = Dialect.postgres

    init(_ change: ShapeChange, hasActions: Bool) {
        rules = ShapeGuard(change)
        self.hasActions = hasActions
    }

    private var sync: SyncTrigger { rules.sync }
    private var table: String { dialect.quote(rules.change.table.name) }
    private var function: String {
        dialect.quote(TableName(schema: "bellows", dialect.shortened("guard:" + rules.change.id.name)))
    }

    private func trigger(_ event: String) -> String {
        dialect.quote(dialect.shortened("~bellows_guard_\(event)_" + rules.change.id.name))
    }
}

// MARK: - Statements

extension PostgresGuard {
    /// Makes the triggers, and the table that they count in.
    var creation: [String] {
        rules.countingTable + [PostgresSyncTrigger.resolvedPath, "CREATE FUNCTION \(definition)"]
            + create("insert", condition: whenInserted) + create("update", condition: rules.writesOldOnly)
    }

    var removal: [String] {
        [
            "DROP TRIGGER \(trigger("insert")) ON \(table)", "DROP TRIGGER \(trigger("update")) ON \(table)",
            "DROP FUNCTION \(function)()",
        ]
    }

    private func create(_ event: String, condition: String?) -> [String] {
        let condition = condition.map { " WHEN (\($0))" } ?? ""
        return [
            "CREATE TRIGGER \(trigger(event)) BEFORE \(event.uppercased()) ON \(table) FOR EACH ROW\(condition) "
                + "EXECUTE FUNCTION \(function)()",
            "ALTER TABLE \(table) ENABLE ALWAYS TRIGGER \(trigger(event))",
        ]
    }

    /// A rename says it all without a function.
    private var whenInserted: String? {
        let conditions = [rules.leavesNewOut, rules.change.isRename ? sync.strays(.new) : nil]
        let known = conditions.compactMap(\.self)
        return known.isEmpty ? nil : known.joined(separator: " AND ")
    }

    private var definition: String {
        let quote = PostgresSyncTrigger.dollarQuote(for: body)
        return
            "\(function)() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS \(quote)\n\(body)\n\(quote)"
    }
}

// MARK: - The function's body

extension PostgresGuard {
    private var body: String {
        let lines = [
            "#variable_conflict use_column", "DECLARE", "    recorded text := (\(rules.stage));", "BEGIN",
        ]
        let statements = passed + completed + refused + healed + counted + ["RETURN NEW;"]
        return (lines + statements.map { "    " + $0 } + ["END"]).joined(separator: "\n")
    }

    private func block(_ condition: String, _ statements: [String]) -> [String] {
        ["IF \(condition) THEN"] + statements.map { "    " + $0 } + ["END IF;"]
    }

    /// Leaves alone what is not an old-only write.
    private var passed: [String] {
        let isBare = hasActions ? "" : "TG_OP = 'INSERT' AND "
        return block("NOT (\(rules.strays))", ["RETURN NEW;"])
            // Nobody fills the old columns then, but whoever still knows them alone; and we empty those of a foreign key.
            + block("recorded = 'new' AND \(isBare)NOT (\(rules.givesOld))", ["RETURN NEW;"])
    }

    /// The old columns that were not written, which nobody has filled since stage `new`.
    private var completed: [String] {
        guard rules.hasParts else { return [] }
        let parts = sync.members(.old).flatMap { member in
            block(
                "NOT (\(sync.differs(sync.value(member), sync.value(member, of: "OLD"), member)))",
                ["\(sync.value(member)) := \(rules.made(.old, member));"])
        }
        return block("recorded = 'new' AND TG_OP = 'UPDATE'", parts)
    }

    private var refused: [String] {
        guard rules.mustReturn else { return [] }
        let table = rules.change.table.name
        let place = [
            "SCHEMA = \(dialect.literal(table.schema ?? dialect.defaultSchema))",
            "TABLE = \(dialect.literal(table.name))",
            "CONSTRAINT = \(dialect.literal(rules.change.id.name))",
        ]
        return block(
            "recorded = 'new' AND \(rules.isLost)",
            [
                "RAISE EXCEPTION USING ERRCODE = 'check_violation', \(place.joined(separator: ", ")),",
                "    MESSAGE = \(dialect.literal(rules.loss));",
            ])
    }

    private var healed: [String] {
        let insertion = rules.insertion.map { ["\($0);"] } ?? []
        let heal = sync.members(.new).map { "\(sync.value($0)) := \(rules.made(.new, $0));" }
        guard rules.change.isLossyDown else { return insertion + heal }
        let follow = sync.members(.old).map { "\(sync.value($0)) := \(rules.made(.old, $0));" }
        return insertion + heal + block("recorded = 'both-read-new'", follow)
    }

    /// What a foreign key writes of both sides by itself is nobody's mistake.
    private var counted: [String] {
        let count = ["\(rules.count(at: "recorded"));"]
        return hasActions ? block("pg_trigger_depth() = 1", count) : count
    }
}
