import DoubleWrite
import Foundation
import MigrationCore
import Testing

/// One rule says which release must be out before what, for every operation and alike on both databases. The table of
/// `docs/operations/README.md` says it to people; here it is what the planners do.
@Suite struct GateRuleTests {
    /// A gate, and where the change is that waits for it.
    private struct Row: Equatable, CustomStringConvertible {
        var keyword: String
        /// `double-write: both`.
        var gates: [String]
        /// The phases in which anything changes.
        var changes: [String]
        /// The gates of the way back.
        var gatesBack: [String]

        init(_ plan: Plan, _ keyword: String) {
            self.keyword = keyword
            gates = plan.steps.compactMap { phase, step in Self.needs(step).map { "\(phase.rawValue): \($0)" }
            }
            changes = plan.phases.filter { phase in phase.steps.contains { Self.changes($0) } }
                .map(\.phase.rawValue)
            gatesBack = plan.steps.reversed().flatMap { $0.step.undo.compactMap(Self.needs) }
        }

        private static func needs(_ step: Step) -> String? {
            guard case .release(let release) = step.action else { return nil }
            return release.needs.rawValue + (release.isAskedAnew == true ? " again" : "")
        }

        private static func changes(_ step: Step) -> Bool {
            switch step.action {
            case .release, .soak, .verify: false
            case .schema, .buildIndex, .dropIndex, .backfill, .sqlite, .flip: true
            }
        }

        /// A line of the table in the documentation.
        init?(line: Substring) {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, cells[0].hasPrefix("`") else { return nil }
            func list(_ cell: String) -> [String] {
                cell == "none"
                    ? [] : cell.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            }
            keyword = cells[0].filter { $0 != "`" }
            gates = list(cells[1]).map { $0.filter { $0 != "`" } }
            changes = list(cells[2])
            gatesBack = list(cells[3]).map { $0.filter { $0 != "`" } }
        }

        var description: String {
            func list(_ words: [String]) -> String {
                words.isEmpty ? "none" : words.joined(separator: ", ")
            }
            return "| `\(keyword)` | \(list(gates)) | \(list(changes)) | \(list(gatesBack)) |"
        }
    }

    private static let before: [MigrationCore.Operation] = [
        .createTable(
            CreateTable(
                table: "animals",
                columns: [
                    ColumnDefinition(
                        name: "id", type: PerDialect(postgres: "bigint", sqlite: "INTEGER"),
                        isNullable: false, isPrimaryKey: true),
                    ColumnDefinition(name: "kind", type: "text", isNullable: false, defaultValue: "'dog'"),
                    ColumnDefinition(name: "name", type: "text"),
                    ColumnDefinition(name: "chip", type: "text"),
                ])),
        .createTable(
            CreateTable(
                table: "visits",
                columns: [
                    ColumnDefinition(name: "animal", type: "integer", isNullable: false),
                    ColumnDefinition(name: "day", type: "text", isNullable: false),
                ])),
        .createIndex(CreateIndex(table: "animals", name: "by_kind", keys: [.init(.column("kind"))])),
        .createIndex(
            CreateIndex(table: "animals", name: "by_chip", keys: [.init(.column("chip"))], isUnique: true)),
        .addUnique(AddUnique(table: "animals", name: "chips", columns: ["chip", "name"])),
        .addCheck(AddCheck(table: "animals", name: "kinds", check: "kind <> ''")),
        .addForeignKey(
            AddForeignKey(
                table: "visits", name: "visited", columns: ["animal"],
                target: ForeignKeyTarget(table: "animals", columns: ["id"]))),
    ]

    private static func index(_ name: String, unique: Bool) -> CreateIndex {
        CreateIndex(
            table: "animals", name: name, keys: [.init(.column("kind")), .init(.column("name"))],
            isUnique: unique)
    }

    /// Every operation that both databases have and that is no change of a column's shape; some of them in two kinds.
    private static let operations: [(String, MigrationCore.Operation)] = [
        (
            "create_table",
            .createTable(CreateTable(table: "t", columns: [ColumnDefinition(name: "a", type: "text")]))
        ),
        ("drop_table", .dropTable(DropTable(table: "visits"))),
        ("rename_table", .renameTable(RenameTable(table: "animals", to: "residents"))),
        (
            "add_column",
            .addColumn(AddColumn(table: "animals", column: ColumnDefinition(name: "mood", type: "text")))
        ),
        ("drop_column", .dropColumn(DropColumn(table: "visits", column: "day"))),
        ("set_not_null", .setNotNull(SetNotNull(table: "animals", column: "chip"))),
        ("drop_not_null", .dropNotNull(DropNotNull(table: "animals", column: "kind"))),
        (
            "set_default (a first one)",
            .setDefault(SetDefault(table: "animals", column: "name", defaultValue: "'x'"))
        ),
        (
            "set_default (another one)",
            .setDefault(SetDefault(table: "animals", column: "kind", defaultValue: "'cat'"))
        ),
        ("drop_default", .dropDefault(DropDefault(table: "animals", column: "kind"))),
        ("add_check", .addCheck(AddCheck(table: "animals", name: "named", check: "name <> ''"))),
        (
            "add_foreign_key",
            .addForeignKey(
                AddForeignKey(
                    table: "visits", name: "again", columns: ["animal"],
                    target: ForeignKeyTarget(table: "animals")))
        ),
        ("add_unique", .addUnique(AddUnique(table: "animals", name: "names", columns: ["name"]))),
        ("add_primary_key", .addPrimaryKey(AddPrimaryKey(table: "visits", columns: ["animal", "day"]))),
        ("drop_constraint", .dropConstraint(DropConstraint(table: "animals", name: "kinds"))),
        ("drop_constraint", .dropConstraint(DropConstraint(table: "visits", name: "visited"))),
        ("drop_constraint", .dropConstraint(DropConstraint(table: "animals", name: "chips"))),
        (
            "rename_constraint (a CHECK, a foreign key)",
            .renameConstraint(RenameConstraint(table: "animals", from: "kinds", to: "any kind"))
        ),
        (
            "rename_constraint (UNIQUE, a primary key)",
            .renameConstraint(RenameConstraint(table: "animals", from: "chips", to: "one chip"))
        ),
        ("create_index", .createIndex(index("plain", unique: false))),
        ("create_index (unique)", .createIndex(index("unique", unique: true))),
        ("replace_index", .replaceIndex(ReplaceIndex(old: "by_kind", new: index("by_kind", unique: false)))),
        (
            "replace_index (by a unique one)",
            .replaceIndex(ReplaceIndex(old: "by_kind", new: index("by_kind", unique: true)))
        ),
        (
            "replace_index (a unique one, by a plain one)",
            .replaceIndex(ReplaceIndex(old: "by_chip", new: index("by_chip", unique: false)))
        ),
        ("drop_index", .dropIndex(DropIndex(table: "animals", name: "by_kind"))),
        ("drop_index (unique)", .dropIndex(DropIndex(table: "animals", name: "by_chip"))),
    ]

    private static func rows(_ dialect: Dialect) throws -> [Row] {
        let planner = Planner(dialect: dialect)
        let schema = try planner.schema(
            after: Migration(name: "0001", operations: before), from: Schema(dialect: dialect))
        return try operations.map { keyword, operation in
            Row(
                try planner.plan(Migration(name: "0002", operations: [operation]), schema: schema), keyword)
        }
    }

    @Test("what waits for which release is the same on both databases")
    func bothDatabases() throws {
        for (postgres, sqlite) in zip(try Self.rows(.postgres), try Self.rows(.sqlite)) {
            var (one, other) = (postgres, sqlite)
            // PostgreSQL has the new index beside the old one first; SQLite exchanges them in one transaction.
            if one.keyword.hasPrefix("replace_index") { (one.changes, other.changes) = ([], []) }
            // What SQLite rebuilds a table for leaves the table before behind until the contract.
            if one.keyword == "add_primary_key" { other.changes.removeAll { $0 == "contract" } }
            // What a column is tied by in SQLite goes before the column can, and comes back behind a gate.
            if one.keyword == "drop_column" { other.changes = one.changes; other.gatesBack = one.gatesBack }
            #expect(one == other)
        }
    }

    @Test("the documentation says what the planners do")
    func documentation() throws {
        let file = GoldenFile.folder.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/operations/README.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let told = text.split(separator: "\n").compactMap { Row(line: $0) }
        var rows: [Row] = []
        for row in try Self.rows(.postgres) where !rows.contains(row) { rows.append(row) }
        #expect(told == rows, "\(rows.map(\.description).joined(separator: "\n"))")
    }

    /// What refuses more or less waits before the expand, what goes waits before the contract.
    @Test(arguments: Dialect.allCases)
    func rule(dialect: Dialect) throws {
        for row in try Self.rows(dialect) {
            #expect(
                row.gates.allSatisfy { ["double-write: both", "transition: new"].contains($0) }, "\(row)")
            if row.gates == ["double-write: both"] { #expect(row.changes.first == "expand", "\(row)") }
            if row.gates == ["transition: new"] { #expect(row.changes.last == "contract", "\(row)") }
            #expect(row.gatesBack.allSatisfy { $0.hasPrefix("both") }, "\(row)")
        }
    }

    /// A table that the same file makes has no writers yet.
    @Test(arguments: Dialect.allCases)
    func newTablesWaitForNobody(dialect: Dialect) throws {
        let plan = try Planner(dialect: dialect).plan(
            Migration(name: "0001", operations: Self.before), schema: Schema(dialect: dialect))
        #expect(plan.phases.map(\.phase).first == .expand)
        #expect(!plan.steps.contains { $0.step.isGate })
    }
}
