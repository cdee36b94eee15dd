import DoubleWrite

// What is refused because it would not survive.
extension ShapeScene {
    /// Every way to write a value that does not survive, each with the values that are written.
    private func forbiddenRequests() -> [Request] {
        var requests: [Request] = []
        for values in shape.refused {
            let row = ["id": SQLValue.integer(70)].merging(values) { $1 }
            let good = ["id": SQLValue.integer(71)].merging(shape.values[0]) { $1 }
            let last = ["id": SQLValue.integer(72)].merging(shape.values[1]) { $1 }
            requests += [
                .insert(into: table, rows: [row]), .insert(into: table, rows: [good, row, last]),
                .update(table, set: values, where: table["id"] == 1, returning: shape.columns),
                .update(table, set: values, where: nil),
                .upsert(into: table, rows: [row], conflict: ["id"], update: shape.columns),
                .upsert(
                    into: table, rows: [good, ["id": 1].merging(values) { $1 }], conflict: ["id"],
                    update: shape.columns),
            ]
        }
        return requests
    }

    /// What is wrong with how values that do not survive are refused, or are not.
    ///
    /// - Parameter isInTransaction: Whether each is tried in a transaction of its own.
    package func refusalDifferences(isInTransaction: Bool) throws -> [String] {
        var found: [String] = []
        let before = try rows()
        for (number, request) in forbiddenRequests().enumerated() {
            if isInTransaction { try database.application(database.begin) }
            do throws(DoubleWriteError) {
                _ = try database.helper.run(request)
                found.append("request \(number) was carried out")
            } catch {
                if error.reason != .doesNotSurvive([change.id]) {
                    found.append("request \(number): \(error.reason)")
                }
                let words = "\(error)"
                if error.isRetryable || !words.contains("\(table.name)") || !words.contains("\(change)") {
                    found.append("request \(number): \(words)")
                }
                if words.contains("Anna") || words.contains("Smith") {
                    found.append("a value is told: \(words)")
                }
            }
            if isInTransaction { try database.application("ROLLBACK") }
            if try rows() != before { found.append("request \(number) left something behind") }
        }
        return found + (try harmlessDifferences())
    }

    /// What does not write such a value is not refused, whatever it says.
    private func harmlessDifferences() throws -> [String] {
        var found: [String] = []
        for values in shape.refused {
            let harmless: [Request] = [
                .update(table, set: values, where: table["id"] == 999),
                .count(in: table, where: table[shape.columns[0]] == (values[shape.columns[0]] ?? nil)),
            ]
            for request in harmless where try database.helper.run(request).affectedRows > 1 {
                found.append("\(values) was found")
            }
        }
        return found
    }

    private func rows() throws -> [[SQLValue]] {
        try database.engine("SELECT * FROM \(name) ORDER BY id").rows
    }
}
