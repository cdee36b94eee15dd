import DoubleWrite
import Testing

@testable import MigrationCore

/// What the proof reads in the statements of plans.
@Suite struct StatementReaderTests {
    private func effects(_ text: String, _ dialect: Dialect = .postgres) -> [Effect] {
        StatementReader(dialect: dialect).read(text).effects
    }

    private let kind = Effect.Place(table: "animals", column: "kind")

    @Test func columns() {
        #expect(
            effects("ALTER TABLE \"public\".\"animals\" ADD COLUMN \"kind\" numeric(6,2)") == [
                .addColumn(kind, isNullable: true, fallback: .null)
            ])
        #expect(
            effects(
                "ALTER TABLE `main`.`animals` ADD COLUMN `kind` text NOT NULL DEFAULT 'a, b' CHECK (1)",
                .sqlite)
                == [.addColumn(kind, isNullable: false, fallback: .constant)])
        #expect(
            effects(
                "ALTER TABLE \"animals\" ALTER COLUMN \"kind\" DROP NOT NULL, ALTER COLUMN \"kind\" DROP DEFAULT"
            )
                == [.setNotNull(kind, false), .setFallback(kind, .null)])
        #expect(
            effects("ALTER TABLE \"animals\" ALTER COLUMN \"kind\" SET DEFAULT nextval('s'::regclass)")
                == [.setFallback(kind, .varying)])
        #expect(
            effects("ALTER TABLE \"animals\" ALTER COLUMN \"kind\" SET DEFAULT 'x'::text")
                == [.setFallback(kind, .constant)])
        #expect(
            effects("ALTER TABLE \"animals\" RENAME COLUMN \"kind\" TO \"a\"\"b\"")
                == [.renameColumn(kind, to: "a\"b")])
        #expect(effects("ALTER TABLE \"animals\" DROP COLUMN \"kind\"") == [.dropColumn(kind)])
        #expect(
            effects("ALTER TABLE \"animals\" ADD CONSTRAINT \"n\" NOT NULL \"kind\"") == [
                .setNotNull(kind, true)
            ])
    }

    @Test func constraints() {
        func demand(
            _ name: String, _ kind: Effect.Demand.Kind, _ columns: [String], readsRows: Bool
        ) -> Effect {
            .demand(.init(name: name, table: "animals", kind: kind, columns: columns, readsRows: readsRows))
        }
        #expect(
            effects("ALTER TABLE \"animals\" ADD CONSTRAINT \"n\" CHECK (\"kind\" IS NOT NULL) NOT VALID")
                == [demand("n", .notNull, ["kind"], readsRows: false)])
        #expect(
            effects(
                "ALTER TABLE \"animals\" ADD CONSTRAINT \"f\" FOREIGN KEY (\"kind\") REFERENCES \"kinds\" (\"id\") "
                    + "ON DELETE CASCADE NOT VALID")
                == [demand("f", .foreignKey(writes: true), ["kind"], readsRows: false)])
        #expect(
            effects(
                "CREATE UNIQUE INDEX CONCURRENTLY \"u\" ON \"public\".\"animals\" (\"kind\", \"age\" DESC)")
                == [demand("u", .unique, ["kind", "age", "DESC"], readsRows: true)])
        #expect(effects("CREATE INDEX \"i\" ON \"animals\" (\"kind\")").isEmpty)
        #expect(
            effects("ALTER TABLE \"animals\" ADD CONSTRAINT \"c\" UNIQUE USING INDEX \"u\"")
                == [.renameObject("u", to: "c")])
        #expect(effects("ALTER TABLE \"animals\" VALIDATE CONSTRAINT \"n\"") == [.validate("n")])
        #expect(effects("ALTER TABLE \"animals\" DROP CONSTRAINT IF EXISTS \"n\"") == [.release("n")])
    }

    /// The edits of a stored text and the exchange of a table say what statements would say.
    @Test func storedTexts() {
        let reader = StatementReader(dialect: .sqlite)
        func effects(_ edits: TableEdit...) -> [Effect] {
            reader.read(DefinitionEdit(table: "animals", edits: edits, text: ""))
        }
        let check = SQLiteDefinition.Clause(.check("kind <> ''"))
        let key = SQLiteDefinition.Clause(
            name: "owned",
            .foreignKey(
                SQLiteReference(columns: ["kind"], table: "kinds", attributes: ["ON DELETE SET NULL"])))
        #expect(
            effects(.add(.init(.notNull(conflict: nil)), column: "kind"), .remove(check, column: "kind")) == [
                .setNotNull(kind, true), .release("CHECK (kind <> '') of 'kind' of 'animals'"),
            ])
        #expect(
            effects(.add(key, column: nil)) == [
                .demand(
                    .init(
                        name: "owned", table: "animals", kind: .foreignKey(writes: true), columns: ["kind"],
                        readsRows: true))
            ])
        #expect(
            effects(
                .replace(.init(.defaultValue("'a'")), .init(.defaultValue("(random())")), column: "kind"),
                .retype(from: "INT", to: "BIGINT", column: "kind"))
                == [.setFallback(kind, .null), .setFallback(kind, .varying)])
        #expect(
            effects(.replace(key, .init(name: "kept", key.content), column: nil))
                == [.renameObject("owned", to: "kept")])
    }

    @Test func triggers() {
        let trigger = effects(
            "CREATE TRIGGER `t` AFTER UPDATE ON `animals` FOR EACH ROW BEGIN DELETE FROM `next` WHERE 1; "
                + "INSERT INTO `next` (`kind`) SELECT NEW.`kind`; END", .sqlite)
        #expect(
            trigger == [
                .createTrigger(
                    .init(
                        name: "t", table: "animals", events: [.update], isAfter: true, targets: ["next"]))
            ])
        #expect(
            effects(
                "CREATE TRIGGER \"t\" BEFORE INSERT OR UPDATE ON \"public\".\"animals\" FOR EACH ROW EXECUTE FUNCTION f()"
            ) == [.createTrigger(.init(name: "t", table: "animals", events: [.insert, .update]))])
    }

    @Test func locks() {
        let reader = StatementReader(dialect: .postgres)
        #expect(reader.read("ALTER TABLE \"animals\" VALIDATE CONSTRAINT \"n\"").excludes == [])
        #expect(reader.read("ALTER TABLE \"animals\" DROP COLUMN \"kind\"").excludes == ["animals"])
        #expect(reader.read("LOCK TABLE \"public\".\"animals\" IN SHARE MODE").excludes == ["animals"])
        #expect(reader.read("CREATE INDEX CONCURRENTLY \"i\" ON \"animals\" (\"kind\")").excludes == [])
    }

    @Test func whatIsNotUnderstoodIsSaid() {
        let reader = StatementReader(dialect: .postgres)
        #expect(!reader.read("ALTER TABLE \"animals\" INHERIT \"beings\"").isUnderstood)
        #expect(!reader.read("CREATE RULE r AS ON INSERT TO animals DO NOTHING").isUnderstood)
        #expect(!reader.read("TRUNCATE animals").isUnderstood)
        #expect(reader.read("-- only words").isUnderstood)
    }
}
