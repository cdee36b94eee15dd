import DoubleWrite

@testable import MigrationCore

/// SQLite tables whose own text says something of the columns that change, and PostgreSQL's keys that act under triggers.
enum TextExamples {
    static func all(_ dialect: Dialect) throws -> [ProofExample] {
        switch dialect {
        case .sqlite: try [type, key, split].map { try ProofExample($0.migration, $0.schema) }
        case .postgres: [try ProofExample(synchronized.migration, synchronized.schema)]
        }
    }

    private static func schema(
        _ definition: String, _ columns: [Column], checks: [CheckConstraint] = [], keys: [ForeignKey] = []
    ) -> Schema {
        let id = Column(name: "id", type: "INTEGER")
        let animals = Table(
            name: "animals", columns: [id] + columns, primaryKey: ["id"], checks: checks, foreignKeys: keys,
            definition: definition)
        let names = Table(
            name: "names", columns: [Column(name: "age", type: ""), Column(name: "name", type: "")],
            uniqueConstraints: [UniqueConstraint(name: nil, columns: ["age", "name"])],
            definition: "CREATE TABLE names (age, name, UNIQUE (age, name))")
        let owners = Table(
            name: "owners", columns: [id], primaryKey: ["id"],
            definition: "CREATE TABLE owners (id INTEGER PRIMARY KEY)")
        return Schema(dialect: .sqlite, tables: [animals, names, owners])
    }

    /// NOT NULL, a CHECK and a key behind the column, and a CHECK of the table.
    private static let type = (
        migration: Migration(
            name: "change_type_text",
            operations: [.changeType(ChangeType(table: "animals", column: "age", type: "TEXT"))]),
        schema: schema(
            """
            CREATE TABLE animals (id INTEGER PRIMARY KEY, age INT NOT NULL CHECK (age >= 0) REFERENCES owners (id),
              name TEXT, CONSTRAINT young CHECK (age < 90 OR name IS NULL))
            """,
            [Column(name: "age", type: "INT", isNullable: false), Column(name: "name", type: "TEXT")],
            checks: [
                CheckConstraint(name: nil, definition: SQLTemplate("CHECK ({age} >= 0)"), columns: ["age"]),
                CheckConstraint(
                    name: "young", definition: SQLTemplate("CHECK ({age} < 90 OR {name} IS NULL)"),
                    columns: ["age", "name"]),
            ],
            keys: [
                ForeignKey(
                    name: nil, columns: ["age"], target: ForeignKeyTarget(table: "owners", columns: ["id"]))
            ])
    )

    /// A key of two columns by which the database writes.
    private static let key = (
        migration: Migration(
            name: "rename_column_text",
            operations: [.renameColumn(RenameColumn(table: "animals", from: "age", to: "order"))]),
        schema: schema(
            """
            CREATE TABLE animals (id INTEGER PRIMARY KEY, age INT NOT NULL, name TEXT NOT NULL,
              FOREIGN KEY (age, name) REFERENCES names (age, name) ON UPDATE CASCADE)
            """,
            [
                Column(name: "age", type: "INT", isNullable: false),
                Column(name: "name", type: "TEXT", isNullable: false),
            ],
            keys: [
                ForeignKey(
                    name: nil, columns: ["age", "name"],
                    target: ForeignKeyTarget(table: "names", columns: ["age", "name"], onUpdate: .cascade))
            ])
    )

    /// New columns that become NOT NULL when every row has a value.
    private static let split = (
        migration: Migration(
            name: "split_column_text",
            operations: [
                .splitColumn(
                    SplitColumn(
                        table: "animals", from: "name",
                        to: [
                            DerivedColumn(
                                definition: ColumnDefinition(name: "word", type: "TEXT", isNullable: false),
                                up: "substr(name, 1, 4)"),
                            DerivedColumn(
                                definition: ColumnDefinition(name: "rest", type: "TEXT", isNullable: false),
                                up: "substr(name, 5)"),
                        ], down: "word || rest"))
            ]),
        schema: schema(
            "CREATE TABLE animals (id INTEGER PRIMARY KEY, age INT, name TEXT NOT NULL)",
            [Column(name: "age", type: "INT"), Column(name: "name", type: "TEXT", isNullable: false)])
    )

    private static let synchronized = (
        migration: Migration(
            name: "sync_rename_key",
            operations: [
                .renameColumn(RenameColumn(table: "animals", from: "age", to: "owner", sync: .trigger))
            ]),
        schema: Schema(
            dialect: .postgres,
            tables: [
                .animals { table in
                    table.foreignKeys = [
                        ForeignKey(
                            name: "owned", columns: ["age"],
                            target: ForeignKeyTarget(
                                table: "owners", columns: ["id"], onDelete: .cascade, onUpdate: .cascade))
                    ]
                },
                Table(
                    name: "owners", columns: [Column(name: "id", type: "integer", isNullable: false)],
                    primaryKey: ["id"]),
            ])
    )
}
