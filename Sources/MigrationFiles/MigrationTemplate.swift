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
        "drop_table": """
        table: cages
        """,
        "rename_table": """
        table: animals
        to: residents
        """,
        "change_type": """
        table: animals
        column: id
        type: { postgres: bigint, sqlite: integer }
        """,
        "change_column": """
        table: animals
        from: weight
        to: weight_g
        type: { postgres: bigint, sqlite: integer }
        up: weight * 1000          # the new value made of the old one
        down: weight_g / 1000      # and back
        lossy_down: true           # a part of a kilogram is lost on the way back
        """,
        "split_column": """
        table: animals
        from: name
        to:
          given_name: { type: text, up: "substr(name, 1, 1)" }
          rest_of_name: { type: text, up: "substr(name, 2)" }
        down: given_name || rest_of_name
        """,
        "merge_columns": """
        table: animals
        from:
          first: { down: "substr(both_names, 1, 1)" }
          second: { down: "substr(both_names, 2)" }
        to: both_names
        type: text
        up: first || second
        """,
        "move_column": """
        table: animals
        column: chip
        to_table: chips
        to: code
        join: { id: animal_id }    # a column of animals: its column of chips, unique in both
        """,
        "extract_table": """
        table: animals
        column: breed
        into: breeds               # a new table with each breed once
        value: name                # the column of it
        reference: breed_id        # the column of animals that points at it
        """,
        "set_not_null": """
        table: animals
        column: kind
        fill: "'unknown'"          # for rows that have none
        """,
        "drop_not_null": """
        table: animals
        column: kind
        """,
        "set_default": """
        table: animals
        column: kind
        default: "'cat'"
        """,
        "drop_default": """
        table: animals
        column: kind
        """,
        "set_comment": """
        table: animals
        column: kind               # leave it out for a comment on the table
        comment: What it is
        """,
        "add_check": """
        table: animals
        name: animals_weight_check
        check: weight > 0
        """,
        "add_foreign_key": """
        table: animals
        name: animals_shelter_fkey
        columns: [shelter_id]
        references: { table: shelters, columns: [id], on_delete: restrict }
        """,
        "add_unique": """
        table: animals
        name: animals_chip_key
        columns: [chip]
        """,
        "add_primary_key": """
        table: animals
        columns: [id]
        """,
        "drop_constraint": """
        table: animals
        name: animals_chip_key
        """,
        "rename_constraint": """
        table: animals
        from: animals_chip_key
        to: one_animal_a_chip
        """,
        "replace_index": """
        table: animals
        index: animals_species_index
        columns: [species, born]
        """,
        "create_enum": """
        name: mood
        values: [calm, playful, hungry]
        """,
        "add_enum_value": """
        name: mood
        value: sleepy
        after: calm
        """,
        "drop_enum": """
        name: mood
        """,
        "set_replica_identity": """
        table: animals
        identity: full             # or index: the name of a unique index
        """,
        "sql": """
        expand: CREATE VIEW cats AS SELECT id, name FROM animals WHERE species = 'cat'
        undo: DROP VIEW cats
        """,
    ]
}
