/// What `bellows new` writes.
public enum MigrationTemplate {
    /// The operations there is a template for: all.
    public static var operations: [String] { MigrationFormat.operations.map(\.title) }

    /// A file with one operation; `nil` where there is no such operation. A migration as it stands, to be
    /// edited.
    public static func text(operation: String) -> String? {
        guard let body = bodies[operation] else { return nil }
        let meaning = MigrationFormat.operations.first { $0.title == operation }?.meaning ?? ""
        return """
            # \(meaning)
            description: Say in a sentence what this is for.
            operations:
              - \(operation):
            \(body.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n"))

            """
    }

    private static let bodies = [
        "create_table": """
        table: animals
        columns:
          id: { type: { postgres: bigint, sqlite: integer }, primary_key: true }
          name: { type: text, nullable: false }
          kind: { type: text, nullable: false, default: "'cat'" }
        """,
        "add_column": """
        table: animals
        column: weight
        type: { postgres: numeric, sqlite: real }
        """,
        "drop_column": """
        table: animals
        column: cage
        """,
        "rename_column": """
        table: animals
        from: kind
        to: species
        # strategy: in_place       # one statement; for applications that know both names
        """,
        "create_index": """
        table: animals
        name: animals_species_index
        columns: [species]
        """,
        "drop_index": """
        table: animals
        name: animals_species_index
        """,
        "sql": """
        expand: CREATE VIEW cats AS SELECT id, name FROM animals WHERE species = 'cat'
        undo: DROP VIEW cats
        """,
    ]
}
