package import DoubleWrite

/// A change of a table's shape: how the columns are made in both, and values that survive it.
package struct ShapeCase: Sendable, CustomStringConvertible {
    package let description: String
    package var change: TableDeclaration.Change
    /// The columns' types, as the database makes them, and their defaults, those of one shape made of the other's.
    package let old: [Column]
    package let new: [Column]
    /// Whether the application speaks the old shape.
    package var isOldShape = false
    /// Values of the spoken shape, all columns each.
    package let values: [[String: SQLValue]]
    /// Values of some columns of the spoken shape, which survive beside every one of ``values``.
    package let parts: [[String: SQLValue]]
    /// Values of the spoken shape that do not survive.
    package let refused: [[String: SQLValue]]

    package struct Column: Sendable {
        package let name: String
        package let type: SQLText
        package let defaultValue: String?

        package init(_ name: String, _ type: SQLText, default value: String? = nil) {
            self.name = name
            self.type = type
            self.defaultValue = value
        }
    }

    /// The columns that the application speaks of.
    package var spoken: [Column] { isOldShape ? old : new }
    package var columns: [String] { spoken.map(\.name) }
}

extension ShapeCase {
    package static let all =
        [
            split(), merge, type, cents(to: "price_cents"), cents(to: "price"), split().spokenAsBefore(merge),
            merge.spokenAsBefore(split(), parts: [["given": "Eve"]]), numberSpokenAsBefore,
            renameSpokenAsBefore,
        ] + extractions

    /// Values that move to a table of their own: texts, numbers, and names like those of the queries.
    package static let extractions = [
        extraction,
        ShapeCase(
            description: "numbers in a table of their own",
            change: .extractTable(of: "age", into: "ages", key: "number", reference: "old"),
            old: [Column("age", "integer")], new: [Column("old", "bigint")], isOldShape: true,
            values: [["age": 12], ["age": nil], ["age": -3], ["age": 0], ["age": 12]], parts: [["age": 99]],
            refused: []),
        ShapeCase(
            description: "a table of hostile names",
            change: .extractTable(
                of: "ro\"w` ", into: "lookup", value: "_bellows_lookup", key: "row", reference: "v"),
            old: [Column("ro\"w` ", "text")], new: [Column("v", "bigint")], isOldShape: true,
            values: [["ro\"w` ": "a"], ["ro\"w` ": nil], ["ro\"w` ": ""]], parts: [["ro\"w` ": "z"]],
            refused: []),
    ]

    package static let extraction = ShapeCase(
        description: "a table of values",
        change: .extractTable(of: "breed", into: "breeds", value: "name"), old: [Column("breed", "text")],
        new: [Column("breed_id", "bigint")], isOldShape: true,
        values: [
            ["breed": "boxer"], ["breed": nil], ["breed": "Boxer"], ["breed": ""], ["breed": "犬"],
            ["breed": "it's \"quoted\" `and` $1 ?1 {fence}"], ["breed": "boxer"], ["breed": "e\u{301}"],
            ["breed": "é"],
        ], parts: [["breed": "pug"], ["breed": "🐕‍🦺"]], refused: [])

    /// The same change for an application that speaks the old shape, with values of a case that leads there.
    private func spokenAsBefore(_ values: ShapeCase, parts: [[String: SQLValue]]? = nil) -> ShapeCase {
        ShapeCase(
            description: description + ", spoken as before", change: change.inOldShape, old: old, new: new,
            isOldShape: true, values: values.values, parts: parts ?? values.parts, refused: values.refused)
    }

    private static let numberSpokenAsBefore = ShapeCase(
        description: "change of type, spoken as before",
        change: .changeType("age", from: "integer", to: "text").inOldShape, old: type.old, new: type.new,
        isOldShape: true, values: [["age": 12], ["age": nil], ["age": -3]], parts: [["age": 99]], refused: [])

    private static let renameSpokenAsBefore = ShapeCase(
        description: "rename, spoken as before",
        change: .renameColumn(from: "kind", to: "species").inOldShape,
        old: [Column("kind", "text", default: "'cat'")], new: [Column("species", "text", default: "'cat'")],
        isOldShape: true, values: [["kind": "dog"], ["kind": nil], ["kind": ""]], parts: [["kind": "wolf"]],
        refused: [])

    /// `up` keeps everything: what follows the first space is the family's name.
    package static func split(
        from name: String = "name", to given: String = "given", _ family: String = "family"
    ) -> ShapeCase {
        ShapeCase(
            description: "split",
            change: .splitColumn(
                from: name, type: "text", to: Names.up(name, given, family), down: Names.down(given, family)),
            old: [Column(name, "text", default: "'No Name'")],
            new: [Column(given, "text", default: "'No'"), Column(family, "text", default: "'Name'")],
            values: [
                [given: "Ada", family: "Lovelace"],
                [given: "it's", family: "\"quoted\" `and` $1 ?1 {fence}"],
                [given: "犬", family: nil], [given: nil, family: nil], [given: "", family: nil],
                [given: "Jean", family: "Luc Picard"],
            ],
            parts: [[given: "Eve"], [given: "🐕‍🦺"]],
            refused: [
                [given: "Anna Maria", family: "Smith"], [given: "Anna", family: ""],
                [given: nil, family: "Smith"],
            ])
    }

    package static let merge = ShapeCase(
        description: "merge",
        change: .mergeColumns(
            from: [
                "given": .init(type: "text", down: Names.given("name")),
                "family": .init(type: "text", down: Names.family("name")),
            ], to: "name", up: Names.down("given", "family")),
        old: [Column("given", "text", default: "'No'"), Column("family", "text", default: "'Name'")],
        new: [Column("name", "text", default: "'No Name'")],
        values: [
            ["name": "Ada Lovelace"], ["name": "it's \"quoted\" `and` $1 ?1 {fence}"], ["name": "犬"],
            ["name": nil],
            ["name": ""], ["name": "Jean Luc Picard"],
        ], parts: [["name": "Eve"]], refused: [["name": "Ada "]])

    /// The same name, and casts for both directions.
    package static let type = ShapeCase(
        description: "change of type", change: .changeType("age", from: "integer"),
        old: [Column("age", "integer", default: "7")], new: [Column("age", "text", default: "'7'")],
        values: [["age": "12"], ["age": nil], ["age": "-3"], ["age": "0"], ["age": "2147483647"]],
        parts: [["age": "99"]], refused: [["age": "012"], ["age": " 5"]])

    /// Another meaning, under another name or the same.
    package static func cents(to: String) -> ShapeCase {
        let quoted = "\"\(to)\""
        return ShapeCase(
            description: to == "price" ? "change of meaning" : "change of column",
            change: .changeColumn(
                from: "price", type: SQLText(postgres: "numeric(10,2)", sqlite: "real"), to: to,
                up: SQLText(
                    postgres: "(price * 100)::bigint", sqlite: "CAST(round(price * 100) AS integer)"),
                down: SQLText(postgres: "\(quoted) / 100.0", sqlite: "\(quoted) / 100.0")),
            old: [Column("price", SQLText(postgres: "numeric(10,2)", sqlite: "real"), default: "1.25")],
            new: [Column(to, "bigint", default: "125")],
            values: [[to: 1], [to: nil], [to: 99_999_999], [to: -250], [to: 0]], parts: [[to: 4242]],
            refused: [])
    }
}

extension ShapeCase {
    /// The expressions of ``split(from:to:_:)``, for another declaration of it.
    package var ups: [SQLText] { Names.up(old[0].name, new[0].name, new[1].name).map(\.value) }
    package var down: SQLText { Names.down(new[0].name, new[1].name) }
}

/// The expressions of a name's two shapes.
private enum Names {
    static func given(_ name: String) -> SQLText {
        SQLText(
            postgres: "split_part(\(Dialect.postgres.quote(name)), ' ', 1)",
            sqlite:
                "substr(\(Dialect.sqlite.quote(name)), 1, instr(\(Dialect.sqlite.quote(name)) || ' ', ' ') - 1)"
        )
    }

    static func family(_ name: String) -> SQLText {
        let quoted = Dialect.postgres.quote(name)
        let ticked = Dialect.sqlite.quote(name)
        return SQLText(
            postgres: "nullif(substr(\(quoted), length(split_part(\(quoted), ' ', 1)) + 2), '') -- the rest",
            sqlite: "nullif(substr(\(ticked), instr(\(ticked) || ' ', ' ') + 1), '') -- the rest")
    }

    static func up(_ name: String, _ first: String, _ last: String) -> KeyValuePairs<String, SQLText> {
        [first: given(name), last: family(name)]
    }

    static func down(_ given: String, _ family: String) -> SQLText {
        func text(_ dialect: Dialect) -> String {
            "\(dialect.quote(given)) || coalesce(' ' || \(dialect.quote(family)), '')"
        }
        return SQLText(postgres: text(.postgres), sqlite: text(.sqlite))
    }
}
