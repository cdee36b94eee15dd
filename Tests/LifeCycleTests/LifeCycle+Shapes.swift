import DoubleWrite
import MigrationCore

/// Columns that get another shape, written through the helper in the new one.
extension LifeCycle {
    static func shapes(_ dialect: Dialect) -> [LifeCycle] {
        [
            changeType(dialect), changeColumn(dialect), changeColumnInItsName(dialect), splitColumn(dialect),
            mergeColumns(dialect),
        ]
    }

    private static func table(_ dialect: Dialect, _ columns: String, _ rows: String) -> [String] {
        [
            "CREATE TABLE animals (id \(dialect.keyType), \(columns))",
            "INSERT INTO animals VALUES \(rows)",
        ]
    }

    /// Inserts a row, and gives it other values.
    @Sendable private static func write(
        _ number: Int, _ client: Client, _ table: TableDeclaration, first: [String: SQLValue],
        then: [String: SQLValue]
    ) throws {
        let id = SQLValue.integer(Int64(number))
        try client.helper.insert(into: table, first.merging(["id": id]) { $1 })
        try client.helper.update(table, set: then, where: table["id"] == id)
    }

    static func changeType(_ dialect: Dialect, sync: Sync = .doubleWrite) -> LifeCycle {
        let declared = TableDeclaration(
            "animals", columns: ["id": "bigint", "age": "text"], key: ["id"],
            changes: [
                .changeType(
                    "age", from: "integer", to: "text",
                    up: "CAST(age AS text)", down: "CAST(age AS integer)")
            ])
        // Triggers keep two types in step under one name only where a cast says it.
        let (up, down): (PerDialect?, PerDialect?) =
            switch sync {
            case .doubleWrite: ("CAST(age AS text)", "CAST(age AS integer)")
            case .trigger: (nil, nil)
            }
        let change = ChangeType(
            table: "animals", column: "age", type: "text", up: up, down: down, sync: sync)
        return LifeCycle(
            name: "change_type", dialect: dialect,
            setUp: table(dialect, "age integer", "(1, 3), (2, NULL)"),
            operations: [.changeType(change)],
            target: dialect == .postgres
                ? ["ALTER TABLE animals ALTER age TYPE text USING CAST(age AS text)"]
                : ["DROP TABLE animals", "CREATE TABLE animals (id INTEGER PRIMARY KEY, age text)"],
            isAnnounced: true,
            write: { number, client in
                try write(
                    number, client, declared, first: ["age": "1"], then: ["age": .text("\(number)")])
            },
            before: View("SELECT id, age FROM animals WHERE id >= 1000") { [.integer(Int64($0))] },
            after: View("SELECT id, age FROM animals WHERE id >= 1000") { [.text("\($0)")] })
    }

    static func changeColumn(_ dialect: Dialect, sync: Sync = .doubleWrite) -> LifeCycle {
        let declared = TableDeclaration(
            "animals", columns: ["id": "bigint", "grams": "integer"], key: ["id"],
            changes: [
                .changeColumn(
                    from: "kilos", type: "integer", to: "grams", up: "kilos * 1000", down: "grams / 1000")
            ])
        let change = ChangeColumn(
            table: "animals", from: "kilos", to: "grams", up: "kilos * 1000", down: "grams / 1000",
            sync: sync)
        return LifeCycle(
            name: "change_column", dialect: dialect,
            setUp: table(dialect, "kilos integer", "(1, 3), (2, NULL)"),
            operations: [.changeColumn(change)],
            target: [
                "UPDATE animals SET kilos = kilos * 1000", "ALTER TABLE animals RENAME kilos TO grams",
            ],
            write: { number, client in
                try write(
                    number, client, declared, first: ["grams": 1000],
                    then: ["grams": .integer(Int64(number) * 1000)])
            },
            before: View("SELECT id, kilos FROM animals WHERE id >= 1000") { [.integer(Int64($0))] },
            after: View("SELECT id, grams FROM animals WHERE id >= 1000") { [.integer(Int64($0) * 1000)] })
    }

    private static func changeColumnInItsName(_ dialect: Dialect) -> LifeCycle {
        let declared = TableDeclaration(
            "animals", columns: ["id": "bigint", "weight": "integer"], key: ["id"],
            changes: [
                .changeColumn(
                    from: "weight", type: "integer", to: "weight", up: "weight * 1000",
                    down: "weight / 1000")
            ])
        let change = ChangeColumn(
            table: "animals", from: "weight", to: "weight", up: "weight * 1000", down: "weight / 1000")
        return LifeCycle(
            name: "change_column under the same name", dialect: dialect,
            setUp: table(dialect, "weight integer", "(1, 3), (2, NULL)"),
            operations: [.changeColumn(change)], target: [], isAnnounced: true,
            write: { number, client in
                try write(
                    number, client, declared, first: ["weight": 1000],
                    then: ["weight": .integer(Int64(number) * 1000)])
            },
            before: View("SELECT id, weight FROM animals WHERE id >= 1000") { [.integer(Int64($0))] },
            after: View("SELECT id, weight FROM animals WHERE id >= 1000") { [.integer(Int64($0) * 1000)] })
    }

    private static let given = SQLText(
        postgres: "split_part(name, ' ', 1)",
        sqlite: "CASE WHEN instr(name, ' ') > 0 THEN substr(name, 1, instr(name, ' ') - 1) ELSE name END")
    private static let family = SQLText(
        postgres: "nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')",
        sqlite: "CASE WHEN instr(name, ' ') > 0 THEN substr(name, instr(name, ' ') + 1) END")
    private static let whole = "given || coalesce(' ' || family, '')"

    static func splitColumn(_ dialect: Dialect, sync: Sync = .doubleWrite) -> LifeCycle {
        let declared = TableDeclaration(
            "animals", columns: ["id": "bigint", "given": "text", "family": "text"], key: ["id"],
            changes: [
                .splitColumn(
                    from: "name", type: "text", to: ["given": given, "family": family], down: SQLText(whole))
            ])
        let parts = [("given", given), ("family", family)].map { name, up in
            DerivedColumn(
                definition: ColumnDefinition(name: name, type: "text"),
                up: PerDialect(postgres: up.postgres, sqlite: up.sqlite))
        }
        return LifeCycle(
            name: "split_column", dialect: dialect,
            setUp: table(
                dialect, "name text", "(1, 'Rex Miller'), (2, NULL), (3, 'Jean Luc Picard'), (4, 'Tom')"),
            operations: [
                .splitColumn(
                    SplitColumn(
                        table: "animals", from: "name", to: parts, down: PerDialect(whole), sync: sync))
            ],
            target: [
                "ALTER TABLE animals ADD given text", "ALTER TABLE animals ADD family text",
                "ALTER TABLE animals DROP name",
            ],
            write: { number, client in
                // The second write gives a part only: the other one is the row's.
                try write(
                    number, client, declared, first: ["given": "first", "family": .text("f\(number)")],
                    then: ["given": .text("g\(number)")])
            },
            before: View("SELECT id, name FROM animals WHERE id >= 1000") { [.text("g\($0) f\($0)")] },
            after: View("SELECT id, given, family FROM animals WHERE id >= 1000") {
                [.text("g\($0)"), .text("f\($0)")]
            })
    }

    static func mergeColumns(_ dialect: Dialect, sync: Sync = .doubleWrite) -> LifeCycle {
        let declared = TableDeclaration(
            "animals", columns: ["id": "bigint", "name": "text"], key: ["id"],
            changes: [
                .mergeColumns(
                    from: [
                        "given": .init(type: "text", down: given),
                        "family": .init(type: "text", down: family),
                    ], to: "name",
                    up: SQLText(whole))
            ])
        let parts = [("given", given), ("family", family)].map { name, down in
            MergedColumn(name: name, down: PerDialect(postgres: down.postgres, sqlite: down.sqlite))
        }
        let name = DerivedColumn(
            definition: ColumnDefinition(name: "name", type: "text"), up: PerDialect(whole))
        return LifeCycle(
            name: "merge_columns", dialect: dialect,
            setUp: table(
                dialect, "given text, family text", "(1, 'Rex', 'Miller'), (2, NULL, NULL), (3, 'Tom', NULL)"),
            operations: [
                .mergeColumns(MergeColumns(table: "animals", from: parts, to: name, sync: sync))
            ],
            target: [
                "ALTER TABLE animals ADD name text", "ALTER TABLE animals DROP given",
                "ALTER TABLE animals DROP family",
            ],
            write: { number, client in
                try write(
                    number, client, declared, first: ["name": "first one"],
                    then: ["name": .text("g\(number) f\(number)")])
            },
            before: View("SELECT id, given, family FROM animals WHERE id >= 1000") {
                [.text("g\($0)"), .text("f\($0)")]
            },
            after: View("SELECT id, name FROM animals WHERE id >= 1000") { [.text("g\($0) f\($0)")] })
    }
}
