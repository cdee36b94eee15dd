extension TableDeclaration {
    /// A change as it is written in a table's declaration, before the table gives it a name.
    ///
    /// Every expression has to say what the migration's says: both sides compute the same value, the engine in its
    /// backfill and the application in its writes.
    public struct Change: Sendable, Hashable {
        var id: ChangeID?
        var defaultColumn: String
        var old: [DeclaredChange.Column]
        var new: [DeclaredChange.Column]
        var isLossyDown = false
        var spoken = DeclaredChange.Side.new
        /// The new type of a `changeType` without expressions: both of them are casts.
        var isCast = false
        var lookup: LookupTable?

        /// A change of its parts, for whoever reads them from a migration.
        ///
        /// - Parameter defaultColumn: The column that gives it its name, where it has none of its own.
        package init(
            id: ChangeID?, defaultColumn: String, old: [DeclaredChange.Column], new: [DeclaredChange.Column],
            isLossyDown: Bool = false, spoken: DeclaredChange.Side = .new, isCast: Bool = false,
            lookup: LookupTable? = nil
        ) {
            self.id = id
            self.defaultColumn = defaultColumn
            self.old = old
            self.new = new
            self.isLossyDown = isLossyDown
            self.spoken = spoken
            self.isCast = isCast
            self.lookup = lookup
        }
    }
}

extension TableDeclaration.Change {
    /// The column `from` becomes `to`, whether by a copy or in place: the helper tolerates both.
    ///
    /// - Parameter id: The change's name, where the migration gives it one; otherwise `table.to`.
    public static func renameColumn(from: String, to: String, id: ChangeID? = nil) -> Self {
        Self(
            id: id, defaultColumn: to, old: [.init(name: from, type: nil, expression: nil)],
            new: [.init(name: to, type: nil, expression: nil)])
    }

    /// A column gets another type under the same name.
    ///
    /// - Parameters:
    ///   - from: The type it has now.
    ///   - to: The type it gets; the one in the table's declaration unless said otherwise.
    ///   - up: The new value made of the old one, over the column's name; a cast unless said otherwise.
    ///   - down: The old value made of the new one, over the column's name; a cast unless said otherwise.
    ///   - lossyDown: Whether `down` may forget a part of the value; the migration's `lossy_down`.
    ///   - id: The change's name, where the migration gives it one; otherwise `table.column`.
    public static func changeType(
        _ column: String, from: SQLText, to: SQLText? = nil, up: SQLText? = nil, down: SQLText? = nil,
        lossyDown: Bool = false, id: ChangeID? = nil
    ) -> Self {
        Self(
            id: id, defaultColumn: column, old: [.init(name: column, type: from, expression: down)],
            new: [.init(name: column, type: to, expression: up)], isLossyDown: lossyDown, isCast: true)
    }

    /// A column gets another name, type or meaning.
    ///
    /// - Parameters:
    ///   - type: The type it has now.
    ///   - to: The name it gets; may be the same.
    ///   - up: The new value made of the old one, over the name `from`; the same value unless said otherwise.
    ///   - down: The old value made of the new one, over the name `to`; the same value unless said otherwise.
    ///   - lossyDown: Whether `down` may forget a part of the value; the migration's `lossy_down`.
    ///   - id: The change's name, where the migration gives it one; otherwise `table.to`.
    public static func changeColumn(
        from: String, type: SQLText, to: String, up: SQLText? = nil, down: SQLText? = nil,
        lossyDown: Bool = false, id: ChangeID? = nil
    ) -> Self {
        Self(
            id: id, defaultColumn: to, old: [.init(name: from, type: type, expression: down)],
            new: [.init(name: to, type: nil, expression: up)], isLossyDown: lossyDown)
    }

    /// One column becomes several.
    ///
    /// - Parameters:
    ///   - type: The type of the column that is split.
    ///   - to: The columns that it becomes, each with its `up` over the name `from`.
    ///   - down: The old value made of the new ones, over their names.
    ///   - lossyDown: Whether `down` may forget a part of the values; the migration's `lossy_down`.
    ///   - id: The change's name, where the migration gives it one; otherwise `table.from`.
    public static func splitColumn(
        from: String, type: SQLText, to: KeyValuePairs<String, SQLText>, down: SQLText,
        lossyDown: Bool = false, id: ChangeID? = nil
    ) -> Self {
        Self(
            id: id, defaultColumn: from, old: [.init(name: from, type: type, expression: down)],
            new: to.map { .init(name: $0.key, type: nil, expression: $0.value) }, isLossyDown: lossyDown)
    }

    /// A column that is merged with others.
    public struct MergedColumn: Sendable, Hashable {
        let type: SQLText
        let down: SQLText

        /// A column of this type, whose value `down` makes of the new one.
        public init(type: SQLText, down: SQLText) {
            self.type = type
            self.down = down
        }
    }

    /// Several columns become one.
    ///
    ///     .mergeColumns(
    ///         from: [
    ///             "street": .init(type: "text", down: "split_part(address, ', ', 1)"),
    ///             "town": .init(type: "text", down: "split_part(address, ', ', 2)"),
    ///         ],
    ///         to: "address", up: "street || ', ' || town")
    ///
    /// - Parameters:
    ///   - from: The columns that are merged, each with its type and its `down` over the name `to`.
    ///   - up: The new value made of the old ones, over their names.
    ///   - lossyDown: Whether a `down` may forget a part of the value; the migration's `lossy_down`.
    ///   - id: The change's name, where the migration gives it one; otherwise `table.to`.
    public static func mergeColumns(
        from: KeyValuePairs<String, MergedColumn>, to: String, up: SQLText,
        lossyDown: Bool = false, id: ChangeID? = nil
    ) -> Self {
        Self(
            id: id, defaultColumn: to,
            old: from.map { .init(name: $0.key, type: $0.value.type, expression: $0.value.down) },
            new: [.init(name: to, type: nil, expression: up)], isLossyDown: lossyDown)
    }

    /// The values of a column move to a table of their own that has each of them once, and the column becomes a reference
    /// to it.
    ///
    /// The application goes on to read and write the value under the column's name: that is what the table declares.
    ///
    ///     let animals = TableDeclaration(
    ///         "animals", columns: ["id": "bigint", "name": "text", "breed": "text"], key: ["id"],
    ///         changes: [.extractTable(of: "breed", into: "breeds", value: "name")])
    ///
    /// A value that the lookup table lacks is inserted there by a statement of its own before the write. Where a
    /// transaction is open, it belongs to that; else it stays, should the write be refused: a row that nothing points at
    /// is never wrong.
    ///
    /// - Parameters:
    ///   - into: The lookup table.
    ///   - value: The column with the values there; the same name unless said otherwise.
    ///   - key: The lookup table's primary key.
    ///   - reference: The column that points at it; `COLUMN_id` unless said otherwise.
    ///   - id: The change's name, where the migration gives it one; otherwise `table.reference`.
    public static func extractTable(
        of column: String, into: TableName, value: String? = nil, key: String = "id",
        reference: String? = nil, id: ChangeID? = nil
    ) -> Self {
        let reference = reference ?? "\(column)_id"
        let lookup = LookupTable(into, key: key, value: value ?? column)
        // In the scope of an expression the names stand in a row of their own.
        func text(_ query: (String, Dialect) -> String, of name: String) -> SQLText {
            func sql(_ dialect: Dialect) -> String {
                query("\(dialect.quote("row")).\(dialect.quote(name))", dialect)
            }
            return SQLText(postgres: sql(.postgres), sqlite: sql(.sqlite))
        }
        return Self(
            id: id, defaultColumn: reference,
            old: [.init(name: column, type: nil, expression: text(lookup.down, of: reference))],
            new: [
                .init(
                    name: reference, type: SQLText(postgres: "bigint", sqlite: "INTEGER"),
                    expression: text(lookup.up, of: column))
            ],
            spoken: .old, lookup: lookup)
    }

    /// The same change for an application that still speaks the old shape: its table declares the old columns, and the
    /// helper computes the new ones from what it writes.
    ///
    ///     changes: [.renameColumn(from: "kind", to: "species").inOldShape]
    public var inOldShape: Self {
        var change = self
        change.spoken = .old
        return change
    }
}

extension TableDeclaration.Change {
    /// The change in a table whose columns have these types.
    ///
    /// The columns that the application speaks have the types of the table's declaration, unless the change says
    /// more about them.
    package func declared(in table: TableName, types: [String: String]) -> DeclaredChange {
        let isRename = (old + new).allSatisfy { $0.type == nil && $0.expression == nil } && !isCast
        let sides = [DeclaredChange.Side.old, .new].map { side in
            let columns = side == .old ? old : new
            guard side == spoken, !isRename else { return columns }
            return columns.map { column in
                DeclaredChange.Column(
                    name: column.name, type: column.type ?? types[column.name].map { SQLText($0) },
                    expression: column.expression)
            }
        }
        return DeclaredChange(
            id: id ?? ChangeID(table: table, column: defaultColumn), old: casting(sides[0]),
            new: casting(sides[1]), isLossyDown: isLossyDown, spoken: spoken, lookup: lookup)
    }

    /// The columns with a cast to their type where a change of type says nothing else.
    ///
    /// - Precondition: Their types are known, which those of the shape that is not spoken have to be told.
    private func casting(_ columns: [DeclaredChange.Column]) -> [DeclaredChange.Column] {
        guard isCast else { return columns }
        return columns.map { column in
            precondition(
                column.type != nil || column.expression != nil,
                "the change of the type of '\(column.name)' does not say to which")
            let cast = column.type.map { type in
                SQLText(
                    postgres: "CAST(\(Dialect.postgres.quote(column.name)) AS \(type.postgres))",
                    sqlite: "CAST(\(Dialect.sqlite.quote(column.name)) AS \(type.sqlite))")
            }
            return DeclaredChange.Column(
                name: column.name, type: column.type, expression: column.expression ?? cast)
        }
    }
}
