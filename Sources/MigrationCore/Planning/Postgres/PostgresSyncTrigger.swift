import DoubleWrite

/// The trigger by which PostgreSQL keeps both shapes of a change in step, in the very statement that writes.
///
/// It fires before the row is stored and behind the table's other triggers (they fire in the order of their names,
/// <https://www.postgresql.org/docs/current/trigger-definition.html>), so that NOT NULL, CHECK, UNIQUE, foreign keys and
/// generated columns see both shapes; for every role, in every session, also while changes are applied from elsewhere
/// (`ENABLE ALWAYS`). Its search path is the one of the role that migrates, as it is when the trigger is made: the
/// user's expressions mean in it what they mean to the backfill, whoever writes.
struct PostgresSyncTrigger {
    let sync: SyncTrigger
    private let dialect = Dialect.postgres

    init(_ sync: SyncTrigger) { self.sync = sync }

    private var table: String { dialect.quote(sync.change.table.name) }
    private var trigger: String {
        dialect.quote(dialect.shortened("~bellows_sync_" + sync.change.id.name))
    }
    private var function: String {
        dialect.quote(TableName(schema: "bellows", dialect.shortened("sync:" + sync.change.id.name)))
    }
}

// MARK: - Statements

extension PostgresSyncTrigger {
    /// Makes the trigger.
    var creation: [String] {
        [
            Self.resolvedPath, "CREATE FUNCTION \(definition)",
            "CREATE TRIGGER \(trigger) BEFORE INSERT OR UPDATE ON \(table) FOR EACH ROW EXECUTE FUNCTION \(function)()",
            "ALTER TABLE \(table) ENABLE ALWAYS TRIGGER \(trigger)",
        ]
    }

    /// Gives the trigger that is there this one's rules.
    var replacement: [String] { [Self.resolvedPath, "CREATE OR REPLACE FUNCTION \(definition)"] }

    var removal: [String] { ["DROP TRIGGER \(trigger) ON \(table)", "DROP FUNCTION \(function)()"] }

    /// `"$user"` would be another schema for everyone who writes, and a temporary type could hide another one.
    static let resolvedPath = """
        SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', \
        (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(name), ', ' ORDER BY number) \
        FROM ROWS FROM (pg_catalog.unnest(pg_catalog.current_schemas(false))) WITH ORDINALITY AS s(name, number) \
        WHERE name <> 'pg_temp' AND name NOT LIKE 'pg\\_temp\\_%'), 'pg_temp'), true)
        """

    private var definition: String {
        let quote = Self.dollarQuote(for: body)
        return
            "\(function)() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS \(quote)\n\(body)\n\(quote)"
    }

    /// A mark that the text does not have in it.
    static func dollarQuote(for text: String) -> String {
        var number = 0
        while true {
            let quote = number == 0 ? "$sync$" : "$sync\(number)$"
            if !text.contains(quote) { return quote }
            number += 1
        }
    }
}

// MARK: - The function's body

extension PostgresSyncTrigger {
    private var truth: SyncTrigger.Side { sync.truth }
    private var derived: SyncTrigger.Side { truth.other }

    private func name(_ side: SyncTrigger.Side) -> String { side == .old ? "writes_old" : "writes_new" }

    private var body: String {
        let lines = ["#variable_conflict use_column", "DECLARE"] + declarations.map { "    " + $0 }
        let statements = told + (sync.change.isRename ? renamed : kept) + ["RETURN NEW;"]
        return (lines + ["BEGIN"] + statements.map { "    " + $0 } + ["END"]).joined(separator: "\n")
    }

    private var declarations: [String] {
        ["writes_old boolean;", "writes_new boolean;"]
            + (sync.change.isRename ? [] : ["made record;", "back record;"])
    }

    /// Which shape the row says.
    private var told: [String] {
        let assumed = name(sync.assumed)
        return [
            "IF TG_OP = 'INSERT' THEN",
            "    writes_old := \(sync.isGiven(.old));",
            "    writes_new := \(sync.isGiven(.new));",
            "    \(assumed) := \(assumed) OR NOT \(name(sync.assumed.other));",
            "ELSE",
            "    writes_old := \(sync.isChanged(.old));",
            "    writes_new := \(sync.isChanged(.new));",
            "END IF;",
        ]
    }

    private var renamed: [String] {
        let old = sync.members(.old).map { sync.value($0) }
        let new = sync.members(.new).map { sync.value($0) }
        return block("IF writes_old AND writes_new", refuse(sync.strays(.old), sync.contradiction))
            + block("ELSIF writes_old", zip(new, old).map { "\($0) := \($1);" })
            + block("ELSIF writes_new", zip(old, new).map { "\($0) := \($1);" }) + ["END IF;"]
    }

    private var kept: [String] {
        block("IF writes_old AND writes_new", both) + block("ELSIF \(name(truth))", truthOnly)
            + block("ELSIF \(name(derived))", derivedOnly) + ["END IF;"]
    }

    private var both: [String] {
        let word = sync.mustReturn ? "OR" : "AND"
        let differ = "\(differs(.new, from: "made")) \(word) \(differs(.old, from: "back"))"
        return [make(.new, "made"), make(.old, "back")] + refuse(differ, sync.contradiction)
            + (sync.mustReturn ? [] : take(derived, truth == .old ? "made" : "back"))
    }

    private var truthOnly: [String] {
        [make(derived, "made")] + take(derived, "made") + comesBack(truth)
    }

    private var derivedOnly: [String] {
        let rounded = sync.mustReturn ? comesBack(derived) : [make(derived, "back")] + take(derived, "back")
        let statements = unfilled + [make(truth, "made")] + take(truth, "made") + rounded
        return [make(derived, "made"), "-- A row that is being filled agrees already."]
            + block("IF TG_OP = 'INSERT' OR \(differs(derived, from: "made"))", statements) + ["END IF;"]
    }

    private func comesBack(_ side: SyncTrigger.Side) -> [String] {
        guard sync.mustReturn else { return [] }
        return [make(side, "back")] + refuse(differs(side, from: "back"), sync.loss(side))
    }

    /// An UPDATE of some of the derived columns, of a row that is not filled yet, says nothing of the others.
    private var unfilled: [String] {
        guard sync.members(derived).count > 1 else { return [] }
        let check = refuse(differs(derived, of: "OLD", from: "made"), sync.isNotFilled(derived))
        return block("IF TG_OP = 'UPDATE'", [make(derived, "made", of: "OLD")] + check) + ["END IF;"]
    }
}

// MARK: - Statements of the body

extension PostgresSyncTrigger {
    private func block(_ condition: String, _ statements: [String]) -> [String] {
        ["\(condition) THEN"] + statements.map { "    " + $0 }
    }

    /// Has `variable` hold the side as the other one, of that row, makes it.
    private func make(_ side: SyncTrigger.Side, _ variable: String, of row: String = "NEW") -> String {
        let columns = sync.members(side).map { "\(expression(side, $0)) AS \(dialect.quote($0.column.name))" }
        let scope = sync.values(side.other, of: row).map { "\($0.sql) AS \(dialect.quote($0.name))" }
        return "SELECT \(columns.joined(separator: ", ")) INTO \(variable) "
            + "FROM (SELECT \(scope.joined(separator: ", "))) AS \(dialect.quote("row"));"
    }

    private func expression(_ side: SyncTrigger.Side, _ member: SyncTrigger.Member) -> String {
        switch sync.derivation(side, member.index) {
        case .identity(let name): dialect.quote(name)
        case .cast(let name): dialect.stored(dialect.quote(name), in: member.column, isCast: true)
        case .expression(let text):
            dialect.stored(ScopedExpression.parenthesized(text), in: member.column)
        case .lookup: preconditionFailure("no trigger extracts a table")
        }
    }

    private func made(_ member: SyncTrigger.Member, _ variable: String) -> String {
        "\(variable).\(dialect.quote(member.column.name))"
    }

    private func take(_ side: SyncTrigger.Side, _ variable: String) -> [String] {
        sync.members(side).map { "\(sync.value($0)) := \(made($0, variable));" }
    }

    private func differs(_ side: SyncTrigger.Side, of row: String = "NEW", from variable: String) -> String {
        sync.any(sync.members(side).map { sync.differs(sync.value($0, of: row), made($0, variable), $0) })
    }

    private func refuse(_ condition: String, _ message: String) -> [String] {
        let table = sync.change.table.name
        let place = [
            "SCHEMA = \(dialect.literal(table.schema ?? dialect.defaultSchema))",
            "TABLE = \(dialect.literal(table.name))",
            "CONSTRAINT = \(dialect.literal(sync.change.id.name))",
        ]
        return block(
            "IF \(condition)",
            [
                "RAISE EXCEPTION USING ERRCODE = 'check_violation', \(place.joined(separator: ", ")),",
                "    MESSAGE = \(dialect.literal(message));",
            ]) + ["END IF;"]
    }
}
