/// One change in flight, as an application declares it: it speaks the new shape, and knows the old one's names.
public struct DeclaredChange: Sendable, Hashable {
    /// The change's name; the migration that makes it has the same.
    public let id: ChangeID

    /// The column of the old shape.
    public let oldColumn: String

    /// The column of the new shape, by which the application calls the value.
    public let newColumn: String
}

extension DeclaredChange: CustomStringConvertible {
    /// The change as a person writes it: `'animals.species' (column 'kind' becomes 'species')`.
    public var description: String { "'\(id)' (column '\(oldColumn)' becomes '\(newColumn)')" }
}

extension TableDeclaration {
    /// A change as it is written in a table's declaration, before the table gives it a name.
    public struct Change: Sendable, Hashable {
        var id: ChangeID?
        var oldColumn: String
        var newColumn: String

        /// The column `from` becomes `to`, whether by a copy or in place: the helper tolerates both.
        ///
        /// - Parameter id: The change's name, where the migration gives it one; otherwise `table.to`.
        public static func renameColumn(from: String, to: String, id: ChangeID? = nil) -> Change {
            Change(id: id, oldColumn: from, newColumn: to)
        }
    }
}
