import DoubleWrite
import MigrationCore

/// Columns that triggers keep in step, for releases of either shape that know nothing of the change.
extension LifeCycle {
    static func synchronised(_ dialect: Dialect) -> [LifeCycle] {
        [
            renameColumn(dialect, sync: .trigger).written(
                old: { ["name": "'n'", "kind": "'s\($0)'"] }, new: { ["name": "'n'", "species": "'s\($0)'"] }),
            changeType(dialect, sync: .trigger).written(
                old: { ["age": "'\($0)'"] }, new: { ["age": "'\($0)'"] }),
            changeColumn(dialect, sync: .trigger).written(
                old: { ["kilos": "\($0)"] }, new: { ["grams": "\($0 * 1000)"] }),
            splitColumn(dialect, sync: .trigger).written(
                old: { ["name": "'g\($0) f\($0)'"] }, new: { ["given": "'g\($0)'", "family": "'f\($0)'"] }),
            mergeColumns(dialect, sync: .trigger).written(
                old: { ["given": "'g\($0)'", "family": "'f\($0)'"] }, new: { ["name": "'g\($0) f\($0)'"] }),
        ]
    }

    /// The same with `sync: trigger`, written in plain SQL: by a release of the old shape and by one of the new in turn, and
    /// where the database does not have the one, in the other.
    private func written(
        old: @escaping @Sendable (Int) -> KeyValuePairs<String, String>,
        new: @escaping @Sendable (Int) -> KeyValuePairs<String, String>
    ) -> LifeCycle {
        var cycle = self
        cycle.name += " by triggers"
        cycle.isAnnounced = false
        cycle.conduct = nil
        cycle.write = { number, client in
            let shapes = number.isMultiple(of: 2) ? [old, new] : [new, old]
            // Each row is inserted by one and updated by the other.
            let inserts = shapes.map { shape in
                let values = shape(number - 1)
                return "INSERT INTO animals (id, \(values.map(\.key).joined(separator: ", "))) "
                    + "VALUES (\(number), \(values.map(\.value).joined(separator: ", ")))"
            }
            let updates = shapes.reversed().map { shape in
                "UPDATE animals SET \(shape(number).map { "\($0.key) = \($0.value)" }.joined(separator: ", ")) "
                    + "WHERE id = \(number)"
            }
            try client.run(anyOf: inserts)
            try client.run(anyOf: updates)
        }
        return cycle
    }
}
