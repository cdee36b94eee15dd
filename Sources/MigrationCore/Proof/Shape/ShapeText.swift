import DoubleWrite

/// What a table's stored text (SQLite) says of the two shapes, whatever their columns are called at the step that is read.
///
/// SQLite writes the text anew when a column gets another name, so one clause has different words at different steps. Here it
/// is known by the columns that it speaks of, and not by what they are called.
struct ShapeText {
    private let facts: ShapeFacts
    private let reader = StatementReader(dialect: .sqlite)
    /// The names that the columns bear now; `nil` where one is not there.
    private var olds: [String?]
    private var news: [String?]

    init(_ facts: ShapeFacts) {
        self.facts = facts
        olds = facts.olds.map(\.name)
        news = facts.news.map { _ in nil }
    }

    /// A clause's demand on one of the shapes.
    struct Demand {
        /// By which it is known at every step.
        var key: String
        var shape: ShapeDemand
    }

    /// What a clause demands of either shape; `nil` where it has to do with neither, or is no demand.
    ///
    /// - Parameter column: The column that it is said of; `nil` for the table.
    func demand(_ clause: SQLiteDefinition.Clause, _ column: String?, of table: TableName) -> Demand? {
        guard let demand = reader.demand(clause, column, of: table) else { return nil }
        let members = demand.columns.compactMap { member($0, of: table) }
        guard let first = members.first else { return nil }
        let isOnNew = members.contains(where: \.isNew)
        return Demand(
            key: ([clause.name, column.map { self.word($0, of: table) }].compactMap(\.self)
                + words(clause.content, of: table)).joined(separator: " "),
            shape: ShapeDemand(
                kind: demand.kind, isOnNew: isOnNew,
                // What is said of the column itself goes with it.
                holdsColumn: column.flatMap { member($0, of: table) } != first || members.count > 1))
    }

    /// The side and the place of a column that bears this name now.
    func member(_ name: String, of table: TableName) -> Member? {
        func place(_ names: [String?]) -> Int? {
            names.firstIndex { $0.map { facts.dialect.sameName($0, name) } ?? false }
        }
        if table == facts.target, let place = place(news) { return Member(isNew: true, place: place) }
        if table == facts.source, let place = place(olds) { return Member(isNew: false, place: place) }
        return nil
    }

    /// Whether the name is one of the change's own, which no column bears now.
    func isGone(_ name: String, of table: TableName) -> Bool {
        let names = (facts.olds + facts.news).flatMap {
            [$0.name, $0.physicalName, facts.dialect.retiredName(of: $0.name)]
        }
        return [facts.source, facts.target].contains(table)
            && names.contains { facts.dialect.sameName($0, name) } && member(name, of: table) == nil
    }

    struct Member: Hashable {
        var isNew: Bool
        var place: Int
    }
}

extension ShapeText {
    /// Follows what a statement does to the names.
    mutating func follow(_ effect: Effect) {
        switch effect {
        case .addColumn(let place, _, _):
            guard place.table == facts.target else { return }
            let index = facts.news.firstIndex { facts.dialect.sameName($0.physicalName, place.column) }
            if let index { news[index] = place.column }
        case .dropColumn(let place): rename(place, to: nil)
        case .renameColumn(let place, let name): rename(place, to: name)
        case .setNotNull, .setFallback, .createTable, .dropTable, .renameTable, .createView, .dropView,
            .createType, .dropType, .demand, .release, .renameObject, .validate, .createTrigger,
            .dropTrigger:
            break
        }
    }

    private mutating func rename(_ place: Effect.Place, to name: String?) {
        guard let member = member(place.column, of: place.table) else { return }
        if member.isNew { news[member.place] = name } else { olds[member.place] = name }
    }

    /// The words of a clause with the places of columns instead of their names.
    private func words(_ content: SQLiteDefinition.Content, of table: TableName) -> [String] {
        switch content {
        case .foreignKey(let reference):
            // The columns that it points at are another table's, or not those of the row.
            reference.columns.map { word($0, of: table) } + ["REFERENCES", reference.table.asciiFolded]
                + reference.targets.map(\.asciiFolded) + reference.attributes
        case .check, .primaryKey, .unique, .notNull, .null, .defaultValue, .collation, .generated:
            TokenCursor(content.sql, .sqlite).rest.map { token in
                token.name.map { word($0, of: table) } ?? token.text
            }
        }
    }

    private func word(_ name: String, of table: TableName) -> String {
        guard let member = member(name, of: table) else { return name.asciiFolded }
        return "\(member.isNew ? "new" : "old") column \(member.place)"
    }
}
