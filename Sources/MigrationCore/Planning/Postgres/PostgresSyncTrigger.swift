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
    private static let resolvedPath = """
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
    private static func dollarQuote(for text: String) -> String {
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
        """
        #variable_conflict use_column
        DECLARE
            writes_old boolean;
            writes_new boolean;
        BEGIN
            IF TG_OP = 'INSERT' THEN
                writes_old := \(sync.isGiven(.old));
                writes_new := \(sync.isGiven(.new));
                \(name(sync.assumed)) := \(name(sync.assumed)) OR NOT \(name(sync.assumed.other));
            ELSE
                writes_old := \(sync.isChanged(.old));
                writes_new := \(sync.isChanged(.new));
            END IF;
            IF writes_old AND writes_new THEN
        \(lines(both, 2))
            ELSIF \(name(truth)) THEN
        \(lines(truthOnly, 2))
            ELSIF \(name(derived)) THEN
                -- A row that is being filled agrees already.
                IF TG_OP = 'INSERT' OR \(sync.strays(derived)) THEN
        \(lines(derivedOnly, 3))
                END IF;
            END IF;
            RETURN NEW;
        END
        """
    }

    private func lines(_ statements: [String], _ depth: Int) -> String {
        statements.map { String(repeating: "    ", count: depth) + $0 }.joined(separator: "\n")
    }

    /// The side that is made of the other, column by column.
    private func assign(_ side: SyncTrigger.Side) -> [String] {
        let source = sync.values(side.other)
        return sync.members(side).map {
            "\(sync.value($0)) := \(sync.derived(side, $0.index, from: source));"
        }
    }

    private func refuse(_ condition: String, _ message: String) -> String {
        "IF \(condition) THEN \(raise(message)) END IF;"
    }

    private func raise(_ message: String) -> String {
        let table = sync.change.table.name
        return "RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = \(dialect.literal(message)), "
            + "SCHEMA = \(dialect.literal(table.schema ?? dialect.defaultSchema)), TABLE = \(dialect.literal(table.name)), "
            + "CONSTRAINT = \(dialect.literal(sync.change.id.name));"
    }

    private var both: [String] {
        let (old, new) = (sync.strays(.old), sync.strays(.new))
        if sync.change.isRename { return [refuse(old, sync.contradiction)] }
        if sync.mustReturn { return [refuse("\(old) OR \(new)", sync.contradiction)] }
        return [refuse("\(old) AND \(new)", sync.contradiction)] + assign(derived)
    }

    private var truthOnly: [String] {
        assign(derived) + (sync.isLost(truth).map { [refuse($0, sync.loss(truth))] } ?? [])
    }

    private var derivedOnly: [String] {
        let rounded = sync.change.isLossyDown ? assign(derived) : []
        let check = sync.isLost(derived).map { [refuse($0, sync.loss(derived))] } ?? []
        return unfilled + assign(truth) + rounded + check
    }

    /// An UPDATE of some of the derived columns, of a row that is not filled yet, says nothing of the others.
    private var unfilled: [String] {
        guard sync.members(derived).count > 1 else { return [] }
        return [refuse("TG_OP = 'UPDATE' AND \(sync.strays(derived, of: "OLD"))", sync.isNotFilled(derived))]
    }
}
